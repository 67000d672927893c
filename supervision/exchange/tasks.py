"""What the worker does about the outbox."""

from datetime import timedelta

from supervision.exchange import service as outbox
from supervision.task import Worker

KEPT_FOR = timedelta(days=60)


def forget_sent_facts(worker: Worker) -> bool:
    """Let go of facts that headquarters has had for long enough to have a copy of its own database."""
    with worker.database.transaction() as session:
        outbox.forget_before(session, worker.clock() - KEPT_FOR)
    return False
