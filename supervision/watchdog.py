"""The worker's watchdog: no item of work takes longer than it may, so that one never holds up all others.

An item that is over its time is broken off by an alarm. One that does not even hear that (the disk, a library) is
named by a thread that watches, and the process ends: the service manager starts it anew, and the item rests, while
the others have their turn.
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
_watched = threading.local()  # `by`: the Watch over this thread's work


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


def _end(_what: object) -> None:
    os._exit(1)


class Watch:
    """Watches over whatever the thread that enters it has in hand, from a thread of its own."""

    def __init__(self, name: Callable[[object], None], *, end: Callable[[object], None] = _end) -> None:
        """`name`: write down what was in hand, before `end`."""
        self._name = name
        self._end = end
        self._changed = threading.Condition()
        self._in_hand: object = None
        self._stopped = False
        self._until = float("inf")
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        _watched.by = self
        return self

    def __exit__(self, *_: object) -> None:
        _watched.by = None
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    @contextmanager
    def hold(self, what: object, within_s: float) -> Iterator[None]:
        """Have this in hand for so long at most; within a turn, an item of it."""
        with self._changed:
            before = self._in_hand, self._until
            self._in_hand, self._until = what, min(self._until, time.monotonic() + within_s + DEAF_S)
            self._changed.notify_all()
        try:
            with deadline(within_s):
                yield
        finally:
            with self._changed:
                self._in_hand, self._until = before

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
        log.critical("the worker does not come back", in_hand=str(what))
        # The database may be what does not come back: it is written to beside, and not waited for.
        naming = threading.Thread(target=self._name, args=(what,), name="naming", daemon=True)
        naming.start()
        naming.join(NAMED_WITHIN_S)
        self._end(what)


@contextmanager
def in_hand(what: object, within_s: float) -> Iterator[None]:
    """Break off with TooLong what takes longer; where a watch is kept, it knows what to name."""
    watch: Watch | None = getattr(_watched, "by", None)
    with watch.hold(what, within_s) if watch is not None else deadline(within_s):
        yield
