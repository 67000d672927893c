"""What is looked at, and the weights, parsed."""

from collections.abc import Mapping
from datetime import date, timedelta

from supervision.assessment.rules import Period, Span, Weights, parse_period
from supervision.errors import InvalidInput
from web import arguments as given

OFFICES, PEOPLE = "offices", "people"
MOST_MONTHS = 24


def parse_wanted_period(arguments: Mapping[str, str], today: date) -> Period:
    """The period that an address asks for; last month where it asks for none. Raises InvalidInput."""
    name = given.text(arguments, "period")
    if not name:
        return parse_period(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
    try:
        return parse_period(name)
    except ValueError as error:
        raise InvalidInput("period", name, "a period such as 2026-03, 2026-Q1 or 2026") from error


def parse_month(arguments: Mapping[str, str], name: str = "month") -> date:
    """One month, named 2026-03. Raises InvalidInput."""
    text = given.text(arguments, name)
    try:
        period = parse_period(text)
    except ValueError as error:
        raise InvalidInput(name, text or "missing", "a month such as 2026-03") from error
    if period.span is not Span.MONTH:
        raise InvalidInput(name, text, "a month such as 2026-03")
    return period.months[0]


def parse_of(arguments: Mapping[str, str], *, people_only: bool) -> bool:
    """Whether offices are looked at, not people."""
    of = given.text(arguments, "of")
    if of not in {"", OFFICES, PEOPLE}:
        raise InvalidInput("of", of, "offices or people")
    return of != PEOPLE and not people_only


def parse_weights(form: Mapping[str, str]) -> Weights:
    """What the form of the weights says. Raises InvalidInput."""

    def number(name: str) -> int:
        found = given.count(form, name, largest=100_000)
        if found is None:
            raise InvalidInput(name, "missing")
        return found

    return Weights(
        score=number("score"),
        rings=number("rings"),
        quotas=number("quotas"),
        rectifications=number("rectifications"),
        finding=number("finding_points"),
        complaint=number("complaint_points"),
        least_calls=number("least_calls"),
        least_evaluated=number("least_evaluated"),
    )


def list_periods(first: date | None, today: date) -> list[str]:
    """The periods to choose from, the latest first: two years of months, their quarters and years."""
    month, found = today.replace(day=1), list[date]()
    while len(found) < 2 or (first is not None and month >= first and len(found) < MOST_MONTHS):
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    quarters = dict.fromkeys(f"{one.year}-Q{(one.month - 1) // 3 + 1}" for one in found)
    years = dict.fromkeys(str(one.year) for one in found)
    return [*(f"{one:%Y-%m}" for one in found), *quarters, *years]
