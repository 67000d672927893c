"""How the disks of each machine stand."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.database import Base


class Machine(Base):
    """One machine, as it was when last looked at: a node by its office's code, or headquarters.

    `volumes` are its file systems (`supervision.machines.messages.SentVolume`). `waiting_…` is what headquarters
    still lacks of an office, `oldest_unsent_at` since when. `sent_at`, on a node: when it last sent
    headquarters. `backup` is how its backups stand (`SentBackup`, beside it); None: none is made.
    """

    __tablename__ = "machines"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    seen_at: Mapped[datetime]
    volumes: Mapped[list[Any]]
    waiting_parts: Mapped[int] = mapped_column(default=0)
    waiting_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    oldest_unsent_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    backup: Mapped[dict[str, Any] | None]
