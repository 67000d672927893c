"""The worker: `python -m supervision.worker` runs the tasks that are due, one item at a time, until it is stopped.

Work waits in the database. An item is claimed in one short transaction, done outside, and written down in
another, so any number of workers may run, and one that is killed only leaves a claim that runs out.
"""

import signal
import sys
import threading
import time
from types import FrameType

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from supervision import store
from supervision.assessment import tasks as assessment
from supervision.audit import tasks as audit
from supervision.backups import tasks as backups
from supervision.caller_requests import tasks as caller_requests
from supervision.clock import now
from supervision.complaints import tasks as complaints
from supervision.database import Database
from supervision.discipline import tasks as discipline
from supervision.draws import tasks as draws
from supervision.early_signs import tasks as early_signs
from supervision.evaluations import tasks as evaluations
from supervision.exchange import tasks as exchange
from supervision.findings import tasks as findings
from supervision.handover import tasks as handover
from supervision.listening import tasks as listening
from supervision.logs import set_up_logging
from supervision.machines import tasks as machines
from supervision.mail import tasks as mail
from supervision.people import tasks as people
from supervision.quotas import tasks as quotas
from supervision.reconcile import tasks as reconcile
from supervision.recordings import tasks as recordings
from supervision.rectification import tasks as rectification
from supervision.retention import tasks as retention
from supervision.rosters import tasks as rosters
from supervision.secret_files import keep_from_others
from supervision.service_manager import Alive, notify
from supervision.settings import Settings
from supervision.task import Task, Where, Worker
from supervision.watchdog import Watch
from supervision.workdays import tasks as workdays
from supervision.worker_faults import WorkerFaults

log = structlog.get_logger(__name__)

TURN_S = 5.0
TASK_S = 900.0  # of one turn; an item has less
LOOK_FOR_STORE_S = 1.0
LOGGED_EACH = 60


TASKS: tuple[Task, ...] = (
    Task("receive", recordings.receive_parts, where=Where.HEADQUARTERS),
    Task("seal", recordings.seal_next),
    Task("advance draws", draws.advance_due_draws, 60, Where.HEADQUARTERS),
    Task("remind of quotas", quotas.remind_of_quotas, 600, Where.HEADQUARTERS),
    Task("send mail", mail.send_next_mail, 10),
    Task("propose deletions", retention.propose_deletions, 3600, Where.HEADQUARTERS),
    Task("delete", retention.delete_next, 5),
    Task("put parts away", retention.put_parts_away, 3600),
    Task("note overdue requests", caller_requests.note_overdue_requests, 600, Where.HEADQUARTERS),
    Task("open treatments of findings", findings.open_treatments, 15, Where.HEADQUARTERS),
    Task("remind of findings", findings.remind_of_untreated, 600, Where.HEADQUARTERS),
    Task("mark early signs", early_signs.mark_early_signs, 600, Where.HEADQUARTERS),
    Task("remind of early signs", early_signs.remind_of_measures, 600, Where.HEADQUARTERS),
    Task("remind of complaints", complaints.remind_of_complaints, 600, Where.HEADQUARTERS),
    Task("watch rectifications", rectification.watch_closed, 60, Where.HEADQUARTERS),
    Task("remind of rectifications", rectification.remind_of_rectifications, 600, Where.HEADQUARTERS),
    Task("tell of judgements", discipline.tell_of_judgements, 15, Where.HEADQUARTERS),
    Task("remind of decisions", discipline.remind_of_decisions, 600, Where.HEADQUARTERS),
    Task("watch handovers", handover.watch_handovers, 600, Where.HEADQUARTERS),
    Task("watch rosters", rosters.watch_rosters, 60, Where.HEADQUARTERS),
    Task("correct assessments", assessment.note_corrections, 3600, Where.HEADQUARTERS),
    Task("look at the calendar", workdays.note_provisional_years, 3600, Where.HEADQUARTERS),
    Task("reconcile", reconcile.compare_witnesses),
    Task("scrub", reconcile.scrub_some, 5),
    Task("end silent listenings", listening.end_silent_listenings, 60),
    Task("count what was heard", evaluations.count_what_was_heard, 60, Where.HEADQUARTERS),
    Task("end expired sessions", people.end_expired_sessions, 60),
    Task("watch storage", machines.watch_storage, 30),
    Task("watch backups", backups.watch_backups, 300),
    Task("sign the head of the audit log", audit.sign_head, 30, Where.HEADQUARTERS),
    Task("renew certificates", machines.renew_certificates, 3600),
    Task("rotate Asterisk's logs", machines.rotate_asterisk_logs, 60),
    Task("forget sent facts", exchange.forget_sent_facts, 3600),
)


def _run_task(task: Task, worker: Worker, stopping: threading.Event) -> bool:
    """Do what is due, for a while: whether there is more, which waits until the others had their turn."""
    ends = time.monotonic() + TURN_S
    while not stopping.is_set() and task.do_next(worker):
        if time.monotonic() >= ends:
            return True
    return False


def run(settings: Settings, database: Database, stopping: threading.Event) -> None:
    """Look for work every `seal_every_s` seconds until `stopping` is set; the item in hand is finished first.

    A task that breaks or takes too long is named and tried again at the next look. Where the database is away,
    that is logged only.
    """
    tasks = [task for task in TASKS if task.runs_in(settings.mode)]
    worker = Worker(settings, database)
    faults = WorkerFaults(settings, database, now, (task.name for task in tasks))
    log.info("worker started", tasks=[task.name for task in tasks], home=str(settings.home))
    faults.name_left_behind()
    alive = Alive()
    notify("READY=1", "STATUS=works")
    next_look = dict.fromkeys((task.name for task in tasks), 0.0)
    with Watch(faults.name_in_hand) as watch:
        while not stopping.is_set():
            busy = False
            for task in tasks:
                alive.notify()
                if time.monotonic() < next_look[task.name]:
                    continue
                next_look[task.name] = time.monotonic() + task.every_s
                try:
                    with watch.hold(task.name, TASK_S):
                        more = _run_task(task, worker, stopping)
                    faults.took_up(task.name)
                except Exception as error:
                    log.exception("task broke", task=task.name)
                    faults.name_task(task.name, error)
                else:
                    busy, next_look[task.name] = busy or more, 0.0 if more else next_look[task.name]
            stopping.wait(0 if busy else settings.seal_every_s)
    notify("STOPPING=1")
    log.info("worker stopped")


def await_store(url: str, stopping: threading.Event) -> list[str]:
    """What is wrong with the database, once it can be reached; none if the worker is stopped before."""
    failures = 0
    while not stopping.is_set():
        try:
            return store.faults_of(url)
        except SQLAlchemyError as error:
            notify("STATUS=waits for the database")
            if failures % LOGGED_EACH == 0:
                log.error("the database is away", error=f"{type(error).__name__}: {error}"[:300])  # noqa: TRY400 - it says all
            failures += 1
            stopping.wait(LOOK_FOR_STORE_S)
    return []


def main() -> int:
    """Run the worker until SIGTERM or SIGINT. 0 after a clean stop, 1 if it cannot start."""
    keep_from_others()
    set_up_logging()
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
