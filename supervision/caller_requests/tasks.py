"""What the worker does about callers' requests."""

from supervision.caller_requests import service
from supervision.task import Worker


def note_overdue_requests(worker: Worker) -> bool:
    """Headquarters: count the due days of open requests again, and say once a day which are past theirs."""
    with worker.database.transaction() as session:
        service.recount_due(session, worker.clock())
        service.note_overdue(session, worker.clock())
    return False
