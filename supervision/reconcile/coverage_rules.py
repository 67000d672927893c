"""Whether headquarters was told of every call of some days: what a certificate rests on (S3, decision 18).

What nobody told of is missing from each of the certificate's sums alike, so that equal sums prove nothing by
themselves. An office tells its facts in order and by number, and speaks each minute, if only to say that there is
nothing more. A pure rule.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Of days that go on, the last minutes may still be on their way.
UNDER_WAY = timedelta(minutes=10)


class Unsure(enum.StrEnum):
    """Why there may be calls of which headquarters knows nothing."""

    NEVER_TOLD = "never_told"
    NOT_ALL_TOLD = "not_all_told"
    NUMBERS_MISSING = "numbers_missing"
    FACTS_REFUSED = "facts_refused"
    BROKEN_OFF = "broken_off"


@dataclass(frozen=True)
class Told:
    """What an office told, of all its epochs together.

    `until`: whatever it wrote down before then is here (None: it never told anything). `last`: the number of its
    last fact. `whole`: no number is missing. `refused`: facts of these days that could not be taken in.
    `broken_off`: in these days its node's database was lost or put back, with what it had not told.
    """

    until: datetime | None
    last: int = 0
    whole: bool = True
    refused: int = 0
    broken_off: bool = False


def unsure(told: Told, over: datetime, at: datetime) -> Sequence[Unsure]:
    """Why it is not sure, at `at`, that every call of the days until `over` is known here; nothing if it is."""
    found = []
    if told.until is None:
        found.append(Unsure.NEVER_TOLD)
    elif told.until < min(over, at - UNDER_WAY):
        found.append(Unsure.NOT_ALL_TOLD)
    if not told.whole:
        found.append(Unsure.NUMBERS_MISSING)
    if told.refused:
        found.append(Unsure.FACTS_REFUSED)
    if told.broken_off:
        found.append(Unsure.BROKEN_OFF)
    return tuple(found)
