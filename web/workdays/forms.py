"""Days as somebody types them in, parsed."""

from collections.abc import Mapping
from datetime import date

from supervision.errors import InvalidInput
from web import arguments as given

WORKED, FREE = "worked", "free"


def parse_year(arguments: Mapping[str, str], otherwise: int) -> int:
    """Which year is looked at. Raises InvalidInput for one that no calendar has."""
    year = given.count(arguments, "year", 2100)
    if year is not None and year < 2004:
        raise InvalidInput("year", str(year), "from 2004 on")
    return year or otherwise


def parse_days(form: Mapping[str, str]) -> tuple[date, date, bool]:
    """The first and the last day, and whether they are worked. Raises InvalidInput."""
    first = given.day(form, "first")
    if first is None:
        raise InvalidInput("first", "missing")
    worked = given.text(form, "worked")
    if worked not in {WORKED, FREE}:
        raise InvalidInput("worked", worked or "missing", f"{WORKED}, {FREE}")
    return first, given.day(form, "last") or first, worked == WORKED


def parse_day(form: Mapping[str, str]) -> date:
    """One day. Raises InvalidInput."""
    found = given.day(form, "day")
    if found is None:
        raise InvalidInput("day", "missing")
    return found
