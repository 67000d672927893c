"""The filter of the register, and what is entered about a complaint, parsed."""

import uuid
from collections.abc import Mapping
from datetime import date

from supervision.calls.caller_rules import clean_caller
from supervision.complaints.queries import ComplaintFilter
from supervision.complaints.rules import (
    Channel,
    ComplaintKind,
    ComplaintState,
    Proposal,
    Received,
    Search,
    Verdict,
)
from supervision.errors import InvalidInput
from web import arguments as given

OPEN, OVERDUE = "open", "overdue"


def parse_filter(arguments: Mapping[str, str], today: date) -> ComplaintFilter:
    """Which complaints the person looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    return ComplaintFilter(
        office_code=given.text(arguments, "office") or None,
        kind=given.choice(arguments, "kind", ComplaintKind),
        channel=given.choice(arguments, "channel", Channel),
        state=None if state in {OPEN, OVERDUE} else given.choice(arguments, "state", ComplaintState),
        verdict=given.choice(arguments, "verdict", Verdict),
        open=state == OPEN,
        overdue=today if state == OVERDUE else None,
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
    )


def parse_received(form: Mapping[str, str], offices: Mapping[str, str], today: date) -> Received:
    """A new complaint. Raises InvalidInput."""
    office = given.text(form, "office")
    if office not in offices:
        raise InvalidInput("office", office or "missing", "an office's code")
    return Received(
        kind=given.needed_choice(form, "kind", ComplaintKind),
        channel=given.needed_choice(form, "channel", Channel),
        office_code=office,
        text=form.get("complaint", ""),
        received_on=given.day(form, "received_on") or today,
        caller_name=given.text(form, "caller_name"),
        caller_number=_number(form),
        called_on=given.day(form, "called_on"),
    )


def _number(form: Mapping[str, str]) -> str:
    """The caller's number, with which calls are found: where one is given it has digits."""
    found = clean_caller(given.text(form, "caller_number"), 64)
    if found and not any(one.isdigit() for one in found):
        raise InvalidInput("caller_number", found, "a telephone number")
    return found


def parse_search(form: Mapping[str, str]) -> Search:
    """Which calls are looked for: by number, or days, or both."""
    return Search(given.text(form, "number"), given.day(form, "from"), given.day(form, "to"))


def parse_call(form: Mapping[str, str]) -> uuid.UUID:
    """The call that a complaint is about, by its number."""
    return given.needed_identity(form, "call")


def parse_proposal(form: Mapping[str, str]) -> Proposal:
    """What its handler found."""
    verdict = given.needed_choice(form, "verdict", Verdict)
    return Proposal(verdict, form.get("found", ""), given.identity(form, "person"))


def parse_verdict(form: Mapping[str, str]) -> Verdict:
    """What is decided."""
    return given.needed_choice(form, "verdict", Verdict)


def parse_year(arguments: Mapping[str, str], today: date) -> int:
    """The year that is looked at; this one where none is chosen."""
    year = given.count(arguments, "year", largest=today.year)
    if year is not None and year < 1970:
        raise InvalidInput("year", str(year), "a year of our time")
    return year or today.year


def parse_month(form: Mapping[str, str]) -> date:
    """A month, as it is written in a form: 2026-03."""
    text = given.text(form, "month")
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise InvalidInput("month", text or "missing", "a month such as 2026-03") from error
    if not 1970 <= month.year <= 9000:
        raise InvalidInput("month", text, "a month of our time")
    return month
