"""When a certificate or the list of the revoked is renewed, when somebody is warned, until when a list holds.

Pure rules over dates. Each is renewed long before it ends, so that a renewal that fails is warned of for two
months.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

WARNED_FOR = timedelta(days=60)
LIST_OUTLASTS_BY = timedelta(days=30)


class Paper(enum.StrEnum):
    """What ends one day."""

    LIST = "list"
    AUTHORITY = "authority"
    SERVER = "server"
    OFFICE = "office"
    SERVED = "served"  # headquarters' certificate as it is shown to an office: nginx may show an older one


# Renewed when no more than this is left. The list is signed for 400 days, and so anew each month. The authority's
# own certificate outlasts by far what it signs (two years).
RENEWED_WITHIN: dict[Paper, timedelta] = {
    Paper.LIST: timedelta(days=370),
    Paper.AUTHORITY: timedelta(days=3 * 365),
    Paper.SERVER: timedelta(days=180),
    Paper.OFFICE: timedelta(days=180),
}


@dataclass(frozen=True)
class Ending:
    """One of them, and when it ends. `lasts`: for how long it was issued, where that is known."""

    paper: Paper
    ends_at: datetime
    lasts: timedelta | None = None


def is_due(ending: Ending, at: datetime) -> bool:
    """Whether it is to be renewed now; what ended already, too. Of one for a few days, in its last third."""
    within = RENEWED_WITHIN.get(ending.paper)
    if within is not None and ending.lasts is not None:
        within = min(within, ending.lasts / 3)
    return within is not None and at >= ending.ends_at - within


def warns(ending: Ending, at: datetime) -> bool:
    """Whether somebody must be notified: from sixty days before it ends. Of one for a few days, later."""
    before = WARNED_FOR if ending.lasts is None else min(WARNED_FOR, ending.lasts / 6)
    return at >= ending.ends_at - before


def renewed_for(lasts: timedelta, most: timedelta) -> timedelta:
    """How long a renewal lasts: as long as what it renews was issued for, and no longer than any is.

    Who gives a certificate for a week does not mean two years.
    """
    return min(lasts, most)


def list_holds(ends_at: datetime, warned_at: datetime | None, at: datetime) -> bool:
    """Whether a list of the revoked still says who is revoked.

    Past its end it does until a month after the first warning (`warned_at`), so that a headquarters that was
    switched off for a year does not shut out every office at once. What is on the list counts all the same.
    """
    return at <= ends_at or warned_at is None or at < warned_at + LIST_OUTLASTS_BY
