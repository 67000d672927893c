"""What the worker does about rosters."""

from supervision.rosters import watching
from supervision.task import Worker


def watch_rosters(worker: Worker) -> bool:
    """Headquarters: note each line that nobody is on duty for today or on the next working day."""
    with worker.database.transaction() as session:
        watching.watch_rosters(session, worker.clock())
    return False
