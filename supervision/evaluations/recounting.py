"""The worker's look at what was submitted too early: it counts as soon as its reviewer has heard on."""

import uuid

from supervision.clock import Clock
from supervision.database import Database
from supervision.evaluations.rescoring import rescoring_of
from supervision.evaluations.service import count_one_more, has_uncounted
from supervision.settings import Mode, Settings


def count_what_was_heard(settings: Settings, database: Database, clock: Clock) -> bool:
    """At headquarters: count what can be counted, one evaluation a transaction; nothing is left to do at once."""
    if settings.mode is not Mode.HQ:
        return False
    with database.reading() as looking:
        if not has_uncounted(looking):
            return False
    rescoring, after = rescoring_of(settings), uuid.UUID(int=0)
    while True:
        with database.transaction() as session:
            seen = count_one_more(session, rescoring, after, clock())
        if seen is None:
            return False
        after = seen
