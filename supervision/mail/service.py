"""Writing letters in the act's own transaction, and handing them to the SMTP server one by one afterwards."""

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
    """Where letters are handed over; without `user` nobody signs in, with `starttls` the server must offer TLS."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    starttls: bool = False


@dataclass(frozen=True)
class Letter:
    """A letter in hand."""

    mail: Mail
    attempt: int


def post(  # noqa: PLR0913 - the columns of one email, each given by its name
    session: Session, *, recipient: str, subject: str, body: str, about: str, at: datetime
) -> bool:
    """Write a letter; it commits or vanishes with what it tells. False if that person was told of it already."""
    told = select(Mail.id).where(Mail.about == about, Mail.recipient == recipient)
    if session.scalar(told) is not None:
        return False
    session.add(Mail(recipient=recipient, subject=subject, body=body, about=about, written_at=at, next_try_at=at))
    session.flush()
    return True


def claim_next(session: Session, at: datetime) -> Letter | None:
    """Take the letter that has waited longest; one whose worker died waits again after two minutes."""
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
    return Letter(mail, mail.attempts)


def send(letter: Letter, server: Server) -> None:
    """Hand one letter over. Raises OSError and smtplib.SMTPException."""
    message = EmailMessage()
    message["From"], message["To"] = server.sender, letter.mail.recipient
    message["Subject"] = letter.mail.subject
    message["Date"] = format_datetime(letter.mail.written_at)
    message["Message-ID"] = f"<{letter.mail.id}@{server.sender.rpartition('@')[2]}>"
    message.set_content(letter.mail.body)
    with smtplib.SMTP(server.host, server.port, timeout=ANSWER_S) as smtp:
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        smtp.send_message(message)


def note_sent(session: Session, letter: Letter, at: datetime) -> None:
    """The server has taken it over."""
    mail = session.get_one(Mail, letter.mail.id)
    mail.sent_at, mail.error = at, ""


def note_failed(session: Session, letter: Letter, error: Exception, at: datetime) -> None:
    """It is tried again: after a minute, ten, an hour, and then every six."""
    mail = session.get_one(Mail, letter.mail.id)
    mail.error = f"{type(error).__name__}: {error}"[:300]
    mail.next_try_at = at + AGAIN_AFTER[min(letter.attempt, len(AGAIN_AFTER)) - 1]
