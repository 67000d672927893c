"""What the worker does about recordings: receive their parts, and seal them."""

import uuid
from functools import partial

import structlog

from supervision.incidents.set_aside import Item, each
from supervision.parts.errors import DiskFault, DiskFull
from supervision.parts.incoming import Incoming
from supervision.parts.store import part_store
from supervision.paths import HqPaths
from supervision.recordings import encoding, receiving, sealing
from supervision.recordings.models import RecordingState
from supervision.task import Worker
from supervision.watchdog import in_hand

log = structlog.get_logger(__name__)


def receive_parts(worker: Worker) -> bool:
    """See which closed parts are all here, and hand over to be sealed what is complete."""
    database, clock = worker.database, worker.clock
    incoming = Incoming(HqPaths(worker.settings.home))
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
    each(
        database,
        clock,
        "receive",
        parts,
        receive,
        cut=receiving.more_than_announced(one.office_code for one in waiting),
    )
    calls = ((Item(code, "finish", str(call)), call) for code, call in complete)
    each(database, clock, "finish", calls, finish, cut=receiving.more_than_announced(code for code, _ in complete))
    return False


def seal_next(worker: Worker) -> bool:
    """Seal the recording that has been due longest of the office whose turn it is."""
    with worker.database.transaction() as session:
        claim = sealing.claim_due(session, worker.clock(), worker.settings.seal_lease_s)
    if claim is None:
        return False
    _seal(worker, claim)
    return True


def seal_call(worker: Worker, call_id: uuid.UUID) -> RecordingState | None:
    """Seal one call's recording now; nothing is done if it is sealed and its file is as it was.

    Its state afterwards, None if another worker took it over meanwhile. Raises NotFound, Refused while the
    call goes on, Conflict while another worker has it; a failure in the work itself becomes an incident.
    """
    with worker.database.transaction() as session:
        claim = sealing.claim_call(session, call_id, worker.clock(), worker.settings.seal_lease_s)
    return _seal(worker, claim)


def _seal(worker: Worker, claim: encoding.Claim) -> RecordingState | None:
    try:
        with in_hand(sealing.item_of(claim), worker.settings.seal_lease_s):
            parts = part_store(worker.settings.home, worker.settings.mode)
            encoded = encoding.encode_recording(worker.paths, claim, partial(parts.path, claim.office_code))
        with worker.database.transaction() as session:
            state = sealing.finish(session, claim, encoded, worker.clock(), worker.settings.scrub_every)
    except Exception as error:
        with worker.database.transaction() as session:
            state = sealing.fail(session, claim, error, worker.clock())
        log.exception("sealing failed", call_id=str(claim.call_id), attempt=claim.attempt, state=state)
        return state
    defects = [str(defect.cause) for defect in encoded.defects] if encoded else []
    log.info("sealed", call_id=str(claim.call_id), state=state, attempt=claim.attempt, defects=defects)
    return state
