"""What the worker does about the audit log."""

from supervision.audit.checkpoints import is_checkpoint_due, make_checkpoint
from supervision.task import Worker


def sign_head(worker: Worker) -> bool:
    """Headquarters: sign the head of the audit log each hour, for the offices to keep."""
    with worker.database.reading() as looking:
        if not is_checkpoint_due(looking, worker.clock()):
            return False
    with worker.database.transaction() as session:
        return make_checkpoint(session, worker.paths, worker.clock()) is not None
