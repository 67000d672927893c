"""Mail is written in the transaction of the act, and sent to the SMTP server after the commit, one by one."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.mail.models import Mail

CLAIMED_FOR = timedelta(minutes=2)
AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
ANSWER_S = 30.0


@dataclass(frozen=True)
class Server:
    """The SMTP server; without `user` there is no authentication, with `starttls` it must offer TLS."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    starttls: bool = False


@dataclass(frozen=True)
class ClaimedMail:
    """An email that this process may send for now, and the number of the attempt."""

    mail: Mail
    attempt: int


def post(  # noqa: PLR0913 - the columns of one email, each given by its name
    session: Session, *, recipient: str, subject: str, body: str, about: str, at: datetime
) -> bool:
    """Write an email; it commits or rolls back with the act. False if that address has one about it already."""
    queued = select(Mail.id).where(Mail.about == about, Mail.recipient == recipient)
    if session.scalar(queued) is not None:
        return False
    session.add(Mail(recipient=recipient, subject=subject, body=body, about=about, written_at=at, next_try_at=at))
    session.flush()
    return True


def claim_next(session: Session, at: datetime) -> ClaimedMail | None:
    """Claim the email that has waited longest; the claim of a worker that died ends after two minutes."""
    query = (
        select(Mail)
        .where(Mail.sent_at.is_(None), Mail.next_try_at <= at)
        .order_by(Mail.next_try_at, Mail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    mail = session.scalars(query).one_or_none()
    if mail is None:
        return None
    mail.attempts += 1
    mail.next_try_at = at + CLAIMED_FOR
    session.flush()
    return ClaimedMail(mail, mail.attempts)


def send(claimed: ClaimedMail, server: Server) -> None:
    """Send one email. Raises OSError and smtplib.SMTPException."""
    message = EmailMessage()
    message["From"], message["To"] = server.sender, claimed.mail.recipient
    message["Subject"] = claimed.mail.subject
    message["Date"] = format_datetime(claimed.mail.written_at)
    message["Message-ID"] = f"<{claimed.mail.id}@{server.sender.rpartition('@')[2]}>"
    message.set_content(claimed.mail.body)
    with smtplib.SMTP(server.host, server.port, timeout=ANSWER_S) as smtp:
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        smtp.send_message(message)


def note_sent(session: Session, claimed: ClaimedMail, at: datetime) -> None:
    """The server has accepted it."""
    mail = session.get_one(Mail, claimed.mail.id)
    mail.sent_at, mail.error = at, ""


def note_failed(session: Session, claimed: ClaimedMail, error: Exception, at: datetime) -> None:
    """It is tried again: after a minute, ten, an hour, and then every six."""
    mail = session.get_one(Mail, claimed.mail.id)
    mail.error = f"{type(error).__name__}: {error}"[:300]
    mail.next_try_at = at + AGAIN_AFTER[min(claimed.attempt, len(AGAIN_AFTER)) - 1]
