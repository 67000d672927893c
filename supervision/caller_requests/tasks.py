"""What the worker does about callers' requests."""

from supervision.caller_requests import service
from supervision.task import Worker


def note_overdue_requests(worker: Worker) -> bool:
    """Headquarters: say once a day which callers' requests are past their day."""
    with worker.database.transaction() as session:
        service.note_overdue(session, worker.clock())
    return False
