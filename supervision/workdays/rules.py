"""Which days are worked, and deadlines in working days (domain rules 6, 7, 11).

The State Council publishes each year's public holidays and make-up days in the autumn before. A year that is not
known yet counts Monday to Friday, and what was counted with it is provisional. A day entered by hand wins.
"""

import itertools
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

SATURDAY = 5
LOOK_AHEAD = timedelta(days=100)  # the longest deadline, 60 working days, reaches no further, holidays included
LONGEST_RANGE = timedelta(days=31)


@dataclass(frozen=True)
class WorkCalendar:
    """What is known: weekdays that are holidays, weekends that are worked, for which years; what was entered.

    `entered`: whether a day is worked, by hand. `confirmed`: years of which somebody said that all is entered.
    """

    holidays: Set[date] = frozenset()
    made_up: Set[date] = frozenset()
    known: Set[int] = frozenset()
    entered: Mapping[date, bool] = field(default_factory=dict)
    confirmed: Set[int] = frozenset()

    def is_worked(self, day: date) -> bool:
        """Whether the bureau works on that day."""
        by_hand = self.entered.get(day)
        if by_hand is not None:
            return by_hand
        return day in self.made_up or (day.weekday() < SATURDAY and day not in self.holidays)

    def is_provisional(self, year: int) -> bool:
        """Whether nobody knows yet which days of a year are worked."""
        return year not in self.known and year not in self.confirmed


@dataclass(frozen=True)
class Counted:
    """A day that working days were counted to; provisional: a year was counted that is not known yet."""

    day: date
    provisional: bool


def count_after(calendar: WorkCalendar, start: date, number: int) -> Counted:
    """The day on which so many working days after a day are over; the day itself is not counted."""
    if number <= 0:
        return Counted(start, provisional=False)
    following = (start + timedelta(days=n) for n in itertools.count(1))
    worked = (day for day in following if calendar.is_worked(day))
    end = next(itertools.islice(worked, number - 1, None))
    return Counted(end, any(calendar.is_provisional(year) for year in range(start.year, end.year + 1)))


def recounted(known: Counted, found: Counted, today: date) -> Counted:
    """A deadline that is counted again, since days were entered: what stands of it from now on.

    What is over stays over, and what is not over does not come to be over by it: whoever enters days after the
    fact moves no deadline of the past. Once a year is known, one that was provisional may be later than it seemed.
    """
    if known.day < today and (found.provisional or not known.provisional):
        return known
    return Counted(known.day, found.provisional) if found.day < min(known.day, today) else found


def count_between(calendar: WorkCalendar, start: date, end: date) -> int:
    """How many working days lie after a day, up to another one that is included; below 0 where it is past."""
    if end < start:
        return -count_between(calendar, end, start)
    return sum(calendar.is_worked(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def next_month(month: date) -> date:
    """The first day of the month after one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def provisional_years(calendar: WorkCalendar, today: date) -> list[int]:
    """The years that deadlines set today may reach, and that are not known."""
    return [year for year in sorted({today.year, (today + LOOK_AHEAD).year}) if calendar.is_provisional(year)]
