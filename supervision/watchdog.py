"""The worker's watchdog: no item of work takes longer than it may, so that one never holds up all others.

An item that is over its time is broken off by an alarm. One that does not even hear that (the disk, a library) is
named by a thread that watches, and the process ends: the service manager starts it anew, and the item rests.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog

log = structlog.get_logger(__name__)

DEAF_S = 60.0
NAMED_WITHIN_S = 10.0


class TooLong(Exception):
    """An item of work took longer than it may."""


@contextmanager
def deadline(within_s: float) -> Iterator[None]:
    """Break off with TooLong what takes longer. Works in a process's main thread; elsewhere nothing is watched.

    Within another one's time the shorter of both counts.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong(f"longer than {within_s:g} s")

    began = time.monotonic()
    left_s, _ = signal.getitimer(signal.ITIMER_REAL)
    if 0 < left_s < within_s:
        yield
        return
    handler = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, within_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left_s:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left_s - (time.monotonic() - began)))


def _end(_name: str) -> None:
    os._exit(1)


class Watch:
    """Watches over whatever the worker has in hand, from a thread of its own."""

    def __init__(self, name: Callable[[str], None], *, end: Callable[[str], None] = _end) -> None:
        """`name`: write down what was in hand, before `end`."""
        self._name = name
        self._end = end
        self._changed = threading.Condition()
        self._in_hand = ""
        self._stopped = False
        self._until = float("inf")
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    @contextmanager
    def hold(self, what: str, within_s: float) -> Iterator[None]:
        """Have this in hand for so long at most."""
        with self._changed:
            self._in_hand, self._until = what, time.monotonic() + within_s + DEAF_S
            self._changed.notify_all()
        try:
            with deadline(within_s):
                yield
        finally:
            with self._changed:
                self._in_hand, self._until = "", float("inf")

    def _watch(self) -> None:
        with self._changed:
            while not self._stopped:
                left_s = self._until - time.monotonic()
                if left_s <= 0:
                    break
                self._changed.wait(min(left_s, 3600))
            if self._stopped:
                return
            what = self._in_hand
        log.critical("the worker does not come back", in_hand=what)
        # The database may be what does not come back: it is told beside, and not waited for.
        naming = threading.Thread(target=self._name, args=(what,), name="naming", daemon=True)
        naming.start()
        naming.join(NAMED_WITHIN_S)
        self._end(what)
