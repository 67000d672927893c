"""Texts on the screen about quotas."""

from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.quotas.queries import Quota
from supervision.quotas.rules import Urgency
from web.draws import wording as draw_wording
from web.language import gettext, ngettext


def urgency(value: Urgency) -> tuple[str, str]:
    """How a quota stands, and the tone of its badge."""
    return {
        Urgency.MET: (gettext("Met"), "good"),
        Urgency.IN_TIME: (gettext("In time"), "info"),
        Urgency.DUE_SOON: (gettext("Due soon"), "warn"),
        Urgency.OVERDUE: (gettext("Overdue"), "bad"),
    }[value]


def how_arrived_at(quota: Quota) -> str:
    """Where the number of calls comes from, or how far a draw is that is not made yet."""
    draw = quota.draw
    if quota.progress is None:
        return draw_wording.state(draw.state)[0]
    if draw.state is DrawState.WHOLE and not draw.supplement:
        return gettext("Every call is reviewed, by: %(party)s", party=draw_wording.party(quota.reviewer))
    if draw.calls == 0:
        unconfirmed = gettext("No calls, not confirmed by both yet")
        return unconfirmed if quota.unconfirmed else gettext("No calls, confirmed by both")
    return _how_listed(draw)


def _how_listed(draw: Draw) -> str:
    if draw.supplement:
        return gettext("Calls whose records came late")
    if draw.by_silence:
        return gettext("What had arrived when the office was silent")
    if draw.differences:
        return gettext("Headquarters' list, joined with what only the office has")
    return gettext("All answered calls of the period; both lists agree")


def overdue(number: int) -> str:
    """How many are overdue."""
    return ngettext("%(num)s quota is overdue", "%(num)s quotas are overdue", number)
