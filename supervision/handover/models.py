"""What was handed over: the register that pages and reports show; the audit log has it as well."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.handover.rules import HeldKind, Reason
from supervision.people.models import Account


class Handover(Base):
    """One thing that went from one person to another. Never changed. `record_id`: what of its kind."""

    __tablename__ = "handovers"
    __table_args__ = (
        Index("ix_handovers_from_id_at", "from_id", "at"),
        CheckConstraint("from_id <> to_id", name="two_people"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[HeldKind] = mapped_column(enum_of(HeldKind, checked=False))
    record_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(String(64))
    office_code: Mapped[str] = mapped_column(String(8))
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[Reason] = mapped_column(enum_of(Reason, "handover_reason", checked=False))
    note: Mapped[str] = mapped_column(String(500), default="")
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    giver: Mapped[Account] = relationship(foreign_keys=[from_id])
    taker: Mapped[Account] = relationship(foreign_keys=[to_id])
    author: Mapped[Account] = relationship(foreign_keys=[by])
