"""Retention term, hold, deletion with its agreements and proofs, and what a node was ordered to delete."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.retention.rules import (
    LONGEST_DAYS,
    SHORTEST_DAYS,
    DeletionCause,
    DeletionState,
    HoldReason,
    ItemState,
    SpareReason,
)

_ONCE = text("state IN ('waiting', 'deleting', 'deleted')")


class RetentionTerm(Base):
    """How many days recordings are kept; the newest version is in force, and none is ever changed."""

    __tablename__ = "retention_terms"
    __table_args__ = (CheckConstraint(f"days BETWEEN {SHORTEST_DAYS} AND {LONGEST_DAYS}", name="bounds"),)

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    set_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    set_at: Mapped[datetime] = mapped_column(default=now)


class Hold(Base):
    """A recording is kept beyond its time, until its last day or until somebody releases it.

    `subject` names what it is for (`request:<id>`), where the system placed it with that.
    """

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
        Index("ix_holds_placed_at_id", "placed_at", "id"),
        Index("ix_holds_subject", "subject"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), index=True)
    reason: Mapped[HoldReason] = mapped_column(enum_of(HoldReason, checked=False))
    note: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(80), default="")
    until: Mapped[date | None]
    placed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    placed_at: Mapped[datetime] = mapped_column(default=now)
    released_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    released_at: Mapped[datetime | None]
    release_note: Mapped[str] = mapped_column(String(500), default="")

    call: Mapped[Call] = relationship()


class Deletion(Base):
    """A deletion that the system proposes: recordings of one office, to be agreed by two people.

    `subject` names the caller's request that it fulfils. `ready_at` is when the second person agreed.
    """

    __tablename__ = "deletions"
    __table_args__ = (
        Index("ix_deletions_proposed_at_id", "proposed_at", "id"),
        Index("ix_deletions_state", "state"),
        CheckConstraint("(state = 'declined') = (declined_by IS NOT NULL)", name="declined"),
        CheckConstraint("state NOT IN ('agreed', 'done') OR ready_at IS NOT NULL", name="ready"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cause: Mapped[DeletionCause] = mapped_column(enum_of(DeletionCause, checked=False))
    office_code: Mapped[str] = mapped_column(String(8))
    from_day: Mapped[date]
    to_day: Mapped[date]
    term_days: Mapped[int]
    subject: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[DeletionState] = mapped_column(enum_of(DeletionState), default=DeletionState.PROPOSED)
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    ready_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    declined_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    declined_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)

    agreements: Mapped[list["DeletionAgreement"]] = relationship(order_by="DeletionAgreement.seat")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class DeletionAgreement(Base):
    """One of the two seats of a deletion, and who took it. Nobody takes both."""

    __tablename__ = "deletion_agreements"
    __table_args__ = (
        UniqueConstraint("deletion_id", "account_id"),
        CheckConstraint("seat IN (1, 2)", name="seat"),
    )

    deletion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deletions.id"), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(128))
    head: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)


class DeletionItem(Base):
    """One recording of a deletion; once deleted, the proof of what it was (rule 11).

    The hashes and lengths are those that were sealed; `parts` lists the raw parts with theirs. `deleted_at` is
    when the files of headquarters were gone, `office_deleted_at` when the office said that its own were.
    """

    __tablename__ = "deletion_items"
    __table_args__ = (
        Index("uq_deletion_items_once", "call_id", unique=True, sqlite_where=_ONCE, postgresql_where=_ONCE),
        Index("ix_deletion_items_state_office_deleted_at", "state", "office_deleted_at"),
        Index("ix_deletion_items_offered_at_call_id", "offered_at", "call_id"),
        CheckConstraint("(state = 'deleted') = (deleted_at IS NOT NULL)", name="deleted"),
    )

    deletion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deletions.id"), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), primary_key=True)
    offered_at: Mapped[datetime]
    state: Mapped[ItemState] = mapped_column(enum_of(ItemState), default=ItemState.WAITING)
    spared_because: Mapped[SpareReason | None] = mapped_column(enum_of(SpareReason, checked=False))
    pcm_sha256: Mapped[str | None] = mapped_column(String(64))
    flac_sha256: Mapped[str | None] = mapped_column(String(64))
    flac_bytes: Mapped[int | None] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None]
    parts: Mapped[list[Any]] = mapped_column(default=list)
    deleted_at: Mapped[datetime | None]
    office_deleted_at: Mapped[datetime | None]

    deletion: Mapped[Deletion] = relationship()


class DeletionOrder(Base):
    """On an office's node: headquarters has deleted this recording, and the office's copy must go as well."""

    __tablename__ = "deletion_orders"
    __table_args__ = (Index("ix_deletion_orders_done_at", "done_at"),)

    call_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    deletion_id: Mapped[uuid.UUID]
    cause: Mapped[DeletionCause] = mapped_column(enum_of(DeletionCause, checked=False))
    agreed_by: Mapped[list[Any]] = mapped_column(default=list)
    pcm_sha256: Mapped[str | None] = mapped_column(String(64))
    ordered_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
