"""How often an office may ask, and how many times at once: counted for each, in each process of the intake."""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable

from flask import Flask, g

from web.intake.identity import office
from web.intake.problems import Problem

OFFICE_AT_ONCE = 16  # a node has 12 connections; some that broke may not be known to be gone


def install(app: Flask) -> None:
    """Count the requests of each office that are under way."""
    at_once = AtOnce(OFFICE_AT_ONCE)

    def enter() -> None:
        at_once.enter(office())
        g.counted = True

    def leave(_error: BaseException | None) -> None:
        if g.pop("counted", False):
            at_once.leave(office())

    app.before_request(enter)
    app.teardown_request(leave)


class Rate:
    """So many requests a second, and twice as many at once after a pause."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._most = max(1.0, 2 * per_s)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, office: str) -> None:
        """Count one request; a 429 problem, which says when to come again, if there were too many."""
        with self._lock:
            at = self._clock()
            tokens, since = self._buckets.get(office, (self._most, at))
            tokens = min(self._most, tokens + (at - since) * self._per_s)
            enough = tokens >= 1
            self._buckets[office] = (tokens - 1 if enough else tokens, at)
        if not enough:
            wait_s = max(1, math.ceil((1 - tokens) / self._per_s))
            detail = f"At most {self._per_s:g} requests a second"
            raise Problem(429, "too-many-requests", "Too many requests", detail, {"Retry-After": str(wait_s)})


class AtOnce:
    """So many requests of one office at a time: one that comes byte by byte holds a thread, of which there are
    enough for the nodes of thirteen offices that do nothing else.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = Counter[str]()
        self._lock = threading.Lock()

    def enter(self, office: str) -> None:
        """Count a request that begins; a 429 problem if there are too many."""
        with self._lock:
            if self._held[office] >= self._most:
                detail = f"At most {self._most} requests at once"
                raise Problem(429, "too-many-at-once", "Too many requests at once", detail, {"Retry-After": "1"})
            self._held[office] += 1

    def leave(self, office: str) -> None:
        """One has ended."""
        with self._lock:
            self._held[office] -= 1
