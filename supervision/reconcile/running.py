"""The runner of the reconciler: taken in one transaction, looked outside of any, written down in another."""

import structlog

from supervision.clock import Clock, now
from supervision.database import Database
from supervision.reconcile import turns
from supervision.reconcile.place import Place
from supervision.reconcile.service import look, write_down
from supervision.settings import Settings

log = structlog.get_logger(__name__)


def run_due(settings: Settings, database: Database, clock: Clock = now) -> bool:
    """Compare all witnesses if that is due, and write down what it came to; False if it was not."""
    with database.reading() as looking:
        if not turns.is_due(turns.last_run(looking), clock()):
            return False
    with database.transaction() as session:
        if not turns.take(session, clock()):
            return False
    at = clock()
    with database.reading() as looking:
        looked = look(looking, Place.of(settings), at)
    with database.transaction() as session:
        outcome = write_down(session, looked, at)
        turns.finish(session, outcome, clock())
    if outcome.disagreements or outcome.healed or outcome.unread:
        log.info("reconciled", **vars(outcome))
    return True
