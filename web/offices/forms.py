"""The filter of the offices page and its cursors, from its address."""

from collections.abc import Mapping

from supervision.errors import InvalidInput
from supervision.overview.queries import CodeCursor, OfficeFilter
from web import arguments as given

_STATES = {"": None, "speaking": False, "silent": True}


def parse_filter(arguments: Mapping[str, str]) -> OfficeFilter:
    """What the person looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    if state not in _STATES:
        raise InvalidInput("state", state, "speaking, silent or nothing")
    return OfficeFilter(text=given.text(arguments, "text"), offline=_STATES[state])


def parse_cursor(arguments: Mapping[str, str]) -> CodeCursor | None:
    """The cursor that an address asks for; None for the first page."""
    for name in ("after", "before"):
        if code := given.text(arguments, name):
            return CodeCursor(code, back=name == "before")
    return None
