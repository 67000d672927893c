"""Which part is sent next: what is heard live before what comes late; of both the newest first (decision 2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

LIVE_CHUNK_BYTES = 128 * 1024
LATE_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Waiting:
    """A part as the choice sees it.

    `offset` is what headquarters acknowledges (None: not asked yet), `size` what is on disk, `length` the final
    length once the part is closed, `fixed` whether headquarters was told of it. `touched_at` is when it was
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


def choose(parts: Iterable[Waiting], *, late_allowed: bool) -> str | None:
    """The part to send from next, or None. Late ones only where there is room for them beside the live ones."""
    wanted = [part for part in parts if part.wants and not part.busy and (part.live or late_allowed)]
    best = max(wanted, key=lambda part: (part.live, part.touched_at, part.name), default=None)
    return best.name if best else None


def chunk_bytes(part: Waiting) -> int:
    """How much is sent at once: little while the call goes on, so that it is heard soon."""
    most = LIVE_CHUNK_BYTES if part.live else LATE_CHUNK_BYTES
    return max(0, min(part.size - (part.offset or 0), most))
