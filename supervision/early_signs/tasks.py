"""What the worker does about early signs."""

from supervision.early_signs import service
from supervision.task import Worker


def mark_early_signs(worker: Worker) -> bool:
    """Headquarters: look once at each week that is over."""
    with worker.database.transaction() as session:
        service.mark_signs(session, worker.clock())
    return False
