"""What a batch of facts tells of the office's clock."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, overload

LARGEST = 2**63
CLOCK_BOUND = timedelta(minutes=10)
CAUGHT_UP = timedelta(seconds=30)
LONGEST_SILENCE = timedelta(days=7)


def is_behind(off: timedelta, at: datetime, heard_at: datetime | None) -> bool:
    """Whether it is headquarters' own clock that is wrong, and no fact of an office can be judged by it.

    Two say so: the office's clock is ahead of it (`off`), and headquarters wrote down a later time itself when it
    last heard any office (`heard_at`). Where the office agrees with it, it was ahead then, and was put right.
    """
    return heard_at is not None and at < heard_at - CLOCK_BOUND and off > CLOCK_BOUND


def clock_off(
    sent_at: datetime | None, latest: datetime | None, written: Sequence[datetime], heard_at: datetime
) -> timedelta:
    """How far an office's clock is ahead of headquarters' (or behind, below zero), as well as can be told.

    A batch that says when it was sent tells it exactly. Without that, a fact cannot have been written after it
    was heard of, nor before a fact that was taken in earlier (`latest`): what is told late is no wrong clock.
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

    It does where the office had not told all that was past, or not sent the audio of it: a line may come and go.
    No longer than a week, or an office that is silent now and then would be excused for ever.
    """
    behind = owes_audio or fact_at is None or heard_at - fact_at > CAUGHT_UP
    return away_at is not None and behind and at - away_at <= LONGEST_SILENCE


@overload
def storable(told: str) -> str: ...
@overload
def storable(told: dict[str, Any]) -> dict[str, Any]: ...
@overload
def storable(told: Any) -> Any: ...


def storable(told: Any) -> Any:
    """What an office told, as any database can hold it: what it cannot is written as Python writes it.

    A NUL, half a character, a number that is none or too long: such a fact is refused, and kept to be looked into.
    """
    if isinstance(told, str):
        whole = told.encode("utf-8", "backslashreplace").decode()
        return whole.replace("\0", "\\x00")
    if isinstance(told, dict):
        return {storable(str(key)): storable(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [storable(value) for value in told]
    if isinstance(told, float) and not math.isfinite(told):
        return str(told)
    if isinstance(told, int) and abs(told) > LARGEST:
        return f"{told:.6e}" if abs(told) < 10**300 else "a number of more than 300 digits"
    return told
