"""The calendar as it is known now: what China published, and what people entered. The only user of the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.workdays.models import ConfirmedYear, EnteredDay
from supervision.workdays.rules import SATURDAY, Counted, WorkCalendar, count_after

FIRST_YEAR = 2004
LAST_YEAR = 2100


@dataclass(frozen=True)
class Published:
    """What the installed version of the library knows."""

    holidays: frozenset[date]
    made_up: frozenset[date]
    years: frozenset[int]


@cache
def published() -> Published:
    """China's public holidays and make-up days, as the installed version of the library has them."""
    return Published(
        holidays=frozenset(day for day in holidays if day.weekday() < SATURDAY),
        made_up=frozenset(day for day in workdays if day.weekday() >= SATURDAY),
        years=frozenset(year for year in range(FIRST_YEAR, LAST_YEAR) if _is_known(year)),
    )


def _is_known(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 6, 1))
    except NotImplementedError:
        return False
    return True


def get_calendar(session: Session) -> WorkCalendar:
    """The calendar: what is published, and what people entered."""
    known = published()
    entered = {one.day: one.worked for one in session.scalars(select(EnteredDay))}
    confirmed = frozenset(session.scalars(select(ConfirmedYear.year)))
    return WorkCalendar(known.holidays, known.made_up, known.years, entered, confirmed)


def working_days_after(session: Session, day: date, number: int) -> Counted:
    """The day on which so many working days after a day are over."""
    return count_after(get_calendar(session), day, number)


def list_entered(session: Session, year: int) -> Sequence[EnteredDay]:
    """What people entered of a year, in the order of days."""
    of_year = EnteredDay.day >= date(year, 1, 1), EnteredDay.day <= date(year, 12, 31)
    return session.scalars(select(EnteredDay).where(*of_year).order_by(EnteredDay.day)).all()


def find_confirmed(session: Session, year: int) -> ConfirmedYear | None:
    """Who said that all of a year is entered."""
    return session.get(ConfirmedYear, year)
