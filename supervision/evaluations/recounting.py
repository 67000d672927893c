"""The worker's look at what was submitted too early: it counts as soon as its reviewer has heard on."""

import uuid

from supervision.clock import Clock
from supervision.database import Database
from supervision.evaluations.rescoring import rescoring_of
from supervision.evaluations.service import count_one_more, uncounted
from supervision.incidents.set_aside import Item, each
from supervision.settings import Mode, Settings


def count_what_was_heard(settings: Settings, database: Database, clock: Clock) -> bool:
    """At headquarters: count what can be counted, one evaluation a transaction; nothing is left to do at once."""
    if settings.mode is not Mode.HQ:
        return False
    with database.reading() as looking:
        found = [(Item(code, "count", str(one)), one) for code, one in uncounted(looking)]
    rescoring = rescoring_of(settings)

    def count(evaluation_id: uuid.UUID) -> None:
        just_before = uuid.UUID(int=evaluation_id.int - 1)
        with database.transaction() as session:
            count_one_more(session, rescoring, just_before, clock())

    each(database, clock, "count", found, count)
    return False
