"""What the worker does about findings."""

from supervision.findings import service
from supervision.incidents.set_aside import Item, each
from supervision.task import Worker

REMIND = "remind of findings"


def open_treatments(worker: Worker) -> bool:
    """Headquarters: open a treatment for each breach that was found; whether there are more."""
    with worker.database.transaction() as session:
        return service.open_treatments(session)


def remind_of_untreated(worker: Worker) -> bool:
    """Headquarters: remind of what is untreated and due soon or overdue, once a day."""
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.reading() as looking:
        items = [(Item(code, REMIND, code), code) for code in service.offices_to_remind(looking)]
    each(worker.database, worker.clock, REMIND, items, lambda code: _remind(worker, code, domain))
    return False


def _remind(worker: Worker, office_code: str, domain: str) -> None:
    with worker.database.transaction() as session:
        service.remind_of_untreated(session, office_code, worker.clock(), domain)
