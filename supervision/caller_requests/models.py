"""A caller's request, the calls that it is about, and the letters."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.audit.rules import subject_of
from supervision.caller_requests.rules import Channel, IdentityCheck, LetterWay, RequestKind, RequestState
from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Base, enum_of, new_id


class CallerRequest(Base):
    """A caller asks to see or to delete what was recorded of him. Its number in the register is year and `n`."""

    __tablename__ = "caller_requests"
    __table_args__ = (
        UniqueConstraint("year", "n"),
        Index("ix_caller_requests_registered_at_id", "registered_at", "id"),
        Index("ix_caller_requests_state_due_on", "state", "due_on"),
        CheckConstraint(
            "state IN ('registered', 'identified', 'withdrawn') OR decided_by IS NOT NULL", name="decided"
        ),
        CheckConstraint(
            "state NOT IN ('identified', 'granted', 'done') OR identity IS NOT NULL", name="identified"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    year: Mapped[int]
    n: Mapped[int]
    kind: Mapped[RequestKind] = mapped_column(enum_of(RequestKind, checked=False))
    state: Mapped[RequestState] = mapped_column(enum_of(RequestState), default=RequestState.REGISTERED)
    office_code: Mapped[str] = mapped_column(String(8))
    channel: Mapped[Channel] = mapped_column(enum_of(Channel, checked=False))
    caller_name: Mapped[str] = mapped_column(String(64))
    caller_number: Mapped[str] = mapped_column(String(64))
    wish: Mapped[str] = mapped_column(String(1000))
    received_on: Mapped[date]
    due_on: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    registered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    registered_at: Mapped[datetime] = mapped_column(default=now)
    identity: Mapped[IdentityCheck | None] = mapped_column(enum_of(IdentityCheck, checked=False))
    identity_note: Mapped[str] = mapped_column(String(500), default="")
    identified_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    identified_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(1000), default="")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    calls: Mapped[list["RequestCall"]] = relationship(order_by="RequestCall.tied_at")
    letters: Mapped[list["RequestLetter"]] = relationship(order_by="RequestLetter.written_on")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def number(self) -> str:
        """Its number in the register."""
        return f"{self.year}-{self.n:04d}"

    @property
    def subject(self) -> str:
        """How holds, deletions and the audit log name it."""
        return subject_of("request", self.id)


class RequestCall(Base):
    """A call that a request is about."""

    __tablename__ = "request_calls"

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("caller_requests.id"), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), primary_key=True, index=True)
    tied_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    tied_at: Mapped[datetime] = mapped_column(default=now)

    call: Mapped[Call] = relationship()


class RequestLetter(Base):
    """What was written about a request, by either side."""

    __tablename__ = "request_letters"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("caller_requests.id"), index=True)
    way: Mapped[LetterWay] = mapped_column(enum_of(LetterWay))
    written_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(64), default="")
    text: Mapped[str] = mapped_column(String(4000))
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    entered_at: Mapped[datetime] = mapped_column(default=now)
