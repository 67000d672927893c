"""What the worker does about quotas."""

from supervision.actor import Scope
from supervision.incidents.set_aside import Item, each
from supervision.quotas.queries import Quota, list_quotas
from supervision.quotas.service import remind_of
from supervision.task import Worker


def remind_of_quotas(worker: Worker) -> bool:
    """Headquarters: remind of what is due soon or overdue, once a day each."""
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.reading() as looking:
        quotas = [
            (Item(one.draw.office_code, "remind", one.draw.name), one)
            for one in list_quotas(looking, Scope(), worker.clock())
        ]
    each(worker.database, worker.clock, "remind", quotas, lambda quota: _remind_of(worker, quota, domain))
    return False


def _remind_of(worker: Worker, quota: Quota, domain: str) -> None:
    with worker.database.transaction() as session:
        remind_of(session, quota, worker.clock(), domain)
