"""The audit log's rows."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import String, Table
from sqlalchemy.orm import Mapped, mapped_column

from supervision.audit import triggers
from supervision.database import Base


class AuditEntry(Base):
    """One act of one person, chained to the one before it (decision 6).

    `n` counts from 1 without a gap. Rows are never changed or removed; triggers refuse it on both databases.
    The actor's name is kept as it was, since an account may be renamed.
    """

    __tablename__ = "audit_entries"

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(128))
    act: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(128), index=True)
    office_code: Mapped[str | None] = mapped_column(String(8))
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


triggers.attach(cast(Table, AuditEntry.__table__))
