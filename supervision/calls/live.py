"""The calls that go on at this moment, as the live page shows them: who talks, rings or waits, and how long."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from supervision.calls.models import Call, CallEvent
from supervision.calls.queries import CallFilter, matching, office_names, officers_of
from supervision.calls.rules import (
    NO_LONGER_RINGS,
    Event,
    EventKind,
    LineRules,
    Progress,
    count_rings,
    in_order,
    mask_number,
    progress,
    ringing_desks,
)
from supervision.offices.models import Desk, DeskAssignment
from supervision.people.models import Account
from supervision.people.rules import Scope

LIVE_LIMIT = 500
_OF_RINGING = (EventKind.DESK_RANG, *NO_LONGER_RINGS)

Desks = dict[tuple[str, str], str]


@dataclass(frozen=True)
class LiveCall:
    """One call in progress; the caller's number only masked.

    `people` are whoever talks, or whose desks ring: officers by name, a desk where nobody is known to sit.
    `rings` are those that the caller has heard until now, or until a person answered.
    """

    id: uuid.UUID
    office_code: str
    office_name: str
    line_name: str
    masked_number: str
    progress: Progress
    people: tuple[str, ...]
    rings: int
    offered_at: datetime
    answered_at: datetime | None


def live_calls(session: Session, scope: Scope, at: datetime, limit: int = LIVE_LIMIT) -> list[LiveCall]:
    """The calls in progress at a moment, the one that came first at the top; at most `limit`."""
    query = matching(session, select(Call), scope, CallFilter(in_progress=True)).options(joinedload(Call.line))
    calls = session.scalars(query.order_by(Call.offered_at, Call.id).limit(limit)).all()
    codes = {call.office_code for call in calls}
    names = office_names(session, codes)
    officers = officers_of(session, [call.id for call in calls if call.answered_at is not None])
    ringing = _ringing(session, [call.id for call in calls if call.answered_at is None])
    desks = _desks(session, codes, at) if calls else {}
    return [
        LiveCall(
            id=call.id,
            office_code=call.office_code,
            office_name=names.get(call.office_code, call.office_code),
            line_name=call.line.name,
            masked_number=mask_number(call.caller_number),
            progress=progress(call.first_rang_at, call.answered_at),
            people=_people(call, officers.get(call.id), ringing.get(call.id, ()), desks),
            rings=_rings(call, at),
            offered_at=call.offered_at,
            answered_at=call.answered_at,
        )
        for call in calls
    ]


def _people(call: Call, officer: str | None, ringing: Sequence[str], desks: Desks) -> tuple[str, ...]:
    if call.answered_at is None:
        there = [desks.get((call.office_code, desk), desk) for desk in ringing]
        return tuple(dict.fromkeys(there))
    desk = call.answered_desk or ""
    found = officer or desks.get((call.office_code, desk), desk)
    return (found,) if found else ()


def _rings(call: Call, at: datetime) -> int:
    if call.first_rang_at is None:
        return call.rings_before_us
    if call.answered_at is not None:
        return call.rings_before_us + call.rings
    rang = count_rings(at - call.first_rang_at, call.line.ring_s, LineRules().last_ring)
    return call.rings_before_us + rang


def _ringing(session: Session, call_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Which desks ring for each of these calls."""
    found: dict[uuid.UUID, list[Event]] = {}
    if not call_ids:
        return {}
    happened = select(CallEvent).where(CallEvent.call_id.in_(call_ids), CallEvent.kind.in_(_OF_RINGING))
    for event in in_order(session.scalars(happened)):
        found.setdefault(event.call_id, []).append(Event(event.kind, event.at, desk=event.desk))
    return {call_id: ringing_desks(events) for call_id, events in found.items()}


def _desks(session: Session, codes: set[str], at: datetime) -> Desks:
    """Each desk's name, or whoever sits at it at this moment."""
    sits = (
        select(Desk.office_code, Desk.extension, Desk.name, Account.name.label("officer"))
        .outerjoin(
            DeskAssignment,
            (DeskAssignment.desk_id == Desk.id)
            & (DeskAssignment.since_at <= at)
            & or_(DeskAssignment.until_at.is_(None), DeskAssignment.until_at > at),
        )
        .outerjoin(Account, Account.id == DeskAssignment.account_id)
        .where(Desk.office_code.in_(codes))
        .order_by(DeskAssignment.since_at)
    )
    return {(row.office_code, row.extension): row.officer or row.name for row in session.execute(sits)}
