"""The worker's three kinds of removal, each: look, write down, remove files, write down that they are gone."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from supervision.clock import Clock
from supervision.database import Database
from supervision.paths import Paths
from supervision.retention import orders, proving, putting_away
from supervision.retention.claims import Doomed
from supervision.retention.removing import Remover

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Work:
    """Removal on one machine."""

    database: Database
    remover: Remover
    clock: Clock

    def delete_next_agreed(self) -> bool:
        """Headquarters: delete one recording that two people agreed to delete; False if there is none."""
        with self.database.reading() as looking:
            key = proving.next_item(looking, self.clock())
            closable = key is None and proving.is_any_done(looking)
        if closable:
            with self.database.transaction() as session:
                proving.close_done(session, self.clock())
        if key is None:
            return False
        with self.database.transaction() as session:
            doomed = proving.take_out_of_use(session, key, self.clock())
        if doomed is not None:
            self.remover.remove_recording(doomed)
            with self.database.transaction() as session:
                proving.finish(session, key, self.clock())
            _log(doomed)
        return True

    def delete_next_ordered(self) -> bool:
        """Node: delete one recording that headquarters has deleted; False if there is none."""
        with self.database.reading() as looking:
            call_id = orders.next_order(looking, self.clock())
        if call_id is None:
            return False
        with self.database.transaction() as session:
            doomed = orders.begin_order(session, call_id)
        self.remover.remove_recording(doomed)
        with self.database.transaction() as session:
            orders.finish_order(session, doomed, self.clock())
        _log(doomed)
        return True

    def put_parts_away(self, kept: timedelta) -> bool:
        """Remove the raw parts of some recordings whose time is over; False if none were removed.

        Each sealed file is read just before: what is acknowledged is never left in a bad copy only.
        """
        with self.database.reading() as looking:
            found = putting_away.parts_to_put_away(looking, self.remover.mode, kept, self.clock())
        removed = [self._put_away(one) for one in found]
        return any(removed)

    def _put_away(self, one: putting_away.OnlySealed) -> bool:
        doomed = one.doomed
        sealed = Paths(self.remover.home).sealed(doomed.call_id, doomed.offered_at)
        if not putting_away.is_as_sealed(sealed, one.flac_sha256):
            log.error("raw parts are kept: the sealed file is not what was sealed", call_id=str(doomed.call_id))
            with self.database.transaction() as session:
                putting_away.have_looked_through(session, doomed.call_id, self.clock())
            return False
        self.remover.remove_parts(doomed.office_code, doomed.parts)
        with self.database.transaction() as session:
            putting_away.note_put_away(session, doomed, self.clock())
        return True


def _log(doomed: Doomed) -> None:
    log.info("recording deleted", call_id=str(doomed.call_id), deletion=str(doomed.deletion_id))
