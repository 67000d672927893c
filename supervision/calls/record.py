"""A call's row brought to its record, and the events that it was worked out from."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls import rules
from supervision.calls.models import Call, CallEvent, Segment
from supervision.calls.rules import Event, Witness
from supervision.clock import now, to_milliseconds


def add_events(
    session: Session, call: Call, witness: Witness, events: Iterable[Event]
) -> tuple[list[Event], list[Event]]:
    """Add what a witness saw; an event told twice is kept once. All that he saw, and what of it is new."""
    kept = {_key(event): event for event in _events_of(session, call.id, witness)}
    new = []
    for event in events:
        moment = Event(
            event.kind, to_milliseconds(event.at), event.channel[:80], event.desk, event.party, event.detail[:200]
        )
        if _key(moment) in kept:
            continue
        kept[_key(moment)] = moment
        new.append(moment)
        session.add(CallEvent(call_id=call.id, witness=witness, **vars(moment)))
    return list(kept.values()), new


def _key(event: Event) -> tuple[str, datetime, str]:
    return (event.kind, event.at, event.channel)


def _events_of(session: Session, call_id: uuid.UUID, witness: Witness) -> list[Event]:
    rows = session.scalars(select(CallEvent).where(CallEvent.call_id == call_id, CallEvent.witness == witness))
    return [Event(row.kind, row.at, row.channel, row.desk, row.party, row.detail) for row in rows]


def set_record(session: Session, call: Call, record: rules.Record) -> None:
    """Bring a call's row and its segments to a record."""
    call.offered_at = record.offered_at or call.offered_at
    call.first_rang_at = record.first_rang_at
    call.answered_at = record.answered_at
    call.ended_at = record.ended_at
    call.end_known_at = (call.end_known_at or now()) if record.ended_at else None
    call.answered_desk = record.answered_desk
    call.rings = record.rings
    call.disposition = record.disposition
    call.hung_up_by = record.hung_up_by
    call.interrupted = record.interrupted
    known = {segment.n: segment for segment in call.segments}
    for n, stretch in enumerate(record.segments, start=1):
        segment = known.get(n)
        if segment is None:
            segment = Segment(n=n)
            call.segments.append(segment)
        segment.kind, segment.desk = stretch.kind, stretch.desk
        segment.started_at, segment.ended_at = stretch.started_at, stretch.ended_at
    for n, segment in known.items():
        if n > len(record.segments):
            call.segments.remove(segment)
    session.flush()
