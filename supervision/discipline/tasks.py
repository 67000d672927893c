"""What the worker does about judgements, records and appeals."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from supervision.discipline import notices, watching
from supervision.discipline.queries import list_decided_appeals, list_newly_notified
from supervision.incidents.set_aside import Item, each
from supervision.machines.service import HEADQUARTERS
from supervision.task import Worker

REMIND = "remind of decisions"
NOTICES_OF = timedelta(days=1)
OUTCOMES_OF = timedelta(days=7)
Reminder = Callable[[Session, UUID, datetime, str], bool]


def tell_of_judgements(worker: Worker) -> bool:
    """Headquarters: tell people of the judgements of their calls; whether there are more."""
    with worker.database.transaction() as session:
        return notices.tell_of_judgements(session, worker.clock())


def remind_of_decisions(worker: Worker) -> bool:
    """Headquarters: remind of proposals and appeals, and write people of judgements, decisions and outcomes.

    What was not written in these days, since the worker was away, stands on their start pages only; so does all
    of it where no mail server is set up.
    """
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    at = worker.clock()
    with worker.database.transaction() as session:
        watching.recount_appeal_days(session, at)
    with worker.database.reading() as looking:
        waiting: list[tuple[Item, tuple[Reminder, UUID]]] = [
            (Item(one.office_code, REMIND, one.subject), (reminder, one.id))
            for reminder, found in (
                (watching.remind_of_record, watching.list_undecided(looking)),
                (watching.remind_of_appeal, watching.list_open_appeals(looking)),
                (watching.tell_person, watching.list_unconfirmed(looking)),
                (watching.tell_outcome, list_decided_appeals(looking, at - OUTCOMES_OF)),
            )
            for one in found
        ]
        waiting += [
            (Item(one.office_code or HEADQUARTERS, REMIND, one.login), (watching.tell_of_unread, one.id))
            for one in list_newly_notified(looking, at - NOTICES_OF)
        ]
    each(worker.database, worker.clock, REMIND, waiting, lambda one: _remind(worker, *one, domain))
    return False


def _remind(worker: Worker, reminder: Reminder, identity: UUID, domain: str) -> None:
    with worker.database.transaction() as session:
        reminder(session, identity, worker.clock(), domain)
