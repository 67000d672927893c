"""What the worker does about listenings: end those whose player reports no more."""

from sqlalchemy import select

from supervision.listening import service
from supervision.listening.models import Listening
from supervision.task import Worker


def end_silent_listenings(worker: Worker) -> bool:
    """Write down what was heard by those whose page went away without a word."""
    silent = Listening.ended_at.is_(None), Listening.last_heard_at < worker.clock() - service.UNHEARD_AFTER
    with worker.database.reading() as looking:
        if looking.scalar(select(Listening.id).where(*silent).limit(1)) is None:
            return False
    with worker.database.transaction() as session:
        return service.finish_silent(session, worker.clock()) > 0
