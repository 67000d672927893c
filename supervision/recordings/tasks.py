"""What headquarters' worker does about parts that come in: each part and each call by itself."""

import uuid

from supervision.archive.incoming import Incoming
from supervision.archive.refusals import DiskFault, DiskFull
from supervision.clock import Clock
from supervision.database import Database
from supervision.incidents.set_aside import Item, each
from supervision.paths import HqPaths
from supervision.recordings import receiving
from supervision.settings import Settings


def receive_parts(settings: Settings, database: Database, clock: Clock) -> None:
    """See which closed parts are all here, and hand over to be sealed what is complete."""
    incoming = Incoming(HqPaths(settings.home))
    with database.reading() as looking:
        waiting = receiving.announced(looking, clock())
        complete = receiving.closed_without_parts(looking)

    def receive(part: receiving.Announced) -> None:
        found = receiving.is_here(incoming, part)
        if found is False:
            return
        with database.transaction() as session:
            if isinstance(found, DiskFault | DiskFull):
                receiving.note_unreadable(session, part.office_code, part.name, found, clock())
            elif isinstance(found, Exception):
                receiving.note_differs(session, part, found, clock())
            else:
                receiving.note_received(session, part, clock())

    def finish(call_id: uuid.UUID) -> None:
        with database.transaction() as session:
            receiving.finish_arrived(session, call_id, clock())

    parts = ((Item(one.office_code, "receive", one.name), one) for one in waiting)
    each(database, clock, "receive", parts, receive, cut=receiving.more_than_announced(waiting))
    calls = ((Item(code, "finish", str(call)), call) for code, call in complete)
    each(database, clock, "finish", calls, finish)
