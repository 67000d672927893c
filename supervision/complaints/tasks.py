"""What the worker does about complaints."""

from supervision.complaints.service import note_overdue
from supervision.task import Worker


def note_overdue_complaints(worker: Worker) -> bool:
    """Headquarters: note each overdue complaint once a day."""
    with worker.database.transaction() as session:
        note_overdue(session, worker.clock())
    return False
