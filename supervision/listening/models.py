"""One listening of one person to one recording."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, new_id


class Listening(Base):
    """One person listening to one recording once: written before the first byte leaves.

    `stretches` are the seconds that were heard, as `[from_s, to_s]` pairs, merged; `seconds` is their sum.
    `reported_at` is when the player last reported, `served_bytes` how much audio has left for it. `live`: the
    recording was heard while it grew, so the bytes are those of its parts and the seconds those of its timeline.
    """

    __tablename__ = "listenings"
    __table_args__ = (
        Index(
            "ix_listenings_open",
            "last_heard_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recordings.call_id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    last_heard_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    served_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    stretches: Mapped[list[Any]] = mapped_column(default=list)
    downloaded: Mapped[bool] = mapped_column(default=False)
    live: Mapped[bool] = mapped_column(default=False, server_default=false())
