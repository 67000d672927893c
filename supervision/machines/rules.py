"""When a disk has too little room, and when what waits for headquarters has waited too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RISES_BY_PERCENT = 1.0
SEND_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class Volume:
    """One file system, by the first of our folders there. `level`: less than so many percent are free."""

    name: str
    total_bytes: int
    free_bytes: int
    read_only: bool = False
    level: int | None = None

    @property
    def free_percent(self) -> float:
        """How much of it is free."""
        return 100 * self.free_bytes / self.total_bytes if self.total_bytes else 0.0


@dataclass(frozen=True)
class Backlog:
    """What headquarters still lacks: parts and their bytes, and since when the oldest of it waits."""

    parts: int = 0
    size_bytes: int = 0
    oldest_at: datetime | None = None


def level_of(volume: Volume, levels: Sequence[int], before: int | None) -> int | None:
    """The lowest level below which its free share has fallen, in percent; None above all.

    A level that was reached (`before`) lasts until one percent more than that is free, so that a disk on the
    verge of it is one incident and not a hundred.
    """
    below = [level for level in levels if volume.free_percent < level]
    found = min(below, default=None)
    if before is not None and (found is None or found > before) and before in levels:
        return before if volume.free_percent < before + RISES_BY_PERCENT else found
    return found


def waits_too_long(backlog: Backlog, at: datetime, longest: timedelta) -> bool:
    """Whether the oldest of what headquarters lacks has waited longer than it may."""
    return backlog.oldest_at is not None and at - backlog.oldest_at > longest


def worth_sending(
    before: Sequence[Volume], after: Sequence[Volume], sent_at: datetime | None, at: datetime
) -> bool:
    """Whether to send headquarters how the disks stand: at every change of a level, and now and then."""
    if sent_at is None or at - sent_at >= SEND_EVERY:
        return True
    state = {volume.name: (volume.level, volume.read_only) for volume in before}
    return state != {volume.name: (volume.level, volume.read_only) for volume in after}
