"""When the reconciler of this database ran last, and what that came to."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from supervision.database import Base


class Reconciler(Base):
    """The one row of it: who asked last, which worker has it until when, and what the last run came to."""

    __tablename__ = "reconciler"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    claimed_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)
    disagreements: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    healed: Mapped[int] = mapped_column(default=0)
    unread: Mapped[int] = mapped_column(default=0)
