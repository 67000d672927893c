"""The calls that go on at this moment, as the live page shows them: who talks, rings or waits, and how long."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from supervision.actor import Scope
from supervision.calls.caller_rules import mask_number
from supervision.calls.models import Call, CallEvent
from supervision.calls.progress_rules import (
    NO_LONGER_RINGS,
    Progress,
    is_put_back,
    progress,
    ringing_desks,
    talking_desk,
)
from supervision.calls.queries import CallFilter, CallRow, matching, office_names, officers_of, rows_by_id
from supervision.calls.rules import Event, EventKind, LineRules, count_rings, in_order
from supervision.offices.models import Desk, DeskAssignment
from supervision.people.models import Account

LIVE_LIMIT = 500
IN_PROGRESS_LIMIT = 50
MOST_EVENTS = 5_000  # of the calls in progress of one office: each look reads them all
_OF_DESKS = NO_LONGER_RINGS | {EventKind.DESK_RANG, EventKind.PUT_BACK}

Desks = dict[tuple[str, str], str]


@dataclass(frozen=True)
class LiveCall:
    """One call in progress; the caller's number only masked.

    `people` are whoever talks, or whose desks ring: officers by name, a desk where nobody is known to sit.
    `rings` are those that the caller has heard until now, or until a person answered. `answered_at` is None while
    a caller whose desk died waits for the next one, and is the first answer after that.
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
    calls = _going_on(session, scope, limit)
    codes = {call.office_code for call in calls}
    names = office_names(session, codes)
    officers = officers_of(session, [call.id for call in calls if call.answered_at is not None])
    happened = _events(session, calls)
    back = {call_id for call_id, events in happened.items() if is_put_back(events)}
    desks = _desks(session, codes, at) if calls else {}
    return [
        LiveCall(
            id=call.id,
            office_code=call.office_code,
            office_name=names.get(call.office_code, call.office_code),
            line_name=call.line.name,
            masked_number=mask_number(call.caller_number),
            progress=_progress(call, happened.get(call.id, ()), put_back=call.id in back),
            people=_people(call, officers.get(call.id), happened.get(call.id, ()), desks),
            rings=_rings(call, at),
            offered_at=call.offered_at,
            answered_at=None if call.id in back else call.answered_at,
        )
        for call in calls
    ]


def calls_in_progress(session: Session, scope: Scope, limit: int = IN_PROGRESS_LIMIT) -> list[CallRow]:
    """The same as rows of the list of calls, at most `limit`."""
    calls = [call.id for call in _going_on(session, scope, limit)]
    rows = rows_by_id(session, scope, calls)
    return [rows[one] for one in calls]


def _going_on(session: Session, scope: Scope, limit: int) -> list[Call]:
    """The calls in progress, those that came first; of more than the limit some of each office, so that none that
    reports calls without end hides another's.
    """
    query = matching(session, select(Call), scope, CallFilter(in_progress=True)).options(joinedload(Call.line))
    query = query.order_by(Call.offered_at, Call.id)
    found = session.scalars(query.limit(limit + 1)).all()
    if len(found) <= limit:
        return list(found)
    codes = office_names(session)
    some = max(1, limit // max(1, len(codes)))
    shared = [one for code in codes for one in session.scalars(query.where(Call.office_code == code).limit(some))]
    known = {one.id for one in shared}
    chosen = [*shared, *(one for one in found if one.id not in known)][:limit]
    return sorted(chosen, key=lambda one: (one.offered_at, one.id))


def _progress(call: Call, happened: Sequence[Event], *, put_back: bool) -> Progress:
    if put_back:
        return Progress.RINGING if ringing_desks(happened) else Progress.WAITING
    return progress(call.first_rang_at, call.answered_at)


def _people(call: Call, officer: str | None, happened: Sequence[Event], desks: Desks) -> tuple[str, ...]:
    if call.answered_at is None or is_put_back(happened):
        there = [desks.get((call.office_code, desk), desk) for desk in ringing_desks(happened)]
        return tuple(dict.fromkeys(there))
    desk = talking_desk(happened) or call.answered_desk or ""
    first = officer if desk == call.answered_desk else None
    found = first or desks.get((call.office_code, desk), desk)
    return (found,) if found else ()


def _rings(call: Call, at: datetime) -> int:
    if call.first_rang_at is None:
        return call.rings_before_us
    if call.answered_at is not None:
        return call.rings_before_us + call.rings
    rang = count_rings(at - call.first_rang_at, call.line.ring_s, LineRules().last_ring)
    return call.rings_before_us + rang


def _events(session: Session, calls: Sequence[Call]) -> dict[uuid.UUID, list[Event]]:
    """What the desks did in each of these calls; nothing of an office's that reports too much."""
    rows = _some_events(session, [call.id for call in calls])
    if rows is None:
        by_office: dict[str, list[uuid.UUID]] = {}
        for call in calls:
            by_office.setdefault(call.office_code, []).append(call.id)
        rows = [row for ids in by_office.values() for row in _some_events(session, ids) or ()]
    found: dict[uuid.UUID, list[Event]] = {}
    for event in in_order(rows):
        found.setdefault(event.call_id, []).append(Event(event.kind, event.at, desk=event.desk))
    return found


def _some_events(session: Session, call_ids: Sequence[uuid.UUID]) -> list[CallEvent] | None:
    """What the desks did in these calls; None where it is too much to be looked at."""
    happened = select(CallEvent).where(CallEvent.call_id.in_(call_ids), CallEvent.kind.in_(_OF_DESKS))
    rows = session.scalars(happened.limit(MOST_EVENTS + 1)).all() if call_ids else ()
    return list(rows) if len(rows) <= MOST_EVENTS else None


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
