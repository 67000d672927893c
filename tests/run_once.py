"""The worker's tasks, each until nothing is due, without its loop."""

from collections.abc import Mapping
from functools import partial

from supervision.clock import Clock, now
from supervision.database import Database
from supervision.settings import Settings
from supervision.task import Worker
from supervision.worker import TASKS


def run_once(settings: Settings, database: Database, clock: Clock = now) -> Mapping[str, int]:
    """Do all that is due, and say how many items of each task that was. Raises SQLAlchemyError."""
    worker = Worker(settings, database, clock)
    tasks = [task for task in TASKS if task.runs_in(settings.mode)]
    return {task.name: sum(1 for _ in iter(partial(task.do_next, worker), False)) for task in tasks}
