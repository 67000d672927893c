"""Places for who listens to calls in progress: so many in a process, some kept for headquarters, two a person.

A person's two places are counted over all processes of this machine: each is a lock on a file of his, which the
system itself gives back when a process ends, however it ends.
"""

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore

from supervision.actor import OFFICE_ROLES, Actor
from supervision.errors import Busy

AGAIN_S = 3
LOOK_S = 0.05


@dataclass
class Places:
    """The places of this process. `file` names the file of a person's first or second place.

    `kept` of them are taken by nobody of an office. One who connects again just as his last connection ends is
    given `patience_s` before he is refused because he listens twice already.
    """

    file: Callable[[Actor, int], Path]
    most: int = 10
    kept: int = 4
    each: int = 2
    patience_s: float = 0.5
    everybodys: BoundedSemaphore = field(init=False)
    offices: BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self.everybodys = BoundedSemaphore(self.most)
        self.offices = BoundedSemaphore(self.most - self.kept)

    def take(self, actor: Actor) -> Callable[[], None]:
        """Take a place; what gives it back. Raises Busy, of his own where he has two already."""
        with ExitStack() as stack:
            _enter(stack, self.everybodys)
            if actor.role in OFFICE_ROLES:
                _enter(stack, self.offices)
            self._enter_own(stack, actor)
            return stack.pop_all().close

    def _enter_own(self, stack: ExitStack, actor: Actor) -> None:
        ends = time.monotonic() + self.patience_s
        while True:
            for n in range(self.each):
                handle = _lock(self.file(actor, n))
                if handle is not None:
                    stack.callback(os.close, handle)
                    return
            if time.monotonic() >= ends:
                raise Busy("listening_twice", AGAIN_S, own=True)
            time.sleep(LOOK_S)


def _enter(stack: ExitStack, places: BoundedSemaphore) -> None:
    if not places.acquire(blocking=False):
        raise Busy("listening_full", AGAIN_S)
    stack.callback(places.release)


def _lock(file: Path) -> int | None:
    """The handle of a locked file; None where another holds it."""
    file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
