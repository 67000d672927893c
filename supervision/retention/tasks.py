"""What the worker does about recordings that are kept no longer."""

from datetime import timedelta

from supervision.retention import deletions
from supervision.retention.carrying_out import Work
from supervision.retention.removing import Remover
from supervision.settings import Mode
from supervision.task import Worker


def propose_deletions(worker: Worker) -> bool:
    """Headquarters: propose to delete what is past its time and not under hold."""
    with worker.database.transaction() as session:
        deletions.propose_due(session, worker.clock())
    return False


def delete_next(worker: Worker) -> bool:
    """Delete one recording that two people agreed to delete; on a node, one that headquarters has deleted."""
    work = _work(worker)
    return work.delete_next_agreed() if worker.settings.mode is Mode.HQ else work.delete_next_ordered()


def put_parts_away(worker: Worker) -> bool:
    """Remove raw parts that both sealed copies have made superfluous, once the set time is over."""
    return _work(worker).put_parts_away(timedelta(days=worker.settings.raw_kept_days))


def _work(worker: Worker) -> Work:
    remover = Remover(worker.settings.home, worker.settings.mode)
    return Work(worker.database, remover, worker.clock)
