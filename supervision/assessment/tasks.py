"""What the worker does about assessments."""

from datetime import date

from supervision.assessment import service
from supervision.incidents.set_aside import Item, each
from supervision.machines.service import HEADQUARTERS
from supervision.task import Worker

CORRECT = "correct assessments"


def note_corrections(worker: Worker) -> bool:
    """Headquarters: look once a day at each closed month for what has changed since."""
    with worker.database.reading() as looking:
        months = service.list_unchecked(looking, worker.clock())
    items = [(Item(HEADQUARTERS, CORRECT, f"{month:%Y-%m}"), month) for month in months]
    each(worker.database, worker.clock, CORRECT, items, lambda month: _correct(worker, month))
    return False


def _correct(worker: Worker, month: date) -> None:
    with worker.database.transaction() as session:
        service.note_corrections(session, month, worker.clock())
