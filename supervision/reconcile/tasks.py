"""What the worker does to find calls whose witnesses disagree."""

from supervision.reconcile import running, scrub
from supervision.task import Worker


def compare_witnesses(worker: Worker) -> bool:
    """Compare what all witnesses say of calls, each minute and whenever somebody asks (S1 to S3)."""
    running.run_due(worker.settings, worker.database, worker.clock)
    return False


def scrub_some(worker: Worker) -> bool:
    """Look through the content of what is due first."""
    scrub.scrub_some(worker.database, worker.settings, worker.clock)
    return False
