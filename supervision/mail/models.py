"""The mail that waits to be sent, and that was sent."""

import uuid
from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, new_id


class Mail(Base):
    """One email to one address. `about` names its occasion, so that nobody gets two for the same."""

    __tablename__ = "mails"
    __table_args__ = (
        Index("uq_mails_about_recipient", "about", "recipient", unique=True),
        Index(
            "ix_mails_waiting",
            "next_try_at",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(4000))
    about: Mapped[str] = mapped_column(String(120))
    written_at: Mapped[datetime] = mapped_column(default=now)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")
