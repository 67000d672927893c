"""The filter of the offices page and its turns, from its address."""

from collections.abc import Mapping

from supervision.errors import InvalidInput
from supervision.overview.queries import CodeTurn, OfficeFilter
from web import arguments as given

_STATES = {"": None, "speaking": False, "silent": True}


def parse_filter(arguments: Mapping[str, str]) -> OfficeFilter:
    """What the person looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    if state not in _STATES:
        raise InvalidInput("state", state, "speaking, silent or nothing")
    return OfficeFilter(text=given.text(arguments, "text"), offline=_STATES[state])


def parse_turn(arguments: Mapping[str, str]) -> CodeTurn | None:
    """The turn that an address asks for; None for the first page."""
    for name in ("after", "before"):
        if code := given.text(arguments, name):
            return CodeTurn(code, back=name == "before")
    return None
