"""The norm as somebody types it in, parsed."""

from collections.abc import Mapping

from supervision.draws.rules import Tier
from supervision.errors import InvalidInput
from web import arguments as given


def parse_norm(form: Mapping[str, str]) -> tuple[Tier, int]:
    """Whose norm, and how many percent. Raises InvalidInput."""
    tier, percent = given.choice(form, "tier", Tier), given.count(form, "percent", 100)
    if tier is None or percent is None:
        raise InvalidInput("percent", "missing")
    return tier, percent
