"""What the worker does about this machine: its disks, its certificates and Asterisk's logs."""

from supervision.storage import expiring, rotating, watching
from supervision.task import Worker


def watch_storage(worker: Worker) -> bool:
    """See how much room the disks of this machine have, and how long what is for headquarters has waited."""
    found = watching.measure(worker.settings)
    with worker.database.transaction() as session:
        watching.note(session, worker.settings, found, worker.clock())
    return False


def mind_certificates(worker: Worker) -> bool:
    """Renew what ends and can be renewed here; say what ends within sixty days."""
    expiring.mind_certificates(worker.settings, worker.database, worker.clock)
    return False


def rotate_asterisk_logs(worker: Worker) -> bool:
    """Keep Asterisk's text logs small; where no Asterisk runs there are none."""
    rotating.rotate_logs(worker.paths.asterisk_log)
    return False
