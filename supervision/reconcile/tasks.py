"""What the worker does to find calls whose witnesses disagree."""

import time
from datetime import datetime

import structlog

from supervision.database import Database
from supervision.reconcile.scrub import scrub_next
from supervision.reconcile.service import (
    Looked,
    asked_again,
    claim_run,
    finish_run,
    in_doubt,
    is_due,
    last_run,
    look,
    release_run,
    write_down,
)
from supervision.reconcile.site import Site
from supervision.task import Worker

log = structlog.get_logger(__name__)

PASSES_WITHIN_S = 1.0  # a file is removed, or put in its place, a moment before or after that is written down
SCRUB_S = 2.0


def compare_witnesses(worker: Worker) -> bool:
    """Compare all witnesses each minute and whenever somebody asks (S1 to S3), and write down what it came to.

    The run is claimed in one transaction, looked outside of any, and written down in another. False: none was due.
    """
    with worker.database.reading() as looking:
        if not is_due(last_run(looking), worker.clock()):
            return False
    with worker.database.transaction() as session:
        if not claim_run(session, worker.clock()):
            return False
    at = worker.clock()
    try:
        looked = look_twice(worker.database, Site.of(worker.settings), at)
        with worker.database.transaction() as session:
            outcome = write_down(session, looked, at)
            finish_run(session, outcome, worker.clock())
    except Exception:
        with worker.database.transaction() as session:
            release_run(session)
        raise
    if outcome.disagreements or outcome.healed or outcome.unread:
        log.info("reconciled", **vars(outcome))
    return True


def look_twice(database: Database, site: Site, at: datetime) -> Looked:
    """Look, and a moment later once more at the files that were not as they should be and had been until now."""
    with database.reading() as looking:
        looked = look(looking, site, at)
        doubtful = in_doubt(looking, looked)
    if not doubtful:
        return looked
    time.sleep(PASSES_WITHIN_S)
    with database.reading() as looking:
        return asked_again(looking, site, looked, doubtful, at)


def scrub_some(worker: Worker) -> bool:
    """Look through the content of what has been due longest, for two seconds: other work must not wait."""
    until_s = time.monotonic() + SCRUB_S
    while time.monotonic() < until_s and scrub_next(worker.database, worker.settings, worker.clock):
        pass
    return False
