"""How quotas are spoken of on the screen."""

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
    if draw.calls == 0:
        unconfirmed = gettext("No calls, not confirmed by both yet")
        return unconfirmed if quota.unconfirmed else gettext("No calls, confirmed by both")
    if draw.supplement:
        return gettext("Calls whose records came late")
    if draw.by_silence:
        return gettext("What had arrived when the office was silent")
    if draw.settled_by:
        return gettext("Headquarters' list, as decided in a dispute")
    return gettext("All answered calls of the period; both lists agree")


def overdue(number: int) -> str:
    """How many are overdue."""
    return ngettext("%(num)s quota is overdue", "%(num)s quotas are overdue", number)
