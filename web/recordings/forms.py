"""What the player reports, and what an audio request asks for, parsed."""

import math
import re
from typing import Any

from supervision.errors import InvalidInput
from supervision.listening.rules import MOST_STRETCHES, Stretch

_FROM_START = re.compile(r"^bytes=0*-")


def parse_heard(data: Any) -> tuple[list[Stretch], bool]:
    """The stretches of a report, in seconds, and whether it is the last. Raises InvalidInput."""
    if not isinstance(data, dict) or not isinstance(data.get("stretches"), list):
        raise InvalidInput("stretches", "missing", "a list of [from, to] in seconds")
    if len(data["stretches"]) > MOST_STRETCHES:
        raise InvalidInput("stretches", f"{len(data['stretches'])} of them", f"at most {MOST_STRETCHES}")
    return [_stretch(pair) for pair in data["stretches"]], data.get("ended") is True


def starts_at_the_beginning(range_header: str | None) -> bool:
    """Whether an audio request asks for the first byte."""
    return range_header is None or bool(_FROM_START.match(range_header.strip()))


def _stretch(pair: Any) -> Stretch:
    try:
        start, end = (float(second) for second in pair if isinstance(second, int | float))
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput("stretches", repr(pair)[:80], "[from, to] in seconds") from error
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start <= end):
        raise InvalidInput("stretches", repr(pair)[:80], "from before to, from 0 on")
    return start, end
