"""What the worker does about rectifications."""

import uuid

from supervision.incidents.set_aside import Item, each
from supervision.rectification import watching
from supervision.task import Worker

WATCH, REMIND = "watch rectifications", "remind of rectifications"


def watch_closed(worker: Worker) -> bool:
    """Headquarters: reopen what recurs within the watch."""
    with worker.database.reading() as looking:
        watched = watching.list_recurring(looking)
        items = [(Item(one.office_code, WATCH, one.number), one.id) for one in watched]
    each(worker.database, worker.clock, WATCH, items, lambda one: _watch(worker, one))
    return False


def remind_of_rectifications(worker: Worker) -> bool:
    """Headquarters: remind of what is due soon or overdue, once a day each."""
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.reading() as looking:
        items = [(Item(one.office_code, REMIND, one.number), one.id) for one in watching.list_unfinished(looking)]
    each(worker.database, worker.clock, REMIND, items, lambda one: _remind(worker, one, domain))
    return False


def _watch(worker: Worker, rectification_id: uuid.UUID) -> None:
    with worker.database.transaction() as session:
        watching.watch_one(session, rectification_id, worker.clock())


def _remind(worker: Worker, rectification_id: uuid.UUID, domain: str) -> None:
    with worker.database.transaction() as session:
        watching.remind_of(session, rectification_id, worker.clock(), domain)
