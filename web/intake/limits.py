"""How often an office may ask: a bucket of tokens for each, in each process of the intake."""

import math
import threading
import time
from collections.abc import Callable

from web.intake.problems import Problem


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
