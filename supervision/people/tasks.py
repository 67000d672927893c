"""What the worker does about people who signed in."""

from supervision.people import sign_ins
from supervision.task import Worker


def end_expired_sessions(worker: Worker) -> bool:
    """Write down the end of signed-in sessions that nobody used any more."""
    with worker.database.reading() as looking:
        if not sign_ins.has_expired(looking, worker.settings, worker.clock()):
            return False
    with worker.database.transaction() as session:
        return sign_ins.end_expired(session, worker.settings, worker.clock()) > 0
