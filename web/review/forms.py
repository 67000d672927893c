"""What the review room's script sends, parsed."""

import uuid
from dataclasses import dataclass

from supervision.errors import InvalidInput
from supervision.evaluations.content_rules import Content
from web.evaluations.forms import parse_typed


@dataclass(frozen=True)
class Typed:
    """What was typed, in which window, on top of which version of the draft."""

    content: Content
    version: int
    window: uuid.UUID


def parse_draft(data: object) -> Typed:
    """Raises InvalidInput for what no page of ours sends."""
    if not isinstance(data, dict):
        raise InvalidInput("content", "missing")
    version, window = data.get("version"), data.get("window")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise InvalidInput("version", "malformed")
    try:
        return Typed(parse_typed(data.get("content")), version, uuid.UUID(window))
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("window", "malformed") from error
