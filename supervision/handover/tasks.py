"""What the worker does about what waits for people who are gone."""

from supervision.handover import service
from supervision.task import Worker


def watch_handovers(worker: Worker) -> bool:
    """Headquarters: note what waits for nobody, and which posts are empty."""
    with worker.database.transaction() as session:
        service.watch_handovers(session, worker.clock())
    return False
