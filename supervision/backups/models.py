"""The backups that this machine made, and what is known of each."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.database import Base


class Backup(Base):
    """One backup of this machine, at the second place; `number` counts from 1.

    `at` is the moment for which it stands: that of the database's copy. `digest` is the SHA-256 of its manifest's
    text, `objects` and `size_bytes` what it consists of, `sent_bytes` what of it was not there yet. `wal_at`: up
    to when PostgreSQL's log behind it is there, too. `verified_at` is when it was last read back whole,
    `rehearsed_at` when that was done with the private key; `fault` is what was wrong with it the last time, empty
    where nothing was. `dropped_at`: when it was removed from the second place, others being kept.
    """

    __tablename__ = "backups"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    finished_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    objects: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sent_bytes: Mapped[int] = mapped_column(BigInteger)
    wal_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    rehearsed_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(300), default="")
    dropped_at: Mapped[datetime | None]
