"""The runner of the reconciler: taken in one transaction, looked outside of any, written down in another."""

import time
from datetime import datetime

import structlog

from supervision.clock import Clock, now
from supervision.database import Database
from supervision.reconcile import turns
from supervision.reconcile.place import Place
from supervision.reconcile.service import Looked, asked_again, in_doubt, look, write_down
from supervision.settings import Settings

log = structlog.get_logger(__name__)

PASSES_WITHIN_S = 1.0  # a file is removed, or put in its place, a moment before or after that is written down


def run_due(settings: Settings, database: Database, clock: Clock = now) -> bool:
    """Compare all witnesses if that is due, and write down what it came to; False if it was not."""
    with database.reading() as looking:
        if not turns.is_due(turns.last_run(looking), clock()):
            return False
    with database.transaction() as session:
        if not turns.take(session, clock()):
            return False
    at = clock()
    try:
        looked = look_twice(database, Place.of(settings), at)
        with database.transaction() as session:
            outcome = write_down(session, looked, at)
            turns.finish(session, outcome, clock())
    except Exception:
        with database.transaction() as session:
            turns.release(session)
        raise
    if outcome.disagreements or outcome.healed or outcome.unread:
        log.info("reconciled", **vars(outcome))
    return True


def look_twice(database: Database, place: Place, at: datetime) -> Looked:
    """Look, and a moment later once more at the files that were not as they should be and had been until now."""
    with database.reading() as looking:
        looked = look(looking, place, at)
        doubtful = in_doubt(looking, looked)
    if not doubtful:
        return looked
    time.sleep(PASSES_WITHIN_S)
    with database.reading() as looking:
        return asked_again(looking, place, looked, doubtful, at)
