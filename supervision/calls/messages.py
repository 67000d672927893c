"""A call's record as an office tells it to headquarters, and as headquarters takes it in."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from supervision.calls import rules
from supervision.calls.models import Call
from supervision.calls.record import add_events, set_record
from supervision.calls.rules import Disposition, Event, EventKind, Party, SegmentKind, Stretch, Witness
from supervision.errors import InvalidInput
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.moments import Moment, Receipt
from supervision.offices.models import Line

MOST_SEGMENTS = 1000
MOST_EVENTS = 10_000  # a desk that rings for twelve hours, each five seconds
MOST_EVENTS_OF_CALL = 20_000  # of all its facts: each fact has all of them read


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToldEvent(_Told):
    """One event of a call, as one witness saw it."""

    kind: EventKind
    at: Moment
    channel: str = Field(max_length=80)
    desk: str | None = Field(max_length=16)
    party: Party | None
    detail: str = Field(max_length=200)
    sequence: int = Field(default=0, ge=0, lt=2**63)


class ToldSegment(_Told):
    """One segment of a call."""

    kind: SegmentKind
    desk: str = Field(max_length=16)
    started_at: Moment
    ended_at: Moment | None


class CallFact(_Told):
    """A whole call record with the `witness` that it rests on, and the events that are new.

    `told_by` is who saw these; they may be other than the record rests on.
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
    told_by: Witness
    segments: tuple[ToldSegment, ...] = Field(max_length=MOST_SEGMENTS)
    events: tuple[ToldEvent, ...] = Field(max_length=MOST_EVENTS)


_OF_CALL = CallFact.model_fields.keys() - {"told_by", "segments", "events"}


def call_fact(call: Call, told_by: Witness, events: Iterable[Event]) -> dict[str, Any]:
    """What is told of a call: its record as it stands now, and what a witness has just told of it."""
    told = CallFact(
        told_by=told_by,
        **{name: getattr(call, name) for name in _OF_CALL},
        segments=tuple(
            ToldSegment(kind=one.kind, desk=one.desk or "", started_at=one.started_at, ended_at=one.ended_at)
            for one in call.segments
        ),
        events=tuple(ToldEvent(**vars(event)) for event in events),
    )
    return told.model_dump(mode="json")


def apply_call(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Write down a call that an office told of, as it told it last. Told twice, it is written once.

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
    told, _ = add_events(session, call, fact.told_by, events, MOST_EVENTS_OF_CALL)
    if fact.events and sum(map(len, told.values())) >= MOST_EVENTS_OF_CALL:
        note_many_events(session, office_code, call.id, receipt.at)
    set_record(session, call, fact.witness, _still_answered(call, _known(call, _record(fact), times)))
    if times.replaced:
        note_impossible(session, office_code, call.id, times)


def _known(call: Call, record: rules.Record, times: Receipt) -> rules.Record:
    """The record, with what is known already in place of the time of receipt: it does not move with each fact."""

    def known(name: str) -> Any:
        told = getattr(record, name)
        return getattr(call, name) or told if name in times.replaced and told == times.at else told

    return replace(
        record,
        offered_at=known("offered_at"),
        first_rang_at=known("first_rang_at"),
        answered_at=known("answered_at"),
        ended_at=known("ended_at"),
    )


def note_many_events(session: Session, office_code: str, call_id: uuid.UUID, at: datetime) -> None:
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
    """A call that was ever told to be answered stays so (draw.md, 2); a draw keeps who answered as told first."""
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
