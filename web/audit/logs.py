"""Which log an auditor looks at: this machine's own, or at headquarters that of an office's node."""

from collections.abc import Mapping
from dataclasses import dataclass

from supervision.audit.queries import Chain, parse_chain
from supervision.calls.queries import office_names
from supervision.errors import InvalidInput
from supervision.exchange.queries import list_inboxes
from web import arguments as given
from web.design.shown import day
from web.language import gettext
from web.unit import session


@dataclass(frozen=True)
class Logs:
    """The logs to choose from, and which one is chosen (empty: this machine's own)."""

    choices: list[tuple[str, str]]
    chosen: str


def chosen_log(arguments: Mapping[str, str]) -> Chain | None:
    """The log that is asked for; None for this machine's own. Raises InvalidInput for nonsense."""
    text = given.text(arguments, "log")
    if not text:
        return None
    try:
        return parse_chain(text)
    except ValueError as error:
        raise InvalidInput("log", text, "a log of an office") from error


def logs(chosen: Chain | None) -> Logs:
    """What there is: at headquarters each office's log, the latest epoch first; elsewhere nothing."""
    names, seen, choices = office_names(session()), set[str](), []
    for inbox in list_inboxes(session()):
        name = names.get(inbox.office_code, inbox.office_code)
        if inbox.office_code in seen:  # a node that was rebuilt began a new log; this is an earlier one
            name = gettext("%(office)s, until %(day)s", office=name, day=day(inbox.heard_at))
        seen.add(inbox.office_code)
        choices.append((str(Chain(inbox.office_code, inbox.epoch)), name))
    return Logs(choices, str(chosen) if chosen else "")
