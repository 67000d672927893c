"""The sound of a call in progress, as one connection carries it: follows the parts as they grow, near their end.

A connection holds a thread of its worker, so it is bounded, as the live page's are (`web/live/stream.py`): it ends
by itself and the player connects again at its place. What leaves is noted, durably, before it leaves.
"""

import logging
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from supervision.errors import DomainError
from supervision.listening.live_rules import LaidPart, Place, edge_s, go_on, is_over
from supervision.listening.queries import GrowingRecording
from supervision.parts.store import PartStore
from supervision.paths import PartName
from web.live.frames import Saying, place_frame, sound_frame, state_frame
from web.live.stream import Streams

GLANCE_S = 0.1
LOOK_EVERY_S = 1.0
MOST_BYTES = 65_536

log = logging.getLogger(__name__)


@dataclass
class Source:
    """Where the sound of one connection comes from.

    `look` finds what there is of the recording, or None once the listener may no longer hear it; `note` writes
    down what is about to leave.
    """

    store: PartStore
    look: Callable[[], GrowingRecording | None]
    note: Callable[[int], None]


def sound(streams: Streams, source: Source, place: Place | None) -> Generator[bytes, None, None]:
    """Frames from a place on, or from near the end of what is here."""
    try:
        yield from _frames(streams, source, place)
    except (SQLAlchemyError, DomainError, OSError) as error:
        log.warning("a live listening's connection ends: %s", type(error).__name__)


def _frames(streams: Streams, source: Source, place: Place | None) -> Generator[bytes, None, None]:
    ends, looked_at = time.monotonic() + streams.longest_s, 0.0
    found: GrowingRecording | None = None
    said: Place | None = None
    while True:
        now = time.monotonic()
        looked = found is None or now - looked_at >= LOOK_EVERY_S
        if found is None or looked:
            found, looked_at = source.look(), now
        if found is None:
            yield state_frame(Saying.LEAVE, 0.0)
            return
        parts = _glance(source.store, found, place)
        place = go_on(parts, place)
        if place is not None and place != said:
            yield place_frame(place, next(part for part in parts if part.name == place.part))
        pcm = _read(source.store, found.office_code, place)
        if pcm and place is not None:
            source.note(len(pcm))
            yield sound_frame(pcm)
            place = replace(place, at=place.at + len(pcm))
        said = place
        over = is_over(parts, place, closed=found.closed)
        if looked or pcm or over:
            yield state_frame(Saying.OVER if over else Saying.ON, edge_s(parts))
        if over or now >= ends or not streams.serving():
            return
        if not pcm:
            time.sleep(GLANCE_S)


def _glance(store: PartStore, found: GrowingRecording, place: Place | None) -> list[LaidPart]:
    """The parts, with what is held of the one that is being heard as it is now: that needs no database."""
    name = PartName.parse(place.part) if place is not None else None
    if name is None:
        return found.parts
    held = store.held(found.office_code, name)
    return [replace(part, held=held) if part.name == str(name) else part for part in found.parts]


def _read(store: PartStore, office: str, place: Place | None) -> bytes:
    name = PartName.parse(place.part) if place is not None else None
    return store.read(office, name, place.at, MOST_BYTES) if name is not None and place is not None else b""
