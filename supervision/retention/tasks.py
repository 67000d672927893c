"""What the worker does about recordings that are kept no longer: write down, remove files, write down again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from supervision.disk import sync_folder
from supervision.parts.store import part_store
from supervision.paths import PartName, Paths
from supervision.retention import deleting, putting_away
from supervision.retention.deleting import DeletionTarget
from supervision.retention.service import propose_due
from supervision.settings import Mode
from supervision.task import Worker

log = structlog.get_logger(__name__)


def propose_deletions(worker: Worker) -> bool:
    """Headquarters: propose to delete what is past its time and not under hold."""
    with worker.database.transaction() as session:
        propose_due(session, worker.clock())
    return False


def delete_next(worker: Worker) -> bool:
    """Delete one recording that two people agreed to delete; on a node, one that headquarters has deleted."""
    return _delete_next_agreed(worker) if worker.settings.mode is Mode.HQ else _delete_next_ordered(worker)


def put_parts_away(worker: Worker) -> bool:
    """Remove the raw parts of some recordings that both sealed copies have made superfluous; False if none were.

    Each sealed file is read just before: what is acknowledged is never left in a bad copy only.
    """
    kept, mode = timedelta(days=worker.settings.raw_kept_days), worker.settings.mode
    with worker.database.reading() as looking:
        found = putting_away.parts_to_put_away(looking, mode, kept, worker.clock())
    removed = [_put_away(worker, one) for one in found]
    return any(removed)


@dataclass(frozen=True)
class Remover:
    """Knows where the files of one machine are: a node's spool, or what came in at headquarters."""

    home: Path
    mode: Mode

    def remove_recording(self, target: DeletionTarget) -> None:
        """All audio of a recording: the sealed copy, its peaks, its raw parts. Durable when it returns."""
        paths = Paths(self.home)
        sealed = paths.sealed(target.call_id, target.offered_at)
        for path in (sealed, paths.peaks(target.call_id, target.offered_at)):
            path.unlink(missing_ok=True)
        if sealed.parent.is_dir():
            for left in sealed.parent.glob(f".{target.call_id}.*.tmp"):
                left.unlink(missing_ok=True)
            sync_folder(sealed.parent)
        self.remove_parts(target.office_code, target.parts)

    def remove_parts(self, office_code: str, names: Iterable[str]) -> None:
        """Raw parts; at headquarters what they were stays known, so that none is ever received again."""
        parts = [part for name in names if (part := PartName.parse(name)) is not None]
        part_store(self.home, self.mode).remove(office_code, parts)


def _delete_next_agreed(worker: Worker) -> bool:
    with worker.database.reading() as looking:
        key = deleting.next_item(looking, worker.clock())
        closable = key is None and deleting.is_any_done(looking)
    if closable:
        with worker.database.transaction() as session:
            deleting.close_done(session, worker.clock())
    if key is None:
        return False
    with worker.database.transaction() as session:
        target = deleting.take_out_of_use(session, key, worker.clock())
    if target is not None:
        _remover(worker).remove_recording(target)
        with worker.database.transaction() as session:
            deleting.finish_item(session, key, worker.clock())
        _log(target)
    return True


def _delete_next_ordered(worker: Worker) -> bool:
    with worker.database.reading() as looking:
        call_id = deleting.next_order(looking, worker.clock())
    if call_id is None:
        return False
    with worker.database.transaction() as session:
        target = deleting.begin_order(session, call_id)
    _remover(worker).remove_recording(target)
    with worker.database.transaction() as session:
        deleting.finish_order(session, target, worker.clock())
    _log(target)
    return True


def _put_away(worker: Worker, one: putting_away.OnlySealed) -> bool:
    target = one.target
    sealed = worker.paths.sealed(target.call_id, target.offered_at)
    if not putting_away.is_as_sealed(sealed, one.flac_sha256):
        log.error("raw parts are kept: the sealed file is not what was sealed", call_id=str(target.call_id))
        with worker.database.transaction() as session:
            putting_away.have_looked_through(session, target.call_id, worker.clock())
        return False
    _remover(worker).remove_parts(target.office_code, target.parts)
    with worker.database.transaction() as session:
        putting_away.note_put_away(session, target, worker.clock())
    return True


def _remover(worker: Worker) -> Remover:
    return Remover(worker.settings.home, worker.settings.mode)


def _log(target: DeletionTarget) -> None:
    log.info("recording deleted", call_id=str(target.call_id), deletion=str(target.deletion_id))
