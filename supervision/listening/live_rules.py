"""Listening to a recording while it grows: where one is in it, when one goes on, and how loud each side is.

Plain functions on plain data (S3; decisions 2 and 3). A growing part is 16-bit stereo at 8 kHz, 32,000 bytes a
second, the caller on the left, what he hears on the right. Asterisk writes blocks of 1.02 s, so nobody can
listen closer behind the speaker than that.
"""

import math
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import mul

BYTES_A_FRAME = 4
BYTES_A_SECOND = 32_000
LEAD_BYTES = 41_600  # 1.3 s: a block of Asterisk's, and what its way here may differ by
FAR_BEHIND_BYTES = 4 * BYTES_A_SECOND
LONGEST_LIVE_S = 24 * 3600.0

QUIETEST_DB = -60.0
LEVEL_BYTES = BYTES_A_SECOND // 2
LEVELS = 10


@dataclass(frozen=True)
class FoundPart:
    """One part: what can be heard of it, and, once the record says so, when it began and how long it is."""

    name: str
    held: int
    started_at: datetime | None = None
    length_bytes: int | None = None


@dataclass(frozen=True)
class LaidPart:
    """One part on the timeline of its recording. `whole`: it is closed and all of it is here."""

    name: str
    held: int
    begins_s: float
    whole: bool


@dataclass(frozen=True)
class Place:
    """Where one is: at this byte of this part."""

    part: str
    at: int


def lay(parts: Sequence[FoundPart]) -> list[LaidPart]:
    """The parts in their order, each where it begins in the recording (decision 7).

    Those whose beginning is not known yet come last. A part begins when it began, but never before the end
    of what is held of the one before.
    """
    dated = sorted((part.started_at, part.name, part) for part in parts if part.started_at is not None)
    undated = sorted((part for part in parts if part.started_at is None), key=lambda part: part.name)
    begun_s = [(began - dated[0][0]).total_seconds() for began, _, _ in dated] + [0.0] * len(undated)
    laid: list[LaidPart] = []
    ends_s = 0.0
    for part, own_s in zip([*(part for _, _, part in dated), *undated], begun_s, strict=True):
        begins_s = max(ends_s, own_s)
        whole = part.length_bytes is not None and part.held >= part.length_bytes
        laid.append(LaidPart(part.name, part.held, round(begins_s, 3), whole))
        ends_s = begins_s + part.held / BYTES_A_SECOND
    return laid


def live_edge(parts: Sequence[LaidPart]) -> Place | None:
    """Where one begins to listen: a little before the end of what is here; None where nothing is yet."""
    for part in reversed(parts):
        if part.held:
            at = max(0, part.held - LEAD_BYTES)
            return Place(part.name, at - at % BYTES_A_FRAME)
    return None


def go_on(parts: Sequence[LaidPart], place: Place | None) -> Place | None:
    """Where one goes on from a place: there; in the next part where this one is heard; at the edge, if far behind.

    A call in progress is heard as it goes. What a cut has kept back is in the recording, and is skipped here.
    """
    here = next((n for n, part in enumerate(parts) if place is not None and part.name == place.part), None)
    if place is None or here is None:
        return live_edge(parts)
    at = min(place.at, parts[here].held)
    later = [part for part in parts[here + 1 :] if part.held]
    if parts[here].held - at + sum(part.held for part in later) > FAR_BEHIND_BYTES:
        return live_edge(parts)
    if at == parts[here].held and later:
        return Place(later[0].name, 0)
    return Place(place.part, at - at % BYTES_A_FRAME)


def edge_s(parts: Sequence[LaidPart]) -> float:
    """Where on the timeline the end of what is here lies."""
    return round(max((part.begins_s + part.held / BYTES_A_SECOND for part in parts if part.held), default=0.0), 3)


def is_over(parts: Sequence[LaidPart], place: Place | None, *, closed: bool) -> bool:
    """Whether there will be nothing more to hear: no part will be added, and the last is heard to its end."""
    if not closed or not all(part.whole for part in parts):
        return False
    last = next((part for part in reversed(parts) if part.held), None)
    return last is None or (place is not None and place == Place(last.name, last.held))


def levels_db(pcm: bytes) -> tuple[float, float]:
    """How loud each side of some audio is, caller and officer: RMS in dB of full scale, -60 at the quietest."""
    samples = array("h", pcm[: len(pcm) - len(pcm) % BYTES_A_FRAME])
    if sys.byteorder == "big":
        samples.byteswap()
    return _db(samples[0::2]), _db(samples[1::2])


def level(db: float) -> int:
    """A loudness as a step of a quiet meter: 0 for silence, 10 at full scale."""
    return round(LEVELS * (1 - max(QUIETEST_DB, min(0.0, db)) / QUIETEST_DB))


def _db(side: Sequence[int]) -> float:
    power = sum(map(mul, side, side)) / len(side) if side else 0.0
    return round(max(QUIETEST_DB, 10 * math.log10(power / 32768**2)), 1) if power else QUIETEST_DB
