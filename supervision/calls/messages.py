"""What an office sends of a call, and how headquarters applies it: the record, and Asterisk's own switch record.

A switch record stands for itself: a call that only Asterisk knows of is what the reconciler looks for.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls import rules
from supervision.calls.models import Call, SwitchRecordRow, SwitchRecordSource
from supervision.calls.record import add_events, set_record
from supervision.calls.rules import Disposition, Event, EventKind, Party, SegmentKind, Stretch, Witness
from supervision.clock import to_milliseconds
from supervision.database import in_chunks
from supervision.errors import InvalidInput
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.offices.models import Line
from supervision.received_times import Moment, Receipt

MOST_SEGMENTS = 1000
MOST_EVENTS = 10_000  # a desk that rings for twelve hours, each five seconds
MOST_EVENTS_OF_CALL = 20_000  # of all its facts: each fact has all of them read


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SentEvent(_Sent):
    """One event of a call, as one witness saw it."""

    kind: EventKind
    at: Moment
    channel: str = Field(max_length=80)
    desk: str | None = Field(max_length=16)
    party: Party | None
    detail: str = Field(max_length=200)
    sequence: int = Field(default=0, ge=0, lt=2**63)


class SentSegment(_Sent):
    """One segment of a call."""

    kind: SegmentKind
    desk: str = Field(max_length=16)
    started_at: Moment
    ended_at: Moment | None


class CallFact(_Sent):
    """A whole call record with the `witness` that it rests on, and the events that are new.

    `seen_by` is who saw these; they may be other than the record rests on.
    """

    id: uuid.UUID
    line_key: str = Field(max_length=32)
    uniqueid: str = Field(max_length=64)
    caller_number: str = Field(max_length=64)
    caller_name: str = Field(max_length=128)
    offered_at: Moment
    first_rang_at: Moment | None
    answered_at: Moment | None
    ended_at: Moment | None
    answered_desk: str | None = Field(max_length=16)
    rings: int = Field(ge=0, le=1000)
    rings_before_us: int = Field(ge=0, le=100)
    disposition: Disposition | None
    hung_up_by: Party | None
    interrupted: bool
    witness: Witness
    seen_by: Witness
    segments: tuple[SentSegment, ...] = Field(max_length=MOST_SEGMENTS)
    events: tuple[SentEvent, ...] = Field(max_length=MOST_EVENTS)


_OF_CALL = CallFact.model_fields.keys() - {"seen_by", "segments", "events"}


def call_fact(call: Call, seen_by: Witness, events: Iterable[Event]) -> dict[str, Any]:
    """What is sent of a call: its record as it stands now, and what a witness has just added."""
    fact = CallFact(
        seen_by=seen_by,
        **{name: getattr(call, name) for name in _OF_CALL},
        segments=tuple(
            SentSegment(kind=one.kind, desk=one.desk or "", started_at=one.started_at, ended_at=one.ended_at)
            for one in call.segments
        ),
        events=tuple(SentEvent(**vars(event)) for event in events),
    )
    return fact.model_dump(mode="json")


def apply_call(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Apply a call that an office sent, as it sent it last. Received twice, it is written once.

    Raises InvalidInput (pydantic's ValidationError is one level above) for a call or line of another office, and
    for a call that nobody answered with a time that cannot be. An answered one is taken with the time of receipt,
    or with what is known of it already, and an incident.
    """
    times = Receipt(receipt.at, receipt.said_at, replaces=True)
    fact = CallFact.model_validate(body, context=times)
    line = session.get(Line, fact.line_key)
    if line is None or line.office_code != office_code:
        raise InvalidInput("line_key", f"{fact.line_key} is no line of office {office_code}")
    call = session.get(Call, fact.id, with_for_update=True)
    if call is not None and call.office_code != office_code:
        raise InvalidInput("id", "this call is another office's")
    if times.replaced and fact.answered_at is None and (call is None or call.answered_at is None):
        raise InvalidInput(times.replaced[0], "a time that cannot be", "2020 to a day after its receipt")
    if call is None:
        call = Call(id=fact.id, office_code=office_code, witness=fact.witness, offered_at=fact.offered_at)
        session.add(call)
    for name in ("line_key", "uniqueid", "caller_number", "caller_name", "rings_before_us", "witness"):
        setattr(call, name, getattr(fact, name))
    session.flush()
    events = (Event(**dict(event)) for event in fact.events)
    stored, _ = add_events(session, call, fact.seen_by, events, MOST_EVENTS_OF_CALL)
    if fact.events and sum(map(len, stored.values())) >= MOST_EVENTS_OF_CALL:
        _note_many_events(session, office_code, call.id, receipt.at)
    set_record(session, call, fact.witness, _still_answered(call, _known(call, _record(fact), times)))
    if times.replaced:
        note_impossible(session, office_code, call.id, times)


def _known(call: Call, record: rules.Record, times: Receipt) -> rules.Record:
    """The record, with what is known already in place of the time of receipt: it does not move with each fact."""

    def known(name: str) -> Any:
        sent = getattr(record, name)
        return getattr(call, name) or sent if name in times.replaced and sent == times.at else sent

    return replace(
        record,
        offered_at=known("offered_at"),
        first_rang_at=known("first_rang_at"),
        answered_at=known("answered_at"),
        ended_at=known("ended_at"),
    )


def _note_many_events(session: Session, office_code: str, call_id: uuid.UUID, at: datetime) -> None:
    """Write down that a call has as many events as are kept of one; its record is taken all the same."""
    open_incident(
        session,
        office_code=office_code,
        cause=Cause.EVENT_REFUSED,
        subject=str(call_id),
        at=at,
        call_id=call_id,
        detail={"most_events": MOST_EVENTS_OF_CALL},
    )


def note_impossible(session: Session, office_code: str, call_id: uuid.UUID, times: Receipt) -> None:
    """Write down that something of a call came with times that cannot be, for which that of receipt stands."""
    open_incident(
        session,
        office_code=office_code,
        cause=Cause.TIME_IMPOSSIBLE,
        subject=str(call_id),
        at=times.at,
        call_id=call_id,
        detail={"times": sorted(set(times.replaced)), "received_at": times.at.isoformat()},
    )


def _still_answered(call: Call, record: rules.Record) -> rules.Record:
    """A call that was ever sent as answered stays so (draw.md, 2); a draw keeps who answered as sent first."""
    if call.answered_at is None or record.answered_at is not None:
        return record
    return replace(
        record,
        answered_at=call.answered_at,
        answered_desk=call.answered_desk,
        disposition=call.disposition,
    )


def _record(fact: CallFact) -> rules.Record:
    return rules.Record(
        offered_at=fact.offered_at,
        first_rang_at=fact.first_rang_at,
        answered_at=fact.answered_at,
        ended_at=fact.ended_at,
        answered_desk=fact.answered_desk,
        rings=fact.rings,
        disposition=fact.disposition,
        hung_up_by=fact.hung_up_by,
        interrupted=fact.interrupted,
        segments=tuple(Stretch(one.kind, one.desk, one.started_at, one.ended_at) for one in fact.segments),
    )


@dataclass(frozen=True)
class SwitchRecord:
    """What Asterisk's own log says of one call. `muted_ms`: for how long its MixMonitor was muted by order.

    `caller_packets` and `desk_packets`: how many packets of audio came from each side; None if nobody counted.
    From `disposition` on: what the log comes to by itself, where it tells of the end.
    """

    call_id: uuid.UUID
    linkedid: str
    offered_at: datetime
    line_answered_at: datetime | None
    ended_at: datetime | None
    mixmonitor_started: bool
    source: SwitchRecordSource
    muted_ms: int = 0
    caller_packets: int | None = None
    desk_packets: int | None = None
    disposition: Disposition | None = None
    answered_desk: str | None = None
    hung_up_by: Party | None = None
    rings_least: int | None = None
    rings_most: int | None = None


class SwitchRecordFact(_Sent):
    """A switch record on its way."""

    call_id: uuid.UUID
    linkedid: str = Field(max_length=64)
    offered_at: Moment
    line_answered_at: Moment | None
    ended_at: Moment | None
    mixmonitor_started: bool
    source: SwitchRecordSource
    muted_ms: int = Field(default=0, ge=0, le=2**31 - 1)
    disposition: Disposition | None = None
    answered_desk: str | None = Field(default=None, max_length=16)
    hung_up_by: Party | None = None
    rings_least: int | None = Field(default=None, ge=0, le=1000)
    rings_most: int | None = Field(default=None, ge=0, le=1000)
    caller_packets: int | None = Field(default=None, ge=0, le=2**63 - 1)
    desk_packets: int | None = Field(default=None, ge=0, le=2**63 - 1)


def with_switch_record(session: Session, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Of which of these calls a switch record is known."""
    known: set[uuid.UUID] = set()
    for some in in_chunks(call_ids):
        query = select(SwitchRecordRow.call_id).where(SwitchRecordRow.call_id.in_(some))
        known.update(session.scalars(query))
    return known


def send_switch_record(session: Session, office_code: str, switch_record: SwitchRecord) -> None:
    """Keep a switch record, and send it to headquarters if it says more than the one before."""
    fact = SwitchRecordFact(**vars(switch_record))
    if _write_switch_record(session, office_code, fact):
        send_fact(session, office_code, FactKind.SWITCH_RECORD, fact.model_dump(mode="json"))


def apply_switch_record(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Apply a switch record that an office sent. Received twice, it is written once; CEL stands before CDR.

    Raises InvalidInput for a call of which another office gave a record or a switch record, ValueError for a
    time that cannot be.
    """
    _write_switch_record(session, office_code, SwitchRecordFact.model_validate(body, context=receipt))


def _write_switch_record(session: Session, office_code: str, fact: SwitchRecordFact) -> bool:
    """Whether it says anything that was not written down already."""
    row = session.get(SwitchRecordRow, fact.call_id, with_for_update=True)
    call = session.get(Call, fact.call_id) if row is None else None
    if call is not None and call.office_code != office_code:
        raise InvalidInput("call_id", "this call is another office's")
    if row is None:
        row = SwitchRecordRow(call_id=fact.call_id, office_code=office_code)
        session.add(row)
    elif row.office_code != office_code:
        raise InvalidInput("call_id", "this call is another office's")
    elif row.source is SwitchRecordSource.CEL and fact.source is SwitchRecordSource.CDR:
        return False
    changed = [name for name, value in fact if getattr(row, name) != _kept(value)]
    for name in changed:
        setattr(row, name, _kept(getattr(fact, name)))
    session.flush()
    return bool(changed)


def _kept(value: Any) -> Any:
    """A value as the store keeps it."""
    return to_milliseconds(value) if isinstance(value, datetime) else value
