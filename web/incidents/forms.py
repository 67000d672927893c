"""The filter of the incidents page and the note on one incident, parsed."""

from collections.abc import Mapping

from supervision.errors import InvalidInput
from supervision.incidents.queries import IncidentFilter
from supervision.incidents.rules import Cause, IncidentKind
from web import arguments as given

_STATES = {"": None, "open": False, "unseen": False, "healed": True}
_WITNESSES = {"": None, "headquarters": False, "office": True}


def parse_filter(arguments: Mapping[str, str]) -> IncidentFilter:
    """What the person looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    if state not in _STATES:
        raise InvalidInput("state", state, "open, unseen, healed or nothing")
    witness = given.text(arguments, "witness")
    if witness not in _WITNESSES:
        raise InvalidInput("witness", witness, "headquarters, office or nothing")
    return IncidentFilter(
        kind=given.choice(arguments, "kind", IncidentKind),
        cause=given.choice(arguments, "cause", Cause),
        healed=_STATES[state],
        unseen=state == "unseen",
        received=_WITNESSES[witness],
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
    )


def parse_note(form: Mapping[str, str]) -> tuple[str, int]:
    """The note, and the version of the incident that the person looked at."""
    version = given.count(form, "version")
    if version is None:
        raise InvalidInput("version", "nothing", "the version that was looked at")
    return form.get("note", ""), version
