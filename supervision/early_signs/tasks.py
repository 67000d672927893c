"""What the worker does about early signs."""

import uuid

from supervision.early_signs import service
from supervision.incidents.set_aside import Item, each
from supervision.machines.service import HEADQUARTERS
from supervision.task import Worker

REMIND = "remind of early signs"


def mark_early_signs(worker: Worker) -> bool:
    """Headquarters: look once at each week that is over."""
    with worker.database.transaction() as session:
        service.mark_signs(session, worker.clock())
    return False


def remind_of_measures(worker: Worker) -> bool:
    """Headquarters: remind of measures that are due soon or overdue, once a day each."""
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.reading() as looking:
        items = [
            (Item(one.office_code or HEADQUARTERS, REMIND, str(one.id)), one.id)
            for one in service.list_due(looking)
        ]
    each(worker.database, worker.clock, REMIND, items, lambda one: _remind(worker, one, domain))
    return False


def _remind(worker: Worker, sign_id: uuid.UUID, domain: str) -> None:
    with worker.database.transaction() as session:
        service.remind_of_measure(session, sign_id, worker.clock(), domain)
