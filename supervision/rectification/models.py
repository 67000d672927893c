"""Rectifications with their findings, replies and attachments; on a node, the copies that headquarters sent."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.draws.rules import Party
from supervision.evaluations.rules import Category
from supervision.findings.models import Treatment
from supervision.findings.rules import Standing
from supervision.people.models import Account
from supervision.rectification.rules import Media, Notice, RectificationState, Verdict


class Rectification(Base):
    """A notice: what is to be put right, by whom and until when. Its number in the register is year and `n`.

    `days`: how many working days are given, from `counted_from` on, to whose turn it is: for the reply, then to
    the issuer's side; `due_on` follows from them and the calendar. `watch_ends_at`: of a closed one.
    `recurred`: how often the watch reopened it; `closed_by` stays then, since who closed it must not answer it.
    `reason`: why it was withdrawn.
    """

    __tablename__ = "rectifications"
    __table_args__ = (
        UniqueConstraint("year", "n"),
        Index("ix_rectifications_office_code_state", "office_code", "state"),
        Index("ix_rectifications_state_due_on", "state", "due_on"),
        Index("ix_rectifications_issued_at_id", "issued_at", "id"),
        CheckConstraint("(party = 'office') = (addressee_id IS NOT NULL)", name="addressee_of_party"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_of_state"),
        CheckConstraint("(closed_at IS NULL) = (watch_ends_at IS NULL)", name="watch_of_closed"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_by IS NOT NULL)", name="withdrawn_of_state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    year: Mapped[int]
    n: Mapped[int]
    party: Mapped[Party] = mapped_column(enum_of(Party, "rectification_party"))
    office_code: Mapped[str] = mapped_column(String(8))
    addressee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    demand: Mapped[str] = mapped_column(String(2000))
    days: Mapped[int]
    counted_from: Mapped[date]
    due_on: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RectificationState] = mapped_column(enum_of(RectificationState), default=RectificationState.OPEN)
    issued_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    issued_at: Mapped[datetime] = mapped_column(default=now)
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    closed_at: Mapped[datetime | None]
    watch_ends_at: Mapped[datetime | None]
    withdrawn_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(1000), default="")
    recurred: Mapped[int] = mapped_column(default=0)
    reminded_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    findings: Mapped[list["RectificationFinding"]] = relationship(order_by="RectificationFinding.added_at")
    replies: Mapped[list["Reply"]] = relationship(order_by="Reply.n")
    issuer: Mapped[Account] = relationship(foreign_keys=[issued_by])
    addressee: Mapped[Account | None] = relationship(foreign_keys=[addressee_id])
    closer: Mapped[Account | None] = relationship(foreign_keys=[closed_by])
    withdrawer: Mapped[Account | None] = relationship(foreign_keys=[withdrawn_by])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def number(self) -> str:
        """Its number in the register."""
        return f"{self.year}-{self.n:04d}"

    @property
    def subject(self) -> str:
        """How incidents and the audit log name it."""
        return f"rectification:{self.id}"

    @property
    def notice(self) -> Notice:
        """As the rule of who may what looks at it."""
        answered_by = frozenset(one.author_id for one in self.replies)
        judges = frozenset(one.judged_by for one in self.replies) | {self.closed_by}
        people = frozenset(one.treatment.person_id for one in self.findings)
        return Notice(
            party=self.party,
            office_code=self.office_code,
            addressee=self.addressee_id,
            issued_by=self.issued_by,
            answered_by=answered_by,
            judged_by=frozenset(one for one in judges if one is not None),
            concerned=frozenset(one for one in people if one is not None),
        )

    @property
    def categories(self) -> frozenset[Category]:
        """What it is about, and what is watched once it is closed: not what an amendment took back."""
        return frozenset(one.category for one in self.findings if one.treatment.state is not Standing.GONE)


class RectificationFinding(Base):
    """A finding that a notice is about; `recurred`: the watch found it after the notice was closed.

    `category`: as it was then. The evaluation may be amended later, by a leader of the office that is watched.
    """

    __tablename__ = "rectification_findings"

    rectification_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rectifications.id"), primary_key=True)
    treatment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("treatments.id"), primary_key=True, index=True)
    category: Mapped[Category] = mapped_column(enum_of(Category, checked=False))
    recurred: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(default=now)

    treatment: Mapped[Treatment] = relationship()


class Reply(Base):
    """A reply: what is put right now, and what keeps it from happening again; then what is said of it."""

    __tablename__ = "rectification_replies"
    __table_args__ = (
        UniqueConstraint("rectification_id", "n"),
        CheckConstraint("(verdict IS NULL) = (judged_by IS NULL)", name="judge_of_verdict"),
        CheckConstraint("judged_by IS NULL OR judged_by <> author_id", name="two_people"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    rectification_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rectifications.id"))
    n: Mapped[int]
    now_done: Mapped[str] = mapped_column(String(2000))
    prevention: Mapped[str] = mapped_column(String(2000))
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    due_on: Mapped[date]
    verdict: Mapped[Verdict | None] = mapped_column(enum_of(Verdict, "rectification_verdict"))
    note: Mapped[str] = mapped_column(String(1000), default="")
    judged_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    judged_at: Mapped[datetime | None]

    author: Mapped[Account] = relationship(foreign_keys=[author_id])
    judge: Mapped[Account | None] = relationship(foreign_keys=[judged_by])
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.n")


class Attachment(Base):
    """A file of a reply; its bytes lie under their hash."""

    __tablename__ = "rectification_attachments"
    __table_args__ = (UniqueConstraint("reply_id", "n"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    reply_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rectification_replies.id"))
    n: Mapped[int]
    name: Mapped[str] = mapped_column(String(128))
    media: Mapped[Media] = mapped_column(enum_of(Media, checked=False))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class RectificationCopy(Base):
    """On a node: a notice to its office as headquarters sent it last (`messages.SentRectification`)."""

    __tablename__ = "rectification_copies"

    rectification_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office_code: Mapped[str] = mapped_column(String(8))
    issued_at: Mapped[datetime] = mapped_column(index=True)
    due_on: Mapped[date]
    state: Mapped[RectificationState] = mapped_column(enum_of(RectificationState, "rectification_copy_state"))
    addressee_id: Mapped[uuid.UUID | None]
    received: Mapped[dict[str, Any]]
