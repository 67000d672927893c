"""What the worker does about this machine: its disks, its certificates and Asterisk's logs."""

from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.backups.queries import backup_state
from supervision.backups.rules import is_late
from supervision.backups.tasks import limits_of
from supervision.certificates import service as renewing
from supervision.certificates.rules import warns
from supervision.database import Database
from supervision.errors import DomainError
from supervision.incidents.rules import Cause
from supervision.incidents.service import is_open
from supervision.machines.log_files import rotate_logs
from supervision.machines.messages import SentBackup
from supervision.machines.queries import folders_of, volumes
from supervision.machines.rules import Backlog
from supervision.machines.service import HEADQUARTERS, Limits, Seen, backlog_of, note_endings, note_machine
from supervision.offices.service import only_office
from supervision.paths import HqPaths, Paths
from supervision.settings import Mode, Settings
from supervision.task import Worker

log = structlog.get_logger(__name__)


def watch_storage(worker: Worker) -> bool:
    """See how much room the disks of this machine have, and how long what is for headquarters has waited.

    The disks are asked outside any transaction, since a sick one may take its time. Nothing is written down before
    the node knows its office.
    """
    settings = worker.settings
    found = volumes(folders_of(settings.home, headquarters=settings.mode is Mode.HQ))
    with worker.database.transaction() as session:
        code = HEADQUARTERS if settings.mode is Mode.HQ else only_office(session)
        if code is not None:
            waits = settings.hq_url and settings.mode is Mode.OFFICE
            backlog = backlog_of(session, code) if waits else Backlog()
            limits = Limits(settings.disk_levels_percent(), timedelta(seconds=settings.unsent_longest_s))
            at = worker.clock()
            note_machine(session, Seen(code, found, backlog, _backup(session, settings, at)), limits, at)
    return False


def renew_certificates(worker: Worker) -> bool:
    """Renew what is due and can be renewed here, then say what ends within sixty days. No item is left: False."""
    settings, database, at = worker.settings, worker.database, worker.clock()
    if settings.mode is Mode.HQ:
        paths = HqPaths(settings.home)
        _renew(paths, database, at)
        renewing.keep_warning(paths, at)
        endings = renewing.list_endings(paths)
    else:
        endings = renewing.list_node_endings(Paths(settings.home))
    with database.reading() as looking:
        code = HEADQUARTERS if settings.mode is Mode.HQ else only_office(looking)
        wrong = [one for one in endings if code and is_open(looking, code, Cause.CERTIFICATE_ENDS, one.paper)]
    if code is not None and (wrong or any(warns(one, at) for one in endings)):
        with database.transaction() as session:
            note_endings(session, code, endings, at)
    return False


def rotate_asterisk_logs(worker: Worker) -> bool:
    """Keep Asterisk's text logs small; where no Asterisk runs there are none."""
    rotate_logs(worker.paths.asterisk_log)
    return False


def _backup(session: Session, settings: Settings, at: datetime) -> SentBackup | None:
    if not settings.backup_url:
        return None
    state = backup_state(session, settings.backup_recipient)
    late = is_late(state.at, at, limits_of(settings).longest)
    return SentBackup(**asdict(state), late=late)


def _renew(paths: HqPaths, database: Database, at: datetime) -> None:
    try:
        renewed = renewing.renew_due(paths, at)
    except (OSError, DomainError) as error:  # said by the incident, if it lasts
        log.warning("certificates are not renewed", error=f"{type(error).__name__}: {error}"[:300])
        return
    if renewed:
        with database.transaction() as session:
            detail = {"papers": [paper.value for paper in renewed]}
            record(session, None, "certificates_renewed", subject_of("certificate", HEADQUARTERS), detail, at=at)
