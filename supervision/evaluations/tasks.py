"""What the worker does about evaluations."""

import uuid

from supervision.evaluations.service import count_one_more, rescoring_of, uncounted
from supervision.incidents.set_aside import Item, each
from supervision.task import Worker


def count_what_was_heard(worker: Worker) -> bool:
    """Count what was submitted too early and has been heard since, one evaluation a transaction.

    Nothing is left to do at once.
    """
    with worker.database.reading() as looking:
        found = [(Item(code, "count", str(one)), one) for code, one in uncounted(looking)]
    rescoring = rescoring_of(worker.settings)

    def count(evaluation_id: uuid.UUID) -> None:
        just_before = uuid.UUID(int=evaluation_id.int - 1)
        with worker.database.transaction() as session:
            count_one_more(session, rescoring, just_before, worker.clock())

    each(worker.database, worker.clock, "count", found, count)
    return False
