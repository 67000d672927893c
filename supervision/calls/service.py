"""Writing calls down: facts go in, the record follows from the rules."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.calls import rules
from supervision.calls.models import Call, CallEvent, Segment
from supervision.calls.rules import Event, EventKind, LineRules, Witness
from supervision.clock import to_milliseconds
from supervision.offices.description import LineDescription, OfficeDescription
from supervision.offices.models import Line

NUMBER_LONGEST = 64
NAME_LONGEST = 128


@dataclass(frozen=True)
class Offered:
    """A call as it was offered: its id from the dialplan, the line, and what came over it as caller ID."""

    call_id: uuid.UUID
    line_key: str
    uniqueid: str
    at: datetime
    caller_number: str = ""
    caller_name: str = ""


@dataclass(frozen=True)
class LineOfOffice:
    """The settings of a line that its calls' records need; the store's lines with the rules of office.yaml."""

    office_code: str
    rings_before_us: int
    rules: LineRules


def line_of(office_code: str, line: LineDescription) -> LineOfOffice:
    """The settings of a line of the office description."""
    return LineOfOffice(
        office_code,
        line.rings_before_us,
        LineRules(ring_s=line.ring_s, last_ring=line.last_ring, leader_desks=frozenset({line.leader})),
    )


def known_lines(session: Session, description: OfficeDescription) -> dict[str, LineOfOffice]:
    """The lines of an office by key: as described, and those that are gone, for the calls that rest on them."""
    code = description.office.code
    kept = session.scalars(select(Line).where(Line.office_code == code))
    gone = {row.key: LineOfOffice(code, row.rings_before_us, LineRules(ring_s=row.ring_s)) for row in kept}
    return gone | {line.key: line_of(code, line) for line in description.lines}


def offer_call(session: Session, offered: Offered, line: LineOfOffice, witness: Witness) -> Call:
    """Write a call's beginning. Told twice, it is written once."""
    call = session.get(Call, offered.call_id, with_for_update=True)
    if call is None:
        call = Call(
            id=offered.call_id,
            office_code=line.office_code,
            line_key=offered.line_key,
            uniqueid=offered.uniqueid,
            caller_number=rules.clean_caller(offered.caller_number, NUMBER_LONGEST),
            caller_name=rules.clean_caller(offered.caller_name, NAME_LONGEST),
            offered_at=offered.at,
            rings_before_us=line.rings_before_us,
            witness=witness,
        )
        session.add(call)
        session.flush()
    note_events(session, call, line, witness, [Event(EventKind.OFFERED, offered.at, channel=offered.uniqueid)])
    return call


def note_events(
    session: Session, call: Call, line: LineOfOffice, witness: Witness, events: Iterable[Event]
) -> rules.Record:
    """Add what a witness saw and work the record out again. An event told twice is kept once."""
    kept = {_key(event): event for event in _events_of(session, call.id, witness)}
    for event in events:
        moment = rules.Event(
            event.kind, to_milliseconds(event.at), event.channel[:80], event.desk, event.party, event.detail[:200]
        )
        if _key(moment) in kept:
            continue
        kept[_key(moment)] = moment
        session.add(
            CallEvent(
                call_id=call.id,
                witness=witness,
                at=moment.at,
                kind=moment.kind,
                channel=moment.channel,
                desk=moment.desk,
                party=moment.party,
                detail=moment.detail,
            )
        )
    call.witness = witness
    record = rules.build_record(kept.values(), line.rules)
    _apply(session, call, record)
    return record


def last_event_at(session: Session, call_id: uuid.UUID) -> datetime | None:
    """When the last thing that is known of a call happened."""
    return session.scalar(select(func.max(CallEvent.at)).where(CallEvent.call_id == call_id))


def open_calls(session: Session, office_code: str) -> list[Call]:
    """Calls that have not ended as far as the store knows."""
    return list(session.scalars(select(Call).where(Call.office_code == office_code, Call.ended_at.is_(None))))


def known_calls(session: Session, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these calls are in the store."""
    wanted = list(call_ids)
    known: set[uuid.UUID] = set()
    for start in range(0, len(wanted), 500):
        known.update(session.scalars(select(Call.id).where(Call.id.in_(wanted[start : start + 500]))))
    return known


def _key(event: Event) -> tuple[str, datetime, str]:
    return (event.kind, event.at, event.channel)


def _events_of(session: Session, call_id: uuid.UUID, witness: Witness) -> list[Event]:
    rows = session.scalars(select(CallEvent).where(CallEvent.call_id == call_id, CallEvent.witness == witness))
    return [Event(row.kind, row.at, row.channel, row.desk, row.party, row.detail) for row in rows]


def _apply(session: Session, call: Call, record: rules.Record) -> None:
    call.offered_at = record.offered_at or call.offered_at
    call.first_rang_at = record.first_rang_at
    call.answered_at = record.answered_at
    call.ended_at = record.ended_at
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
