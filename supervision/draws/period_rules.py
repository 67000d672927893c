"""Periods, their names and their deadlines (domain rules 1 and 2), in the bureau's days.

A period is named as in a draw's id: `2026-W47`, an ISO week from Monday to Sunday, or `2026-10`, a month.
"""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta

from supervision.draws.rules import Tier

_WEEK = re.compile(r"(\d{4})-W(\d\d)")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_NAME = re.compile(r"(office|hq):([0-9a-z]{1,8}):([0-9W-]{7,8})(?:\+([1-9]\d{0,2}))?")
_NAMESPACE = uuid.UUID("c1c1d1b0-5f0e-5f43-9a57-6d0a1e7f4d11")


@dataclass(frozen=True)
class Period:
    """The days of one period, both included."""

    name: str
    first: date
    last: date

    @property
    def after(self) -> date:
        """The day on which it is over, and its draw is made."""
        return self.last + timedelta(days=1)


@dataclass(frozen=True)
class DrawName:
    """What a draw is called: tier, office, period, and for calls that came late its number."""

    tier: Tier
    office_code: str
    period: Period
    supplement: int = 0

    def __str__(self) -> str:
        late = f"+{self.supplement}" if self.supplement else ""
        return f"{self.tier}:{self.office_code}:{self.period.name}{late}"

    @property
    def id(self) -> uuid.UUID:
        """The same identity on both sides."""
        return uuid.uuid5(_NAMESPACE, str(self))

    @property
    def next_supplement(self) -> "DrawName":
        """The name for calls that came later still."""
        return replace(self, supplement=self.supplement + 1)


def week_of(day: date) -> Period:
    """The ISO week of a day."""
    monday = day - timedelta(days=day.weekday())
    year, week, _ = day.isocalendar()
    return Period(f"{year}-W{week:02}", monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    """The month of a day."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(f"{first.year}-{first.month:02}", first, last)


def period_of(tier: Tier, day: date) -> Period:
    """The period of a tier that a day is in."""
    return week_of(day) if tier is Tier.OFFICE else month_of(day)


def parse_period(tier: Tier, text: str) -> Period:
    """A period by its name. Raises ValueError."""
    found = (_WEEK if tier is Tier.OFFICE else _MONTH).fullmatch(text)
    if found is None:
        raise ValueError(f"no period of {tier}: {text!r}")
    year, n = int(found[1]), int(found[2])
    return week_of(date.fromisocalendar(year, n, 1)) if tier is Tier.OFFICE else month_of(date(year, n, 1))


def parse_name(text: str) -> DrawName:
    """A draw's name. Raises ValueError."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise ValueError(f"no draw: {text!r}")
    tier = Tier(found[1])
    try:
        return DrawName(tier, found[2], parse_period(tier, found[3]), int(found[4] or 0))
    except OverflowError as error:  # a period whose end no calendar has
        raise ValueError(f"no draw: {text!r}") from error


def last_day(name: DrawName, drawn_on: date) -> date:
    """The last day for reviewing: Sunday of the week after, or the 15th of the month after.

    A supplementary draw has as many days from its own drawing.
    """
    days = timedelta(days=6 if name.tier is Tier.OFFICE else 14)
    regular = name.period.after + days
    return max(regular, drawn_on + days) if name.supplement else regular
