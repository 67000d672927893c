"""The incident."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.incidents.rules import Cause, IncidentKind


class Incident(Base):
    """One incident. The same cause on the same subject is one row while it lasts, seen first and last.

    `received`, at headquarters only: an office saw it and sent it. What headquarters sees of the same matter, on
    its own copy, is an incident of its own.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index(
            "uq_incidents_open",
            "office_code",
            "cause",
            "subject",
            "received",
            unique=True,
            sqlite_where=text("healed_at IS NULL"),
            postgresql_where=text("healed_at IS NULL"),
        ),
        Index("ix_incidents_office_code_first_seen_at", "office_code", "first_seen_at"),
        Index("ix_incidents_first_seen_at_id", "first_seen_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_code: Mapped[str] = mapped_column(String(8))
    kind: Mapped[IncidentKind] = mapped_column(enum_of(IncidentKind, checked=False))
    cause: Mapped[Cause] = mapped_column(enum_of(Cause, checked=False))
    subject: Mapped[str] = mapped_column(String(80))
    call_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("calls.id"), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    first_seen_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    times: Mapped[int] = mapped_column(default=1)
    healed_at: Mapped[datetime | None]
    received: Mapped[bool] = mapped_column(default=False, server_default=false())
    seen_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    seen_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
