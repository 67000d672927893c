"""Entering days by hand, confirming a year, and notifying the head of a year that is not known."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Role
from supervision.audit.service import record
from supervision.clock import local
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident
from supervision.machines.service import HEADQUARTERS
from supervision.mail.service import post
from supervision.people.models import Account
from supervision.texts import required_text
from supervision.workdays.messages import email_of
from supervision.workdays.models import ConfirmedYear, EnteredDay
from supervision.workdays.queries import get_calendar, published
from supervision.workdays.rules import LONGEST_RANGE, provisional_years


def enter_days(context: Context, first: date, last: date, *, worked: bool, reason: str) -> int:
    """Say of some days that they are worked, or free; how many. What was said of them before is replaced.

    Raises InvalidInput where the last is before the first, or too far from it, and where there is no reason;
    Conflict where somebody else enters one of them at this moment.
    """
    session, actor, at = context.session, context.actor, context.at
    if not timedelta(0) <= last - first < LONGEST_RANGE:
        raise InvalidInput("last", last.isoformat(), f"at most {LONGEST_RANGE.days} days from the first")
    reason = required_text(reason)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for day in days:
        entry = session.get(EnteredDay, day) or EnteredDay(day=day)
        entry.worked, entry.reason, entry.entered_by, entry.entered_at = worked, reason, actor.account_id, at
        session.add(entry)
    _flush(session, f"days from {first}")
    detail = {"first": first.isoformat(), "last": last.isoformat(), "worked": worked, "reason": reason}
    record(session, actor, "days_entered", f"days:{first.isoformat()}", detail, at=at)
    return len(days)


def withdraw_day(context: Context, day: date, reason: str) -> None:
    """Take back what was entered of a day; the published calendar holds again. Raises Refused."""
    session, reason = context.session, required_text(reason)
    entry = session.get(EnteredDay, day, with_for_update=True)
    if entry is None:
        raise Refused("day_not_entered")
    session.delete(entry)
    _flush(session, f"day {day}")
    record(session, context.actor, "day_withdrawn", f"days:{day.isoformat()}", {"reason": reason}, at=context.at)


def confirm_year(context: Context, year: int, reason: str) -> None:
    """Say that all holidays and make-up days of a year are entered: it is no longer provisional.

    Raises Refused where it is known or confirmed already; Conflict where somebody else confirms it at this moment.
    """
    session, actor, at = context.session, context.actor, context.at
    reason = required_text(reason)
    if not get_calendar(session).is_provisional(year):
        raise Refused("year_known")
    session.add(ConfirmedYear(year=year, reason=reason, confirmed_by=actor.account_id, confirmed_at=at))
    _flush(session, f"year {year}")
    _heal(session, year, at)
    record(session, actor, "year_confirmed", f"year:{year}", {"reason": reason}, at=at)


def withdraw_year(context: Context, year: int, reason: str) -> None:
    """Take back that a year is complete: what reaches into it is provisional again. Raises Refused, Conflict."""
    session, reason = context.session, required_text(reason)
    confirmed = session.get(ConfirmedYear, year, with_for_update=True)
    if confirmed is None:
        raise Refused("year_not_confirmed")
    session.delete(confirmed)
    _flush(session, f"year {year}")
    record(session, context.actor, "year_withdrawn", f"year:{year}", {"reason": reason}, at=context.at)


def note_provisional(session: Session, at: datetime, mail_domain: str = "") -> None:
    """Note each year that deadlines may reach and that is not known; heal what has become known.

    The head is notified by an incident and, where there is a mail server, by one email for each such year.
    """
    today = local(at).date()
    unknown = provisional_years(get_calendar(session), today)
    for year in {today.year, today.year + 1} - set(unknown):
        _heal(session, year, at)
    for year in unknown:
        what = HEADQUARTERS, Cause.CALENDAR_PROVISIONAL, f"year:{year}"
        if not is_open(session, *what):
            office_code, cause, subject = what
            detail = {"year": year, "known_until": max(published().years)}
            open_incident(session, office_code=office_code, cause=cause, subject=subject, at=at, detail=detail)
        for login in _heads(session) if mail_domain else ():
            subject, body = email_of(year)
            recipient, about = f"{login}@{mail_domain}", f"calendar:{year}"
            post(session, recipient=recipient, subject=subject, body=body, about=about, at=at)


def _flush(session: Session, what: str) -> None:
    try:
        session.flush()
    except (IntegrityError, StaleDataError) as error:
        raise Conflict(what) from error


def _heads(session: Session) -> Sequence[str]:
    """Who enters the days that are not known."""
    query = select(Account.login).where(Account.role == Role.SUPERVISION_HEAD, Account.active)
    return session.scalars(query.order_by(Account.login)).all()


def _heal(session: Session, year: int, at: datetime) -> None:
    heal_incident(
        session, office_code=HEADQUARTERS, cause=Cause.CALENDAR_PROVISIONAL, subject=f"year:{year}", at=at
    )
