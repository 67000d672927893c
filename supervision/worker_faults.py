"""What fails in the worker as a whole: a task, or an item during which the process died; each is an incident.

Such an item is set aside, so that the worker that is started next passes it. The item may itself hold the database
up; then a file says what it was, and the next worker names it before anything else.
"""

import json
from collections.abc import Iterable
from contextlib import suppress

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from supervision import disk
from supervision.clock import Clock
from supervision.database import Database
from supervision.incidents.set_aside import Item, set_aside, take_up
from supervision.machines.service import HEADQUARTERS
from supervision.offices.service import only_office
from supervision.paths import Paths
from supervision.settings import Mode, Settings
from supervision.watchdog import TooLong

log = structlog.get_logger(__name__)

TASK = "task"
NOT_BACK = TooLong("the worker did not come back")
STORE_WAIT_S = 3.0  # the watchdog gives ten for all


class WorkerFaults:
    """Names what breaks, and what of it goes well again."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, tasks: Iterable[str]) -> None:
        """Of all `tasks` an incident may be open: an earlier process may have left any."""
        self._settings = settings
        self._database = database
        self._clock = clock
        self._tasks = set(tasks)
        self._left_behind = Paths(settings.home).left_behind
        self._place = HEADQUARTERS  # known before anything is in hand: that may hold the database
        with suppress(SQLAlchemyError), database.reading() as session:
            self._find_place(session)

    def name_task(self, task: str, error: Exception) -> None:
        """Say that a whole task broke, where the database can be written to.

        Where the server could not be reached the task is not to blame.
        """
        if _is_unreachable(error):
            return
        if not self._name(Item(self._place, TASK, task), error):
            log.warning("not written down", task=task)

    def took_up(self, task: str) -> None:
        """A task went well."""
        if task in self._tasks:
            with self._database.transaction() as session:
                take_up(session, self._item(session, task), self._clock())
            self._tasks.discard(task)

    def name_in_hand(self, what: object) -> None:
        """Say from what the worker does not come back: an item of a task, or else the task.

        It may itself hold the database up; then a file says it.
        """
        item = what if isinstance(what, Item) else Item(self._place, TASK, str(what))
        if not self._name(item, NOT_BACK, STORE_WAIT_S):
            disk.make_folder(self._left_behind.parent)
            disk.replace(self._left_behind, json.dumps(vars(item)).encode())

    def name_left_behind(self) -> None:
        """Name what an earlier worker could write into a file only."""
        with suppress(FileNotFoundError, SQLAlchemyError):
            item = _parsed(self._left_behind.read_bytes())
            if item is not None:
                with self._database.transaction() as session:
                    set_aside(session, item, NOT_BACK, self._clock())
            self._left_behind.unlink()

    def _name(self, item: Item, error: Exception, wait_s: float | None = None) -> bool:
        """Set an item aside; False where the database cannot be written within that time."""
        if item.task == TASK:
            self._tasks.add(item.name)
        try:
            with self._database.transaction(wait_s=wait_s) as session:
                if wait_s is None and item.task == TASK:
                    item = self._item(session, item.name)
                set_aside(session, item, error, self._clock())
        except SQLAlchemyError:
            return False
        return True

    def _item(self, session: Session, task: str) -> Item:
        self._find_place(session)
        return Item(self._place, TASK, task)

    def _find_place(self, session: Session) -> None:
        """A node has no office before its description was loaded."""
        if self._settings.mode is not Mode.HQ:
            self._place = only_office(session) or HEADQUARTERS


def _parsed(text: bytes) -> Item | None:
    try:
        stored = json.loads(text)
        return Item(str(stored["office_code"]), str(stored["task"]), str(stored["name"]))
    except (ValueError, KeyError, TypeError) as error:
        log.warning("what was left behind cannot be read", error=str(error)[:200])
        return None


def _is_unreachable(error: Exception) -> bool:
    """Whether there was no server to ask: it has given no code, as it does for whatever fails in a transaction."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") is None
