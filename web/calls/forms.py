"""The filter of the calls page, from its address."""

from collections.abc import Mapping

from supervision.calls.queries import CallFilter
from supervision.calls.rules import Disposition
from supervision.people.rules import Act, Actor, may
from web import arguments as given

IN_PROGRESS = "in_progress"


def parse_filter(arguments: Mapping[str, str], actor: Actor) -> CallFilter:
    """What the person looks for. Raises InvalidInput for nonsense.

    Who may not see whole numbers may not search by them either: digit by digit, a search would tell them.
    """
    in_progress = given.text(arguments, "disposition") == IN_PROGRESS
    return CallFilter(
        line_key=given.text(arguments, "line") or None,
        officer_id=given.identity(arguments, "officer"),
        desk=given.text(arguments, "desk") or None,
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
        number=given.text(arguments, "number") if may(actor.role, Act.UNMASK) else "",
        disposition=None if in_progress else given.choice(arguments, "disposition", Disposition),
        shortest_s=given.count(arguments, "shortest"),
        longest_s=given.count(arguments, "longest"),
        in_progress=in_progress,
    )
