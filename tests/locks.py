"""Acts at the same moment on PostgreSQL: each begins while the log is held, so none is over before all have."""

import threading
import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.orm import Session

from supervision.audit.service import lock_log
from supervision.database import Database
from supervision.errors import Conflict, Refused

Act = Callable[[Session], object]
WAITING = text(
    "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE NOT granted AND backend_type = 'client backend'"
)
LONGEST_S = 300.0  # far more than it takes


def at_once(database: Database, *acts: Act) -> list[str]:
    """Begin them in this order; what came of each: `done`, `conflict` or `refused`. Any other error is raised."""
    came: list[str] = [""] * len(acts)
    faults: list[Exception] = []

    def run(n: int, act: Act) -> None:
        try:
            with database.transaction() as session:
                act(session)
            came[n] = "done"
        except (Conflict, Refused) as error:
            came[n] = type(error).__name__.lower()
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
            faults.append(error)

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    with database.transaction() as held:
        lock_log(held)
        for number, thread in enumerate(threads, 1):
            thread.start()
            _until_waiting(database, threads[:number])
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return came


def _until_waiting(database: Database, threads: list[threading.Thread]) -> None:
    """Until each of them that is not over waits for another one."""
    end = time.monotonic() + LONGEST_S
    while True:
        with database.reading() as session:
            if session.scalar(WAITING) == sum(one.is_alive() for one in threads):
                return
        assert time.monotonic() < end, "nobody waits for the other"
        time.sleep(0.02)
