"""Server-sent events: one small generator that looks once a second and says what is new, each matter by itself.

A connection holds a thread of its worker, so it is bounded: it ends by itself, and the browser connects again.
There are so many places in each process; who finds none gets one message and comes back after a pause, so that the
page still follows, only more slowly, and the rest of the site never waits for a thread.
"""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from flask import json
from sqlalchemy.exc import SQLAlchemyError

EVERY_S = 1.0
BEAT_S = 10.0  # a comment now and then: a browser that has gone is only noticed by writing to it
AGAIN_MS = 200
LATER_MS = 4000
STUCK_S = 15.0
LEAVE = "event: leave\ndata:\n\n"
NO_STORE = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}

log = logging.getLogger(__name__)


def _always() -> bool:
    return True


@dataclass
class Streams:
    """The streams of one kind in this process: how long one lasts, how many there may be, whether it goes on."""

    longest_s: float = 55.0
    most: int = 16
    serving: Callable[[], bool] = _always
    places: BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self.places = BoundedSemaphore(self.most)


News = Mapping[str, Any]


def never_stuck(environ: Mapping[str, Any]) -> None:
    """Let no browser that has stopped reading hold a thread: gunicorn's socket gives up after a while."""
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(STUCK_S)


def events(
    streams: Streams, look: Callable[[], News | None], now: Callable[[], str]
) -> Generator[str, None, None]:
    """What `look` finds under the name of each event, whenever it differs from before.

    Ends with `leave` when nobody may see it. Begins with the server's time, since the browser's clock may
    be wrong.
    """
    has_place = streams.places.acquire(blocking=False)
    try:
        yield f"retry: {AGAIN_MS if has_place else LATER_MS}\nevent: clock\ndata: {now()}\n\n"
        ends = time.monotonic() + (streams.longest_s if has_place else 0)
        yield from _news(look, ends, streams.serving)
    except SQLAlchemyError as error:
        log.warning("a live stream ends: %s", type(error).__name__)
        yield f"retry: {LATER_MS}\n\n"
    finally:
        if has_place:
            streams.places.release()


def _news(look: Callable[[], News | None], ends: float, serving: Callable[[], bool]) -> Iterator[str]:
    last: News = {}
    said_at = time.monotonic()
    while True:
        found = look()
        if found is None:
            yield LEAVE
            return
        fresh = {name: data for name, data in found.items() if name not in last or last[name] != data}
        for name, data in fresh.items():
            yield f"event: {name}\ndata: {json.dumps(data)}\n\n"
        if fresh:
            last, said_at = found, time.monotonic()
        elif time.monotonic() - said_at >= BEAT_S:
            said_at = time.monotonic()
            yield ":\n\n"
        if time.monotonic() + EVERY_S > ends or not serving():
            return
        time.sleep(EVERY_S)
