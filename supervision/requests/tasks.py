"""What the worker does about callers' requests."""

from supervision.requests import overdue
from supervision.task import Worker


def note_overdue_requests(worker: Worker) -> bool:
    """Headquarters: say once a day which callers' requests are past their day."""
    with worker.database.transaction() as session:
        overdue.note_overdue(session, worker.clock())
    return False
