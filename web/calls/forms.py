"""The filter and the order of the calls page, from its address."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from supervision.actor import Actor
from supervision.calls.ordering import Sorting
from supervision.calls.queries import CallFilter
from supervision.calls.rules import Disposition
from supervision.clock import today
from supervision.people.rules import Act, may
from web import arguments as given

IN_PROGRESS = "in_progress"
UNANSWERED = "unanswered"
BY_TIME = frozenset({Sorting.NEWEST, Sorting.OLDEST})
SORTED_AT_ONCE = timedelta(days=30)


def parse_filter(arguments: Mapping[str, str], actor: Actor) -> CallFilter:
    """What the person looks for. Raises InvalidInput for nonsense.

    Who may not see whole numbers may not search by them either: digit by digit, a search would tell them. An order
    that no index has is worked out for a month at most, the last one unless days are given.
    """
    disposition = given.text(arguments, "disposition")
    wanted = CallFilter(
        line_key=given.text(arguments, "line") or None,
        officer_id=given.identity(arguments, "officer"),
        desk=given.text(arguments, "desk") or None,
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
        number=given.text(arguments, "number") if may(actor.role, Act.UNMASK) else "",
        disposition=None
        if disposition in {IN_PROGRESS, UNANSWERED}
        else given.choice(arguments, "disposition", Disposition),
        shortest_s=given.count(arguments, "shortest"),
        longest_s=given.count(arguments, "longest"),
        in_progress=disposition == IN_PROGRESS,
        unanswered=disposition == UNANSWERED,
    )
    if parse_sorting(arguments) in BY_TIME:
        return wanted
    earliest = (wanted.to_day or today()) - SORTED_AT_ONCE
    return replace(wanted, from_day=max(wanted.from_day or earliest, earliest))


def cut_at(arguments: Mapping[str, str], wanted: CallFilter) -> date | None:
    """The day that a list begins with because of its order; None where that leaves nothing out."""
    return wanted.from_day if wanted.from_day != given.day(arguments, "from") else None


def parse_sorting(arguments: Mapping[str, str]) -> Sorting:
    """In what order the calls are wanted."""
    return given.choice(arguments, "sort", Sorting) or Sorting.NEWEST
