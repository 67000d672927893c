"""The order of facts: numbered from 1 in each epoch, taken in without a gap, each exactly once."""

import enum
import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

BEAT_EVERY = timedelta(seconds=15)  # a node that has nothing to tell says that it is there
AWAY_AFTER = timedelta(minutes=1)


class FactKind(enum.StrEnum):
    """What a fact tells of."""

    OFFICE = "office"
    CALL = "call"
    RECORDING = "recording"
    INCIDENT = "incident"
    WITNESS = "witness"
    DRAW_CLOSED = "draw_closed"
    DRAW_ANSWERED = "draw_answered"
    DRAW_REVEALED = "draw_revealed"
    AUDIT = "audit"
    MACHINE = "machine"


class Gap(ValueError):
    """Facts are missing between those that are held and those that came. `wanted` is the next number."""

    def __init__(self, wanted: int) -> None:
        super().__init__(f"number {wanted} is wanted next")
        self.wanted = wanted


class PutBack(ValueError):
    """A number came once more and told something else: the database that gives it was put back from a copy."""

    def __init__(self, n: int) -> None:
        super().__init__(f"number {n} is held already, and told something else")
        self.n = n


def fact_sha256(n: int, kind: str, body: Mapping[str, Any]) -> str:
    """What tells one fact from another that bears its number: when it was written is not what it tells."""
    whole = json.dumps([n, kind, body], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def was_put_back(sent: Sequence[int], received_n: int, answered: int) -> bool:
    """Whether headquarters' answer shows that the node's database was put back from a copy.

    The answer to some facts is never beyond the last of them, and without any (the node knows of nothing that is
    not there) not beyond what was known to be there: nobody but this node gives its numbers.
    """
    return answered > (sent[-1] if sent else received_n)


def is_away(reached_at: datetime | None, at: datetime) -> bool:
    """Whether headquarters counts as away for a node that last had its answer then (None: never)."""
    return reached_at is None or at - reached_at > AWAY_AFTER


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
