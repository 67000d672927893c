"""The filter of an office's own list of evaluations, from its address."""

from collections.abc import Mapping

from supervision.evaluations.messages import CopyFilter
from web import arguments as given
from web.evaluations.forms import parse_counted


def parse_filter(arguments: Mapping[str, str]) -> CopyFilter:
    """What the person looks for. Raises InvalidInput for nonsense."""
    return CopyFilter(
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
        lowest=given.count(arguments, "lowest", 100),
        highest=given.count(arguments, "highest", 100),
        counts=parse_counted(arguments),
    )
