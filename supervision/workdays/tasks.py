"""What the worker does about the calendar of working days."""

from supervision.task import Worker
from supervision.workdays import service


def note_provisional_years(worker: Worker) -> bool:
    """Headquarters: notify the head of a year whose holidays are not known yet."""
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.transaction() as session:
        service.note_provisional(session, worker.clock(), domain)
    return False
