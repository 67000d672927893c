"""What the worker does about judgements, records and appeals."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from supervision.discipline import notices, watching
from supervision.incidents.set_aside import Item, each
from supervision.task import Worker

REMIND = "remind of decisions"
Reminder = Callable[[Session, UUID, datetime, str], bool]


def tell_of_judgements(worker: Worker) -> bool:
    """Headquarters: tell people of the judgements of their calls; whether there are more."""
    with worker.database.transaction() as session:
        return notices.tell_of_judgements(session, worker.clock())


def remind_of_decisions(worker: Worker) -> bool:
    """Headquarters: remind of proposals and appeals, and write people that a record about them was decided."""
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.reading() as looking:
        waiting: list[tuple[Item, tuple[Reminder, UUID]]] = [
            (Item(one.office_code, REMIND, one.subject), (reminder, one.id))
            for reminder, found in (
                (watching.remind_of_record, watching.list_undecided(looking)),
                (watching.remind_of_appeal, watching.list_open_appeals(looking)),
                (watching.tell_person, watching.list_unconfirmed(looking)),
            )
            for one in found
        ]
    each(worker.database, worker.clock, REMIND, waiting, lambda one: _remind(worker, *one, domain))
    return False


def _remind(worker: Worker, reminder: Reminder, identity: UUID, domain: str) -> None:
    with worker.database.transaction() as session:
        reminder(session, identity, worker.clock(), domain)
