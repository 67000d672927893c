"""The filter of the register, and what is entered into it, parsed."""

import uuid
from collections.abc import Mapping
from datetime import date

from supervision.caller_requests.queries import RequestFilter
from supervision.caller_requests.rules import Channel, IdentityCheck, LetterWay, RequestKind, RequestState
from supervision.caller_requests.service import Asked, Written
from supervision.calls.caller_rules import clean_caller
from supervision.errors import InvalidInput
from web import arguments as given

OPEN, OVERDUE = "open", "overdue"


def parse_filter(arguments: Mapping[str, str], today: date) -> RequestFilter:
    """Which requests the person looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    return RequestFilter(
        today,
        kind=given.choice(arguments, "kind", RequestKind),
        state=None if state in {OPEN, OVERDUE} else given.choice(arguments, "state", RequestState),
        office_code=given.text(arguments, "office") or None,
        overdue=state == OVERDUE,
        open=state == OPEN,
    )


def parse_asked(form: Mapping[str, str], offices: Mapping[str, str], today: date) -> Asked:
    """A new request. Raises InvalidInput."""
    office = given.text(form, "office")
    if office not in offices:
        raise InvalidInput("office", office or "missing", "an office's code")
    return Asked(
        kind=given.needed_choice(form, "kind", RequestKind),
        office_code=office,
        channel=given.needed_choice(form, "channel", Channel),
        caller_name=given.text(form, "caller_name"),
        caller_number=clean_caller(given.text(form, "caller_number"), 64),
        wish=form.get("wish", ""),
        received_on=given.day(form, "received_on") or today,
    )


def parse_call(form: Mapping[str, str]) -> uuid.UUID:
    """The call that a request is about, by its number."""
    return given.needed_identity(form, "call")


def parse_identity(form: Mapping[str, str]) -> tuple[IdentityCheck, str]:
    """How it was made sure who asks."""
    return given.needed_choice(form, "check", IdentityCheck), form.get("note", "")


def parse_letter(form: Mapping[str, str], today: date) -> Written:
    """A letter: its way, text, reference and day."""
    written_on = given.day(form, "written_on") or today
    return Written(
        given.needed_choice(form, "way", LetterWay),
        form.get("text", ""),
        given.text(form, "reference"),
        written_on,
    )
