"""Which part is sent next, and how much of it: what is heard live before what comes late; the newest first.

Decision 2. What comes late shares the link with calls in progress: it is cut into pieces of a quarter of a
second, two of them under way, so that a live second never waits long behind it, and the link is never idle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

LIVE_CHUNK_BYTES = 128 * 1024
LATE_PIECE_S = 0.25
LATE_SMALLEST_BYTES = 64 * 1024
LATE_LARGEST_BYTES = 4 * 1024 * 1024
LATE_AT_ONCE = 2
_NEW_WEIGHT = 0.5


@dataclass(frozen=True)
class Waiting:
    """A part as the choice sees it.

    `offset` is what headquarters acknowledges (None: not asked yet), `size` what is on disk, `length` the final
    length once the part is closed, `fixed` whether it was sent to headquarters. `touched_at` is when it was
    written to last.
    """

    name: str
    offset: int | None
    size: int
    length: int | None
    fixed: bool
    touched_at: datetime
    busy: bool = False

    @property
    def live(self) -> bool:
        """Whether the call goes on."""
        return self.length is None

    @property
    def wants(self) -> bool:
        """Whether there is anything to be sent."""
        if self.offset is None:
            return True
        return self.offset < self.size or (self.length is not None and not self.fixed)


@dataclass(frozen=True)
class Pace:
    """How fast one connection was lately, when it sent what comes late; None before anything was sent."""

    bytes_per_s: float | None = None

    def after(self, length: int, took_s: float) -> "Pace":
        """The pace once so many bytes more were acknowledged in that time."""
        seen = length / max(took_s, 0.001)
        if self.bytes_per_s is None:
            return Pace(seen)
        return Pace(self.bytes_per_s + _NEW_WEIGHT * (seen - self.bytes_per_s))

    @property
    def late_chunk_bytes(self) -> int:
        """What goes through in a quarter of a second, within bounds."""
        wanted = int((self.bytes_per_s or 0.0) * LATE_PIECE_S)
        return min(max(wanted, LATE_SMALLEST_BYTES), LATE_LARGEST_BYTES)


def late_at_once(connections: int) -> int:
    """How many connections may send what comes late; the others are for calls in progress."""
    return max(1, min(LATE_AT_ONCE, connections // 2))


def choose(parts: Iterable[Waiting], *, late_allowed: bool) -> str | None:
    """The part to send from next, or None. Late ones only where there is room for them beside the live ones."""
    wanted = [part for part in parts if part.wants and not part.busy and (part.live or late_allowed)]
    best = max(wanted, key=lambda part: (part.live, part.touched_at, part.name), default=None)
    return best.name if best else None


def chunk_bytes(part: Waiting, pace: Pace) -> int:
    """How much is sent at once: little while the call goes on, so that it is heard soon."""
    most = LIVE_CHUNK_BYTES if part.live else pace.late_chunk_bytes
    return max(0, min(part.size - (part.offset or 0), most))
