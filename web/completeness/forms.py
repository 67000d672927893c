"""Which office and which days a certificate is for, from an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from supervision.errors import InvalidInput
from supervision.reconcile.completeness import Days
from web import arguments as given


@dataclass(frozen=True)
class Shortcut:
    """Days that are asked for often; `name` is a word of ours."""

    name: str
    days: Days


def shortcuts(today: date) -> list[Shortcut]:
    """Yesterday, last week (Monday to Sunday), last month, and this month so far."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    yesterday, month_end = today - timedelta(days=1), first - timedelta(days=1)
    return [
        Shortcut("yesterday", Days(yesterday, yesterday)),
        Shortcut("last_week", Days(monday - timedelta(days=7), monday - timedelta(days=1))),
        Shortcut("last_month", Days(month_end.replace(day=1), month_end)),
        Shortcut("this_month", Days(first, today)),
    ]


def parse_days(arguments: Mapping[str, str], today: date) -> Days:
    """The days; yesterday where none are named, one day where one is. Raises InvalidInput for nonsense."""
    first, last = given.day(arguments, "from"), given.day(arguments, "to")
    if first is None and last is None:
        return shortcuts(today)[0].days
    return Days(first or last or today, last or first or today)


def parse_office(arguments: Mapping[str, str], known: Mapping[str, str], own: str | None) -> str | None:
    """The office: one's own for who belongs to one, else the one that is named; None for all of them."""
    if own is not None:
        return own
    code = given.text(arguments, "office")
    if code and code not in known:
        raise InvalidInput("office", code, "an office's code")
    return code or None
