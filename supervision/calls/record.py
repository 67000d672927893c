"""A call's row brought to its record, and the events that it was worked out from."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls import rules
from supervision.calls.models import Call, CallEvent, Segment
from supervision.calls.rules import Event, Witness
from supervision.clock import now, to_milliseconds

_OF_CALL = (
    "offered_at",
    "first_rang_at",
    "answered_at",
    "ended_at",
    "answered_desk",
    "rings",
    "disposition",
    "hung_up_by",
    "interrupted",
)


EventsByWitness = dict[Witness, list[Event]]


def add_events(
    session: Session, call: Call, witness: Witness, events: Iterable[Event], most: int | None = None
) -> tuple[EventsByWitness, list[Event]]:
    """Add what a witness saw; an event that comes twice is kept once, as it came first.

    `most`: so many events of the call are kept, and no more. Returned: all events of the call's witnesses, each
    for himself, and what of it is new.
    """
    stored = _stored_events(session, call.id)
    kept = {_key(event) for event in stored.get(witness, ())}
    new: list[Event] = []
    held = sum(map(len, stored.values()))
    for event in events:
        if most is not None and held + len(new) >= most:
            break
        moment = Event(
            event.kind,
            to_milliseconds(event.at),
            event.channel[:80],
            event.desk,
            event.party,
            event.detail[:200],
            event.sequence,
        )
        if _key(moment) in kept:
            continue
        kept.add(_key(moment))
        new.append(moment)
        session.add(CallEvent(call_id=call.id, witness=witness, **vars(moment)))
    stored.setdefault(witness, []).extend(new)
    return stored, new


def _key(event: Event) -> tuple[str, Any, str]:
    return (event.kind, event.at, event.channel)


def _stored_events(session: Session, call_id: uuid.UUID) -> EventsByWitness:
    stored: EventsByWitness = {}
    for row in session.scalars(select(CallEvent).where(CallEvent.call_id == call_id)):
        event = Event(row.kind, row.at, row.channel, row.desk, row.party, row.detail, row.sequence)
        stored.setdefault(row.witness, []).append(event)
    return stored


def set_record(session: Session, call: Call, witness: Witness, record: rules.Record) -> bool:
    """Bring a call's row and its segments to a record, and to the witness that it rests on; whether it changed.

    The beginning of a call that was answered stays as it was sent first, on both sides: its audio is found by it.
    """
    before = _recorded(call)
    call.witness = witness
    begins_anew = record.offered_at is not None and call.answered_at is None
    for name in _OF_CALL:
        if name != "offered_at" or begins_anew:
            setattr(call, name, getattr(record, name))
    call.end_known_at = (call.end_known_at or now()) if record.ended_at else None
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
    return _recorded(call) != before


def _recorded(call: Call) -> tuple[object, ...]:
    segments = [(one.n, one.kind, one.desk, one.started_at, one.ended_at) for one in call.segments]
    return (call.witness, segments, *(getattr(call, name) for name in _OF_CALL))
