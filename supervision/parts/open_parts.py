"""How many parts of an office are open: begun and not yet final, whether bytes are still to come or not.

An empty file of its name stands for each, in a folder beside the parts: `growing` while bytes are to come,
`waiting` once all are here. So a creation never goes through what has come in over the years, and as a rule lists
nothing: each process counts on and off from its last look, which is made anew after some seconds, and where the
limit is reached.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from supervision import disk
from supervision.parts.errors import TooManyUnfinished
from supervision.paths import HqPaths, PartName

LOOK_AGAIN_S, LOOK_AT_LIMIT_S, SWEEP_S = 5.0, 1.0, 60.0


@dataclass(frozen=True)
class Limits:
    """How many parts of one office may be open: of which bytes are to come, and in all."""

    growing: int
    open: int


@dataclass
class _Count:
    at: float
    growing: int
    open: int
    swept_at: float = float("-inf")

    def reaches(self, limits: Limits) -> bool:
        return self.growing >= limits.growing or self.open >= limits.open


class OpenParts:
    """The marks of open parts, of all offices under one home."""

    def __init__(self, paths: HqPaths, clock: Callable[[], float] = time.monotonic) -> None:
        self._paths = paths
        self._clock = clock
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()

    def admit(self, office: str, limits: Limits) -> None:
        """Count one more part of an office. Raises TooManyUnfinished where it has as many as it may have."""
        with self._lock:
            count = self._counts.get(office)
            age_s = self._clock() - count.at if count is not None else LOOK_AGAIN_S
            if count is None or age_s >= LOOK_AGAIN_S or (count.reaches(limits) and age_s >= LOOK_AT_LIMIT_S):
                count = self._look(office, limits, count)
            if count.reaches(limits):
                raise TooManyUnfinished(limits.growing if count.growing >= limits.growing else limits.open)
            count.growing += 1
            count.open += 1

    def note_begun(self, office: str, name: PartName) -> None:
        """A part is begun."""
        mark = self._mark(office, "growing", name)
        disk.make_folder(mark.parent, 0o750)
        mark.touch(0o640)

    def note_complete(self, office: str, name: PartName) -> None:
        """All its bytes are here; it waits for being final."""
        waiting = self._mark(office, "waiting", name)
        if self._mark(office, "growing", name).exists():
            disk.make_folder(waiting.parent, 0o750)
            with contextlib.suppress(FileNotFoundError):
                self._mark(office, "growing", name).replace(waiting)
                self._count_off(office, growing=1)

    def note_final(self, office: str, name: PartName) -> None:
        """It is final."""
        for kind in ("growing", "waiting"):
            with contextlib.suppress(FileNotFoundError):
                self._mark(office, kind, name).unlink()
                self._count_off(office, growing=int(kind == "growing"), open_=1)

    def growing(self, office: str) -> int:
        """How many parts have bytes to come."""
        return len(self._names(office, "growing"))

    def _look(self, office: str, limits: Limits, before: _Count | None) -> _Count:
        """Count anew; where the limit is reached, without marks that a crash has left behind."""
        count = self._counted(office)
        count.swept_at = before.swept_at if before is not None else count.swept_at
        if count.reaches(limits) and self._clock() - count.swept_at >= SWEEP_S:
            self._sweep(office)
            count = self._counted(office)
            count.swept_at = self._clock()
        self._counts[office] = count
        return count

    def _counted(self, office: str) -> _Count:
        growing, waiting = (len(self._names(office, kind)) for kind in ("growing", "waiting"))
        return _Count(self._clock(), growing, growing + waiting)

    def _sweep(self, office: str) -> None:
        for kind in ("growing", "waiting"):
            for text in self._names(office, kind):
                name = PartName.parse(text)
                begun = name is not None and self._paths.incoming_offset(office, name).exists()
                if name is None or not begun or self._paths.incoming_final(office, name).exists():
                    (self._paths.open_parts(office, kind) / text).unlink(missing_ok=True)

    def _count_off(self, office: str, *, growing: int, open_: int = 0) -> None:
        """Of what another process counted this one knows from its next look on."""
        with self._lock:
            if (count := self._counts.get(office)) is not None:
                count.growing = max(0, count.growing - growing)
                count.open = max(0, count.open - open_)

    def _names(self, office: str, kind: str) -> list[str]:
        try:
            return [path.name for path in self._paths.open_parts(office, kind).iterdir()]
        except FileNotFoundError:
            return []

    def _mark(self, office: str, kind: str, name: PartName) -> Path:
        return self._paths.open_parts(office, kind) / str(name)
