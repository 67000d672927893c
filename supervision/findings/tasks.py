"""What the worker does about findings."""

from supervision.findings import overdue, service
from supervision.task import Worker


def open_treatments(worker: Worker) -> bool:
    """Headquarters: open a treatment for each breach that was found; whether there are more."""
    with worker.database.transaction() as session:
        return service.open_treatments(session)


def note_untreated(worker: Worker) -> bool:
    """Headquarters: say once a day which findings are untreated after their day."""
    with worker.database.transaction() as session:
        overdue.note_overdue(session, worker.clock())
    return False
