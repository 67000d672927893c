"""What the worker does about evaluations."""

from supervision.evaluations import recounting
from supervision.task import Worker


def count_what_was_heard(worker: Worker) -> bool:
    """Count what was submitted too early and has been heard since."""
    return recounting.count_what_was_heard(worker.settings, worker.database, worker.clock)
