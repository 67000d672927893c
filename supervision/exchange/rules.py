"""The order of facts, and who is offline: numbered from 1 in each epoch, received without a gap, each once."""

import enum
import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

HEARTBEAT_EVERY = timedelta(seconds=15)  # a node that has nothing to send says that it is there
OFFLINE_AFTER = timedelta(minutes=1)
OFFLINE_LONG_AFTER = timedelta(minutes=10)  # then it is an incident, and counts as having been away
CLOCK_BOUND = timedelta(minutes=10)
CAUGHT_UP = timedelta(seconds=30)
LONGEST_OFFLINE = timedelta(days=7)


class FactKind(enum.StrEnum):
    """What a fact is about."""

    OFFICE = "office"
    CALL = "call"
    RECORDING = "recording"
    INCIDENT = "incident"
    SWITCH_RECORD = "switch_record"
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
    """A fact has a number that is held with another content: the node's database was restored from a copy."""

    def __init__(self, n: int) -> None:
        super().__init__(f"number {n} is held already, with another content")
        self.n = n


def fact_sha256(n: int, kind: str, body: Mapping[str, Any]) -> str:
    """What two facts of one number are compared by: their content, and not when they were written."""
    whole = json.dumps([n, kind, body], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def was_put_back(sent: Sequence[int], received_n: int, answered: int) -> bool:
    """Whether headquarters' answer shows that the node's database was put back from a copy.

    The answer to some facts is never beyond the last of them, and without any (the node knows of nothing that is
    not there) not beyond what was known to be there: nobody but this node gives its numbers.
    """
    return answered > (sent[-1] if sent else received_n)


def is_offline(reached_at: datetime | None, at: datetime) -> bool:
    """Whether headquarters counts as away for a node that last had its answer then (None: never)."""
    return reached_at is None or at - reached_at > OFFLINE_AFTER


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


def is_behind(off: timedelta, at: datetime, heard_at: datetime | None) -> bool:
    """Whether it is headquarters' own clock that is wrong, and no fact of an office can be judged by it.

    Two say so: the office's clock is ahead of it (`off`), and headquarters wrote down a later time itself when it
    last heard any office (`heard_at`). Where the office agrees with it, it was ahead then, and was put right.
    """
    return heard_at is not None and at < heard_at - CLOCK_BOUND and off > CLOCK_BOUND


def clock_off(
    sent_at: datetime | None, latest: datetime | None, written: Sequence[datetime], heard_at: datetime
) -> timedelta:
    """How far an office's clock is ahead of headquarters' (or behind, below zero), as well as can be known.

    A batch that says when it was sent tells it exactly. Without that, a fact cannot have been written after it
    was heard of, nor before a fact that was received earlier (`latest`): what is sent late is no wrong clock.
    """
    if sent_at is not None:
        return sent_at - heard_at
    if not written:
        return timedelta(0)
    ahead = max(written) - heard_at
    if ahead > timedelta(0):
        return ahead
    back, before = timedelta(0), latest or written[0]
    for moment in written:
        back = min(back, moment - before)
        before = max(before, moment)
    return back


def still_away(
    away_at: datetime | None,
    heard_at: datetime,
    fact_at: datetime | None,
    at: datetime,
    *,
    owes_audio: bool = False,
) -> bool:
    """Whether a new silence, since `heard_at`, counts as a part of the one that began at `away_at`.

    It does where the office had not sent all that was past, or not sent the audio of it: a line may come and go.
    No longer than a week, or an office that is silent now and then would be excused for ever.
    """
    behind = owes_audio or fact_at is None or heard_at - fact_at > CAUGHT_UP
    return away_at is not None and behind and at - away_at <= LONGEST_OFFLINE
