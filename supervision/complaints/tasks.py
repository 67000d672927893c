"""What the worker does about complaints."""

import uuid

from supervision.complaints import watching
from supervision.incidents.set_aside import Item, each
from supervision.task import Worker

REMIND = "remind of complaints"


def remind_of_complaints(worker: Worker) -> bool:
    """Headquarters: remind of what is due soon or overdue, once a day each."""
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.reading() as looking:
        items = [(Item(one.office_code, REMIND, one.number), one.id) for one in watching.list_open(looking)]
    each(worker.database, worker.clock, REMIND, items, lambda one: _remind(worker, one, domain))
    return False


def _remind(worker: Worker, complaint_id: uuid.UUID, domain: str) -> None:
    with worker.database.transaction() as session:
        watching.remind_of(session, complaint_id, worker.clock(), domain)
