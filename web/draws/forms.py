"""The filter of the draws, and what people type in about one, parsed."""

from collections.abc import Mapping

from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import DrawFilter
from supervision.draws.rules import Tier, Unusable
from web import arguments as given
from web.site import chosen_office


def parse_filter(arguments: Mapping[str, str]) -> DrawFilter:
    """What the person looks for. Raises InvalidInput for nonsense."""
    return DrawFilter(
        tier=given.choice(arguments, "tier", Tier),
        office_code=chosen_office(arguments),
        state=given.choice(arguments, "state", DrawState),
    )


def parse_dice(form: Mapping[str, str]) -> str:
    """Dice as they lie, from left to right."""
    return given.text(form, "dice")


def parse_reason(form: Mapping[str, str]) -> str:
    """Why the draw is to wait for dice."""
    return form.get("reason", "")


def parse_unusable(form: Mapping[str, str]) -> tuple[Unusable, str]:
    """Why a ticket is unusable: a word, and what was heard or not."""
    return given.needed_choice(form, "reason", Unusable), form.get("note", "")


def parse_decision(form: Mapping[str, str]) -> bool:
    """Whether the other person agrees."""
    return given.text(form, "decision") == "agree"
