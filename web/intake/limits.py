"""How often an office may ask, how many times at once, and how much it may send within a day.

Counted for each office, in each process of the intake.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable

from flask import Flask, g

from supervision.settings import Settings
from web.intake.identity import office
from web.intake.problems import Problem

OFFICE_AT_ONCE = 16  # a node has 12 connections; some that broke may not be known to be gone
DAY_S = 24 * 3600


def install(app: Flask, settings: Settings) -> None:
    """Count how often each office asks, and its requests that are under way."""
    rate, at_once = Rate(settings.intake_requests_per_s), AtOnce(OFFICE_AT_ONCE)

    def enter() -> None:
        rate.take(office())
        at_once.enter(office())
        g.counted = True

    def leave(_error: BaseException | None) -> None:
        if g.pop("counted", False):
            at_once.leave(office())

    app.before_request(enter)
    app.teardown_request(leave)


class _Buckets:
    """What is left to each name, filled evenly up to `most`; whoever uses it holds `lock`."""

    def __init__(self, most: float, per_s: float, clock: Callable[[], float]) -> None:
        self.lock = threading.Lock()
        self._most = most
        self._per_s = per_s
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def left(self, name: str) -> float:
        """What is left at this moment."""
        at = self._clock()
        left, since = self._left.get(name, (self._most, at))
        left = min(self._most, left + (at - since) * self._per_s)
        self._left[name] = (left, at)
        return left

    def spend(self, name: str, amount: float) -> None:
        """Take so much of what `left` has just returned; there may be less than none after it."""
        left, at = self._left[name]
        self._left[name] = (left - amount, at)


class Rate:
    """So many requests a second, and twice as many at once after a pause."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._buckets = _Buckets(max(1.0, 2 * per_s), per_s, clock)

    def take(self, office: str) -> None:
        """Count one request; a 429 problem, which says when to come again, if there were too many."""
        with self._buckets.lock:
            tokens = self._buckets.left(office)
            if tokens >= 1:
                self._buckets.spend(office, 1)
                return
        wait_s = max(1, math.ceil((1 - tokens) / self._per_s))
        detail = f"At most {self._per_s:g} requests a second"
        raise Problem(429, "too-many-requests", "Too many requests", detail, {"Retry-After": str(wait_s)})


class BytesADay:
    """So many bytes of each sort at once, and as many more evenly over each day."""

    def __init__(self, a_day: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = a_day / DAY_S
        self._buckets = _Buckets(float(a_day), self._per_s, clock)

    def wait_s(self, sort: str, size: int) -> int:
        """Count what is about to be read; how long it waits where the fill was sent (0: not at all)."""
        with self._buckets.lock:
            left = self._buckets.left(sort)
            if left > 0:
                self._buckets.spend(sort, size)
        return 0 if left > 0 or not size else max(1, int(-left / self._per_s) + 1)


class AtOnce:
    """So many requests of one office at a time: one that comes byte by byte holds a thread."""

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
