"""A complaint, its steps, the calls that it is about, and the attestation of a month without any."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.audit.rules import subject_of
from supervision.calls.models import Call
from supervision.clock import now
from supervision.complaints.rules import Channel, ComplaintKind, ComplaintState, Move, Verdict
from supervision.database import Base, enum_of, new_id
from supervision.people.models import Account


class Complaint(Base):
    """What a taxpayer complained of (投诉). Its number in the register is year and `n`.

    `called_on`: the day of the call, as far as who complains knows it. `proposal` and `person_id` are what its
    handler found, `verdict` what another decided. `discipline_id` names the discipline record that rests on it;
    that room fills it in, and this one does not know what it is.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        UniqueConstraint("year", "n"),
        Index("ix_complaints_registered_at_id", "registered_at", "id"),
        Index("ix_complaints_state_due_on", "state", "due_on"),
        Index("ix_complaints_received_on", "received_on"),
        Index("ix_complaints_decided_at", "decided_at"),
        CheckConstraint("(state IN ('decided', 'closed')) = (verdict IS NOT NULL)", name="verdict_of_state"),
        CheckConstraint("(verdict IS NULL) = (decided_by IS NULL)", name="decided_by_of_verdict"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided_at_of_verdict"),
        CheckConstraint("decided_by IS NULL OR decided_by <> handler_id", name="two_people"),
        CheckConstraint("state <> 'proposed' OR proposal IS NOT NULL", name="proposal_of_state"),
        CheckConstraint("discipline_id IS NULL OR person_id IS NOT NULL", name="person_of_discipline"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    year: Mapped[int]
    n: Mapped[int]
    kind: Mapped[ComplaintKind] = mapped_column(enum_of(ComplaintKind, checked=False))
    channel: Mapped[Channel] = mapped_column(enum_of(Channel, checked=False))
    state: Mapped[ComplaintState] = mapped_column(enum_of(ComplaintState), default=ComplaintState.REGISTERED)
    office_code: Mapped[str] = mapped_column(String(8), index=True)
    caller_name: Mapped[str] = mapped_column(String(64), default="")
    caller_number: Mapped[str] = mapped_column(String(64), default="")
    text: Mapped[str] = mapped_column(String(4000))
    called_on: Mapped[date | None]
    received_on: Mapped[date]
    counted_from: Mapped[date]
    due_on: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    reminded_on: Mapped[date | None]
    registered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    registered_at: Mapped[datetime] = mapped_column(default=now)
    handler_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    proposal: Mapped[Verdict | None] = mapped_column(enum_of(Verdict, "complaint_proposal"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    verdict: Mapped[Verdict | None] = mapped_column(enum_of(Verdict, "complaint_verdict"))
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    discipline_id: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column(default=1)

    calls: Mapped[list["ComplaintCall"]] = relationship(order_by="ComplaintCall.tied_at, ComplaintCall.call_id")
    steps: Mapped[list["ComplaintStep"]] = relationship(order_by="ComplaintStep.n")
    registrar: Mapped[Account] = relationship(foreign_keys=[registered_by])
    handler: Mapped[Account | None] = relationship(foreign_keys=[handler_id])
    person: Mapped[Account | None] = relationship(foreign_keys=[person_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decided_by])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def number(self) -> str:
        """Its number in the register."""
        return f"{self.year}-{self.n:04d}"

    @property
    def subject(self) -> str:
        """How holds, incidents and the audit log name it."""
        return subject_of("complaint", self.id)


class ComplaintCall(Base):
    """A call that a complaint is about."""

    __tablename__ = "complaint_calls"

    complaint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), primary_key=True, index=True)
    tied_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    tied_at: Mapped[datetime] = mapped_column(default=now)

    call: Mapped[Call] = relationship()


class ComplaintStep(Base):
    """One move of a complaint, with what was said then; never changed."""

    __tablename__ = "complaint_steps"
    __table_args__ = (UniqueConstraint("complaint_id", "n"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    complaint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("complaints.id"))
    n: Mapped[int]
    move: Mapped[Move] = mapped_column(enum_of(Move, "complaint_move"))
    verdict: Mapped[Verdict | None] = mapped_column(enum_of(Verdict, "complaint_step_verdict"))
    text: Mapped[str] = mapped_column(String(2000), default="")
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[Account] = relationship()


class ZeroMonth(Base):
    """The section's word that a month had no complaint; revoked where one of that month was entered later."""

    __tablename__ = "complaint_zero_months"
    __table_args__ = (
        Index(
            "uq_complaint_zero_months_standing",
            "month",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    month: Mapped[date] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(String(500))
    attested_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    attested_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]

    author: Mapped[Account] = relationship()
