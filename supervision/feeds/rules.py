"""What a batch of facts tells of the office's clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta


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
