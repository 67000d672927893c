"""What the worker does about mail: it sends one email after the other; one that cannot be sent waits."""

import structlog

from supervision.mail import service as mail
from supervision.paths import Paths
from supervision.settings import Settings
from supervision.task import Worker

log = structlog.get_logger(__name__)


def send_next_mail(worker: Worker) -> bool:
    """Send the email that has waited longest; False if none waits."""
    settings, database, clock = worker.settings, worker.database, worker.clock
    if not settings.smtp_host:
        return False
    with database.transaction() as session:
        claimed = mail.claim_next(session, clock())
    if claimed is None:
        return False
    try:
        mail.send(claimed, _server(settings))
    except Exception as error:  # noqa: BLE001 - whatever an email holds, the others are sent
        log.warning("mail waits", mail=str(claimed.mail.id), error=f"{type(error).__name__}: {error}"[:200])
        with database.transaction() as session:
            mail.note_failed(session, claimed, error, clock())
        return True
    with database.transaction() as session:
        mail.note_sent(session, claimed, clock())
    return True


def _server(settings: Settings) -> mail.Server:
    password = Paths(settings.home).secret("smtp").read_text("utf-8").strip() if settings.smtp_user else ""
    return mail.Server(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        settings.smtp_user,
        password,
        settings.smtp_starttls,
    )
