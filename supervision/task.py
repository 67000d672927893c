"""What the worker runs: a task, and what each has at hand. The table of all is in `supervision/worker.py`."""

import enum
from collections.abc import Callable
from dataclasses import dataclass

from supervision.clock import Clock, now
from supervision.database import Database
from supervision.paths import Paths
from supervision.settings import Mode, Settings


@dataclass(frozen=True)
class Worker:
    """What a task has at hand: the settings, the database and the time."""

    settings: Settings
    database: Database
    clock: Clock = now

    @property
    def paths(self) -> Paths:
        """The folders of this node."""
        return Paths(self.settings.home)


class Where(enum.Enum):
    """Where a task runs."""

    OFFICE = frozenset({Mode.OFFICE})
    HEADQUARTERS = frozenset({Mode.HQ})
    BOTH = frozenset({Mode.OFFICE, Mode.HQ})


@dataclass(frozen=True)
class Task:
    """One kind of work. `do_next` does the item that is due first; False if nothing more is to be done now.

    `every_s`: how long the worker leaves it alone after that.
    """

    name: str
    do_next: Callable[[Worker], bool]
    every_s: float = 0.0
    where: Where = Where.BOTH

    def runs_in(self, mode: Mode) -> bool:
        """Whether it is a task of an office or of headquarters."""
        return mode in self.where.value
