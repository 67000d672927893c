"""What an office arranges besides its weeks: working hours, the ways of its lines, leave, deputies.

Leave and deputies change how shifts that are in force are held, so the desks' assignments follow at once.
"""

import uuid
from collections.abc import Callable
from datetime import date, time, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.offices.models import Office
from supervision.people.models import Account
from supervision.rosters.models import LeaderDeputy, Leave, LineWays, OfficeHours
from supervision.rosters.queries import (
    get_office,
    hours_of,
    list_lines,
    roster_of,
    shifts_in_force,
)
from supervision.rosters.rules import Absence, Deputy, LinePolicy, Span, Way
from supervision.rosters.service import reseat
from supervision.texts import required_text

LONGEST = timedelta(days=366)


def set_hours(context: Context, office_code: str, morning: Span, afternoon: Span | None, *, version: int) -> None:
    """Say when the office works on a day that is worked. Version 0: nobody has said so before.

    Raises InvalidInput where a stretch ends before it begins, or the two overlap; Conflict, Refused.
    """
    session = context.session
    get_office(session, context.scope, office_code)
    spans = (morning,) if afternoon is None else (morning, afternoon)
    if any(one.starts >= one.ends for one in spans):
        raise InvalidInput("ends", "before_starts")
    if afternoon is not None and afternoon.starts < morning.ends:
        raise InvalidInput("afternoon_starts", "overlaps")
    row = session.get(OfficeHours, office_code, with_for_update=True)
    if (row.version if row else 0) != version:
        raise Conflict(f"hours of {office_code}")
    before = hours_of(session, office_code)
    if before == spans:
        raise Refused("roster_unchanged")
    row = row or OfficeHours(office_code=office_code)
    row.morning_starts, row.morning_ends = morning.starts, morning.ends
    row.afternoon_starts = afternoon.starts if afternoon else None
    row.afternoon_ends = afternoon.ends if afternoon else None
    session.add(row)
    _flush(session, f"hours of {office_code}")
    detail = {"before": [_shown(one) for one in before], "after": [_shown(one) for one in spans]}
    record(
        session,
        context.actor,
        "office_hours_set",
        subject_of("office", office_code),
        detail,
        office_code,
        context.at,
    )


def set_ways(context: Context, office_code: str, line: str, policy: LinePolicy, *, version: int) -> None:
    """Say how a line's duty officers ring, and where its calls go that nobody answers or that come after hours.

    Raises InvalidInput where another office is meant and none is named, or its own; NotFound, Conflict.
    """
    session = context.session
    get_office(session, context.scope, office_code)
    if line not in {one.key for one in list_lines(session, office_code)}:
        raise NotFound(f"line {line}")
    if policy.closed not in {Way.ANNOUNCEMENT, Way.VOICEMAIL}:
        raise InvalidInput("closed", policy.closed, "announcement, voicemail")
    elsewhere = policy.overflow is Way.OTHER_OFFICE
    if elsewhere and (policy.overflow_office == office_code or not session.get(Office, policy.overflow_office)):
        raise InvalidInput("overflow_office", "unknown")
    row = session.get(LineWays, line, with_for_update=True)
    if (row.version if row else 0) != version:
        raise Conflict(f"ways of {line}")
    row = row or LineWays(line_key=line, office_code=office_code)
    row.order, row.overflow, row.closed = policy.order, policy.overflow, policy.closed
    row.overflow_office = policy.overflow_office if elsewhere else ""
    session.add(row)
    _flush(session, f"ways of {line}")
    detail = {
        "line": line,
        "order": row.order.value,
        "overflow": row.overflow.value,
        "overflow_office": row.overflow_office,
        "closed": row.closed.value,
    }
    record(session, context.actor, "line_ways_set", subject_of("line", line), detail, office_code, context.at)


def enter_leave(context: Context, office_code: str, away: Absence, reason: str) -> Leave:
    """Enter that a person is on leave: he is not on duty on these days, whatever a roster says."""
    session = context.session
    get_office(session, context.scope, office_code)
    _check_days(away.first, away.last)
    _get_person(session, office_code, away.account_id)
    leave = Leave(
        office_code=office_code,
        account_id=away.account_id,
        first=away.first,
        last=away.last,
        reason=required_text(reason),
        entered_by=context.actor.account_id,
        entered_at=context.at,
    )
    _held_anew(context, leave, leave.reason, lambda: session.add(leave))
    _record(context, leave, "leave_entered", leave.account_id, {"reason": leave.reason})
    return leave


def withdraw_leave(context: Context, office_code: str, leave_id: uuid.UUID, reason: str) -> None:
    """Take back that a person is on leave. Raises NotFound, and Refused where it was taken back before."""
    session = context.session
    get_office(session, context.scope, office_code)
    leave = session.get(Leave, leave_id, with_for_update=True)
    if leave is None or leave.office_code != office_code:
        raise NotFound(f"leave {leave_id}")
    if leave.withdrawn_at is not None:
        raise Refused("roster_unchanged")
    reason = required_text(reason)

    def withdraw() -> None:
        leave.withdrawn_at = context.at

    _held_anew(context, leave, reason, withdraw)
    _record(context, leave, "leave_withdrawn", leave.account_id, {"reason": reason})


def name_deputy(context: Context, office_code: str, wanted: Deputy) -> LeaderDeputy:
    """Say who stands in for a backup leader on days on which he is away: at his desk."""
    session = context.session
    get_office(session, context.scope, office_code)
    _check_days(wanted.first, wanted.last)
    for one in (wanted.leader_id, wanted.deputy_id):
        _get_person(session, office_code, one)
    if wanted.leader_id == wanted.deputy_id:
        raise InvalidInput("deputy", "same_person")
    named = LeaderDeputy(
        office_code=office_code,
        leader_id=wanted.leader_id,
        deputy_id=wanted.deputy_id,
        first=wanted.first,
        last=wanted.last,
        entered_by=context.actor.account_id,
        entered_at=context.at,
    )
    _held_anew(context, named, "", lambda: session.add(named))
    _record(context, named, "deputy_named", named.leader_id, {"deputy": str(named.deputy_id)})
    return named


def withdraw_deputy(context: Context, office_code: str, deputy_id: uuid.UUID) -> None:
    """Take back who stands in for a leader. Raises NotFound, and Refused where it was taken back before."""
    session = context.session
    get_office(session, context.scope, office_code)
    named = session.get(LeaderDeputy, deputy_id, with_for_update=True)
    if named is None or named.office_code != office_code:
        raise NotFound(f"deputy {deputy_id}")
    if named.withdrawn_at is not None:
        raise Refused("roster_unchanged")

    def withdraw() -> None:
        named.withdrawn_at = context.at

    _held_anew(context, named, "", withdraw)
    _record(context, named, "deputy_withdrawn", named.leader_id, {"deputy": str(named.deputy_id)})


def _held_anew(context: Context, days: Leave | LeaderDeputy, reason: str, change: Callable[[], None]) -> None:
    """Make a change, and let the desks of the shifts in force on these days follow."""
    session, code, first, last = context.session, days.office_code, days.first, days.last
    shifts = [one for one in shifts_in_force(session, code, first, last) if first <= one.day <= last]
    was = roster_of(session, code, shifts)
    change()
    session.flush()
    reseat(context, code, was, roster_of(session, code, shifts), reason)


def _check_days(first: date, last: date) -> None:
    if not timedelta(0) <= last - first <= LONGEST:
        raise InvalidInput("last", last.isoformat(), "from the first day on, at most a year")


def _get_person(session: Session, office_code: str, account_id: uuid.UUID) -> Account:
    account = session.get(Account, account_id)
    if account is None or account.office_code != office_code:
        raise InvalidInput("person", "not_of_office")
    return account


def _flush(session: Session, what: str) -> None:
    try:
        session.flush()
    except (IntegrityError, StaleDataError) as error:
        raise Conflict(what) from error


def _shown(span: Span) -> str:
    return f"{_time(span.starts)}-{_time(span.ends)}"


def _time(at: time) -> str:
    return f"{at:%H:%M}"


def _record(
    context: Context, days: Leave | LeaderDeputy, act: str, account_id: uuid.UUID, detail: dict[str, str]
) -> None:
    shown = {"first": days.first.isoformat(), "last": days.last.isoformat(), **detail}
    subject = subject_of("account", account_id)
    record(context.session, context.actor, act, subject, shown, days.office_code, context.at)
