"""The order of facts: numbered from 1 in each epoch, taken in without a gap, each exactly once."""

import enum
import itertools
from collections.abc import Sequence


class FactKind(enum.StrEnum):
    """What a fact tells of."""

    OFFICE = "office"
    CALL = "call"
    RECORDING = "recording"
    INCIDENT = "incident"
    WITNESS = "witness"
    DRAW_CLOSED = "draw_closed"


class Gap(ValueError):
    """Facts are missing between those that are held and those that came. `wanted` is the next number."""

    def __init__(self, wanted: int) -> None:
        super().__init__(f"number {wanted} is wanted next")
        self.wanted = wanted


def new_ones(held: int, numbers: Sequence[int]) -> int:
    """How many of the facts that came, counted from the front, are held already.

    `held` is the last number that is held (0: none yet). Numbers that do not run on by one, or begin after the
    next one wanted, raise Gap: nothing of such a batch is taken.
    """
    if any(later != earlier + 1 for earlier, later in itertools.pairwise(numbers)):
        raise Gap(held + 1)
    if numbers and (numbers[0] > held + 1 or numbers[0] < 1):
        raise Gap(held + 1)
    return min(len(numbers), max(0, held - numbers[0] + 1)) if numbers else 0
