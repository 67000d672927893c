"""The worker: `python -m supervision.jobs` takes up what is due, one item at a time, until it is stopped.

Work waits in the database. An item is claimed in one short transaction, done outside, and written down in
another, so any number of workers may run, and one that is killed only leaves a claim that runs out.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from supervision import store
from supervision.audit.checkpoints import is_checkpoint_due, make_checkpoint
from supervision.broken import Broken
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.draws import tasks as draws
from supervision.draws.share_files import ShareFiles
from supervision.evaluations.recounting import count_what_was_heard
from supervision.feeds.service import latest_position
from supervision.incidents.set_aside import Item, each
from supervision.logs import log_as_json
from supervision.mail.tasks import send_next
from supervision.outbox import service as outbox
from supervision.paths import PartName, Paths
from supervision.people import sign_ins
from supervision.people.rules import Scope
from supervision.quotas.queries import Quota, list_quotas
from supervision.quotas.service import remind_of
from supervision.reconcile import running, scrub
from supervision.reconcile.place import Place
from supervision.recordings import listening, pressing, sealing
from supervision.recordings.models import Listening, RecordingState
from supervision.recordings.tasks import receive_parts
from supervision.requests import overdue
from supervision.retention import carrying_out, deletions
from supervision.retention.removing import Remover
from supervision.secret_files import keep_from_others
from supervision.settings import Mode, Settings
from supervision.storage import rotating, watching
from supervision.storage.expiring import mind_certificates
from supervision.watchdog import Watch, in_hand

log = structlog.get_logger(__name__)

TURN_S = 5.0
JOB_S = 900.0  # of one turn; an item has less
LOOK_FOR_STORE_S = 1.0
TOLD_EACH = 60
TOLD_FACTS_KEPT = timedelta(days=60)


@dataclass(frozen=True)
class Worker:
    """What a job needs: the settings, the database, the folders and the time."""

    settings: Settings
    database: Database
    clock: Clock = now

    @property
    def paths(self) -> Paths:
        """The folders of this node."""
        return Paths(self.settings.home)

    @property
    def remover(self) -> Remover:
        """Removes files of this machine, where that was agreed."""
        return Remover(self.settings.home, self.settings.mode)

    def part_file(self, office_code: str) -> Callable[[PartName], Path]:
        """Where an office's parts are: in the node's spool, or at headquarters among what came in."""
        return Place.of(self.settings).part_file(office_code)


@dataclass(frozen=True)
class Job:
    """One kind of work. `take_one` does the item that is due first; False if none was.

    `every_s`: how long the worker leaves it alone after there was nothing more to do.
    """

    name: str
    take_one: Callable[[Worker], bool]
    every_s: float = 0.0


def seal_next(worker: Worker) -> bool:
    """Seal the recording that has been due longest."""
    with worker.database.transaction() as session:
        claim = sealing.claim_due(session, worker.clock(), worker.settings.seal_lease_s)
    if claim is None:
        return False
    _seal(worker, claim)
    return True


def seal_call(worker: Worker, call_id: UUID) -> RecordingState | None:
    """Seal one call's recording now; nothing is done if it is sealed and its file is as it was.

    Its state afterwards, None if another worker took it over meanwhile. Raises NotFound, Refused while the
    call goes on, Conflict while another worker has it; a failure in the work itself becomes an incident.
    """
    with worker.database.transaction() as session:
        claim = sealing.claim_call(session, call_id, worker.clock(), worker.settings.seal_lease_s)
    return _seal(worker, claim)


def _seal(worker: Worker, claim: pressing.Claim) -> RecordingState | None:
    try:
        with in_hand(sealing.item_of(claim), worker.settings.seal_lease_s):
            pressed = pressing.press(worker.paths, claim, worker.part_file(claim.office_code))
        with worker.database.transaction() as session:
            state = sealing.finish(session, claim, pressed, worker.clock(), worker.settings.scrub_every)
    except Exception as error:
        with worker.database.transaction() as session:
            state = sealing.fail(session, claim, error, worker.clock())
        log.exception("sealing failed", call_id=str(claim.call_id), attempt=claim.attempt, state=state)
        return state
    findings = [str(finding.cause) for finding in pressed.findings] if pressed else []
    log.info("sealed", call_id=str(claim.call_id), state=state, attempt=claim.attempt, findings=findings)
    return state


def receive(worker: Worker) -> bool:
    """Headquarters: see which closed parts are all here, and hand over to be sealed what is complete."""
    if worker.settings.mode is Mode.HQ:
        receive_parts(worker.settings, worker.database, worker.clock)
    return False


def end_silent_listenings(worker: Worker) -> bool:
    """Write down what was heard by those whose page went away without a word."""
    silent = Listening.ended_at.is_(None), Listening.last_heard_at < worker.clock() - listening.SILENT_AFTER
    with worker.database.reading() as looking:
        if looking.scalar(select(Listening.id).where(*silent).limit(1)) is None:
            return False
    with worker.database.transaction() as session:
        return listening.finish_silent(session, worker.clock()) > 0


def end_expired_sessions(worker: Worker) -> bool:
    """Write down the end of signed-in sessions that nobody used any more."""
    with worker.database.reading() as looking:
        if not sign_ins.has_expired(looking, worker.settings, worker.clock()):
            return False
    with worker.database.transaction() as session:
        return sign_ins.end_expired(session, worker.settings, worker.clock()) > 0


def watch_storage(worker: Worker) -> bool:
    """See how much room the disks of this machine have, and how long what is for headquarters has waited."""
    found = watching.measure(worker.settings)
    with worker.database.transaction() as session:
        watching.note(session, worker.settings, found, worker.clock())
    return False


def sign_head(worker: Worker) -> bool:
    """Headquarters: sign the head of the audit log each hour, for the offices to keep."""
    if worker.settings.mode is not Mode.HQ:
        return False
    with worker.database.reading() as looking:
        if not is_checkpoint_due(looking, worker.clock()):
            return False
    with worker.database.transaction() as session:
        return make_checkpoint(session, worker.paths, worker.clock()) is not None


def forget_told_facts(worker: Worker) -> bool:
    """Let go of facts that headquarters has had for long enough to have a copy of its own database."""
    with worker.database.transaction() as session:
        outbox.forget_before(session, worker.clock() - TOLD_FACTS_KEPT)
    return False


def mind_draws(worker: Worker) -> bool:
    """Headquarters: open each office's draws, and do what time alone makes due in those that go on."""
    if worker.settings.mode is Mode.HQ:
        draws.mind_draws(worker.database, ShareFiles(worker.paths), worker.clock, latest_position)
    return False


def remind_of_quotas(worker: Worker) -> bool:
    """Headquarters: remind of what is due soon or overdue, once a day each."""
    if worker.settings.mode is not Mode.HQ:
        return False
    domain = worker.settings.mail_domain if worker.settings.smtp_host else ""
    with worker.database.reading() as looking:
        quotas = [
            (Item(one.draw.office_code, "remind", one.draw.name), one)
            for one in list_quotas(looking, Scope(), worker.clock())
        ]
    each(worker.database, worker.clock, "remind", quotas, lambda quota: _remind_of(worker, quota, domain))
    return False


def _remind_of(worker: Worker, quota: Quota, domain: str) -> None:
    with worker.database.transaction() as session:
        remind_of(session, quota, worker.clock(), domain)


def send_next_mail(worker: Worker) -> bool:
    """Hand the letter that has waited longest to the mail server."""
    return bool(worker.settings.smtp_host) and send_next(worker.settings, worker.database, worker.clock)


def propose_deletions(worker: Worker) -> bool:
    """Headquarters: propose to delete what is past its time and not under hold."""
    if worker.settings.mode is Mode.HQ:
        with worker.database.transaction() as session:
            deletions.propose_due(session, worker.clock())
    return False


def delete_next(worker: Worker) -> bool:
    """Delete one recording that two people agreed to delete; on a node, one that headquarters has deleted."""
    work = carrying_out.Work(worker.database, worker.remover, worker.clock)
    return work.delete_next_agreed() if worker.settings.mode is Mode.HQ else work.delete_next_ordered()


def put_parts_away(worker: Worker) -> bool:
    """Remove raw parts that both sealed copies have made superfluous, once the set time is over."""
    work = carrying_out.Work(worker.database, worker.remover, worker.clock)
    return work.put_parts_away(timedelta(days=worker.settings.raw_kept_days))


def note_overdue_requests(worker: Worker) -> bool:
    """Headquarters: say once a day which callers' requests are past their day."""
    if worker.settings.mode is Mode.HQ:
        with worker.database.transaction() as session:
            overdue.note_overdue(session, worker.clock())
    return False


def reconcile(worker: Worker) -> bool:
    """Compare what all witnesses say of calls, each minute and whenever somebody asks (S1 to S3)."""
    running.run_due(worker.settings, worker.database, worker.clock)
    return False


def scrub_some(worker: Worker) -> bool:
    """Look through the content of what is due first."""
    scrub.scrub_some(worker.database, worker.settings, worker.clock)
    return False


def rotate_asterisk_logs(worker: Worker) -> bool:
    """Keep Asterisk's text logs small; where no Asterisk runs there are none."""
    rotating.rotate_logs(worker.paths.asterisk_log)
    return False


JOBS: tuple[Job, ...] = (
    Job("receive", receive),
    Job("seal", seal_next),
    Job("mind draws", mind_draws, every_s=60),
    Job("remind of quotas", remind_of_quotas, every_s=600),
    Job("send mail", send_next_mail, every_s=10),
    Job("propose deletions", propose_deletions, every_s=3600),
    Job("delete", delete_next, every_s=5),
    Job("put parts away", put_parts_away, every_s=3600),
    Job("note overdue requests", note_overdue_requests, every_s=600),
    Job("reconcile", reconcile),
    Job("scrub", scrub_some, every_s=5),
    Job("end silent listenings", end_silent_listenings, every_s=60),
    Job("count what was heard", lambda w: count_what_was_heard(w.settings, w.database, w.clock), every_s=60),
    Job("end expired sessions", end_expired_sessions, every_s=60),
    Job("watch storage", watch_storage, every_s=30),
    Job("sign the head of the audit log", sign_head, every_s=30),
    Job("mind certificates", lambda w: mind_certificates(w.settings, w.database, w.clock), every_s=3600),
    Job("rotate Asterisk's logs", rotate_asterisk_logs, every_s=60),
    Job("forget told facts", forget_told_facts, every_s=3600),
)


def run_once(settings: Settings, database: Database, clock: Clock = now) -> Mapping[str, int]:
    """Do all that is due, and say how many items of each job that was. Raises SQLAlchemyError."""
    worker = Worker(settings, database, clock)
    return {job.name: sum(1 for _ in iter(partial(job.take_one, worker), False)) for job in JOBS}


def _take_turn(job: Job, worker: Worker, stopping: threading.Event) -> bool:
    """Do what is due, for a while: whether there is more, which waits until the others had their turn."""
    ends = time.monotonic() + TURN_S
    while not stopping.is_set() and job.take_one(worker):
        if time.monotonic() >= ends:
            return True
    return False


def run(settings: Settings, database: Database, stopping: threading.Event) -> None:
    """Look for work every `seal_every_s` seconds until `stopping` is set; the item in hand is finished first.

    A job that breaks or takes too long is named and tried again at the next look. Where the database is away,
    that is logged only.
    """
    worker, broken = Worker(settings, database), Broken(settings, database, now, (job.name for job in JOBS))
    log.info("worker started", jobs=[job.name for job in JOBS], home=str(settings.home))
    broken.name_left_behind()
    next_look = dict.fromkeys((job.name for job in JOBS), 0.0)
    with Watch(broken.name_in_hand) as watch:
        while not stopping.is_set():
            busy = False
            for job in JOBS:
                if time.monotonic() < next_look[job.name]:
                    continue
                next_look[job.name] = time.monotonic() + job.every_s
                try:
                    with watch.hold(job.name, JOB_S):
                        more = _take_turn(job, worker, stopping)
                    broken.took_up(job.name)
                except Exception as error:
                    log.exception("job broke", job=job.name)
                    broken.name_job(job.name, error)
                else:
                    busy, next_look[job.name] = busy or more, 0.0 if more else next_look[job.name]
            stopping.wait(0 if busy else settings.seal_every_s)
    log.info("worker stopped")


def await_store(url: str, stopping: threading.Event) -> list[str]:
    """What is wrong with the database, once it can be reached; none if the worker is stopped before."""
    failures = 0
    while not stopping.is_set():
        try:
            return store.faults_of(url)
        except SQLAlchemyError as error:
            if failures % TOLD_EACH == 0:
                log.error("the database is away", error=f"{type(error).__name__}: {error}"[:300])  # noqa: TRY400 - it says all
            failures += 1
            stopping.wait(LOOK_FOR_STORE_S)
    return []


def main() -> int:
    """Run the worker until SIGTERM or SIGINT. 0 after a clean stop, 1 if it cannot start."""
    keep_from_others()
    log_as_json()
    try:
        settings = Settings()
    except ValidationError as error:
        log.error("settings are wrong", faults=[f"{item['loc']}: {item['msg']}" for item in error.errors()])  # noqa: TRY400 - the sentence says it
        return 1
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    database = Database(settings.database())
    try:
        faults = await_store(settings.database(), stopping)
        if faults:
            log.error("the database is not ready", faults=faults)
            return 1
        run(settings, database, stopping)
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
