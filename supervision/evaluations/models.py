"""Evaluation, the drafts behind it, and the judgements that were submitted and are never changed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.draws.models import Ticket
from supervision.draws.rules import Tier
from supervision.evaluations import triggers
from supervision.evaluations.rules import Category, EvaluationState, FindingKind, Kind, Lease
from supervision.people.models import Account
from supervision.scorecards.models import Criterion, Scorecard
from supervision.scorecards.rules import Grade


class Evaluation(Base):
    """One reviewer's scored judgement of one recording (检查评价), from the moment it is taken in hand.

    A ticket has one, whoever takes it, and an evaluation at most one re-score. `reviewer_id` is who has it in
    hand until `held_until`, and, once it is submitted, who judged; until it counts, another may judge a ticket in
    his place when he goes silent. `counted_at` is when it came to count for the quota; `heard_s` what its reviewer
    had heard by then of `duration_s`. `drawn_at` is when its draw was made. `set_aside_at`: an appeal against it
    was upheld, and since then nothing rests on it; that the call was reviewed counts for the quota still.
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        CheckConstraint("(kind = 'ticket') = (ticket_id IS NOT NULL)", name="ticket_of_kind"),
        CheckConstraint("(kind = 'ticket') = (tier IS NOT NULL)", name="tier_of_kind"),
        CheckConstraint("(kind = 'rescore') = (rescore_of IS NOT NULL)", name="rescore_of_kind"),
        CheckConstraint("(state = 'draft') = (submitted_at IS NULL)", name="submitted_of_state"),
        CheckConstraint("state = 'draft' OR reviewer_id IS NOT NULL", name="reviewer_of_state"),
        CheckConstraint("set_aside_at IS NULL OR state <> 'draft'", name="set_aside_of_state"),
        CheckConstraint("counted_at IS NULL OR kind = 'ticket'", name="only_tickets_count"),
        Index(
            "uq_evaluations_directed_draft",
            "call_id",
            "reviewer_id",
            unique=True,
            sqlite_where=text("kind = 'directed' AND state = 'draft'"),
            postgresql_where=text("kind = 'directed' AND state = 'draft'"),
        ),
        Index("ix_evaluations_submitted_at_id", "submitted_at", "id"),
        Index("ix_evaluations_office_code_submitted_at_id", "office_code", "submitted_at", "id"),
        Index("ix_evaluations_reviewer_id_state", "reviewer_id", "state"),
        Index("ix_evaluations_call_id", "call_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Kind] = mapped_column(enum_of(Kind, "evaluation_kind"))
    state: Mapped[EvaluationState] = mapped_column(enum_of(EvaluationState), default=EvaluationState.DRAFT)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"))
    office_code: Mapped[str] = mapped_column(String(8))
    ticket_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tickets.id"), unique=True)
    tier: Mapped[Tier | None] = mapped_column(enum_of(Tier, "evaluation_tier"))
    rescore_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evaluations.id"), unique=True)
    scorecard_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scorecards.id"))
    reviewer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    held_until: Mapped[datetime | None]
    drawn_at: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]
    heard_s: Mapped[float] = mapped_column(default=0.0)
    duration_s: Mapped[float] = mapped_column(default=0.0)
    version: Mapped[int] = mapped_column(default=1)

    call: Mapped[Call] = relationship()
    scorecard: Mapped[Scorecard] = relationship()
    reviewer: Mapped[Account | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    judgements: Mapped[list["Judgement"]] = relationship(back_populates="evaluation", order_by="Judgement.n")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def lease(self) -> Lease:
        """Who has it in hand, and until when."""
        return Lease(self.reviewer_id, self.held_until)

    @property
    def own_judgement(self) -> "Judgement | None":
        """The one by which its reviewer judged it: the first, or his in place of another's. None: not as yet."""
        last = next((one for one in reversed(self.judgements) if one.n == 1 or one.in_place), None)
        return last if last is not None and last.author_id == self.reviewer_id else None

    @property
    def is_judged(self) -> bool:
        """Whether its reviewer has judged it; if not, it waits for him, or for whoever takes it in hand."""
        return self.state is not EvaluationState.DRAFT and self.own_judgement is not None

    @property
    def is_settled(self) -> bool:
        """Whether nobody has anything left to do: a drawn call must have been judged and heard well enough."""
        return self.is_judged and (self.kind is not Kind.TICKET or self.counted_at is not None)


class Draft(Base):
    """What one person has written of an evaluation so far. Another's is a row of its own: none is lost."""

    __tablename__ = "evaluation_drafts"

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SetAside(Base):
    """What a second window of the same person wrote while the draft went on elsewhere: kept, not mixed in."""

    __tablename__ = "evaluation_texts_set_aside"

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    window: Mapped[uuid.UUID] = mapped_column("window_id", primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=now)


class Judgement(Base):
    """One submitted version of an evaluation, never changed: the first, or an amendment with author and reason.

    `in_place`: by somebody who took the call over, since who judged it before him had heard too little.
    """

    __tablename__ = "judgements"
    __table_args__ = (
        UniqueConstraint("evaluation_id", "n"),
        CheckConstraint("(n = 1) = (reason = '')", name="reason_of_amendment"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"))
    n: Mapped[int]
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    reason: Mapped[str] = mapped_column(String(500), default="")
    in_place: Mapped[bool] = mapped_column(default=False, server_default=false())
    score: Mapped[int]
    grade: Mapped[Grade] = mapped_column(enum_of(Grade))
    critical_failed: Mapped[bool]
    remark: Mapped[str] = mapped_column(String(1000), default="")

    evaluation: Mapped[Evaluation] = relationship(back_populates="judgements")
    author: Mapped[Account] = relationship()
    marks: Mapped[list["Mark"]] = relationship()
    findings: Mapped[list["Finding"]] = relationship(order_by="Finding.at_s, Finding.id")


class Mark(Base):
    """The points of one criterion in one judgement, or that it did not apply to the call."""

    __tablename__ = "marks"
    __table_args__ = (CheckConstraint("not_applicable = (points IS NULL)", name="points_where_applicable"),)

    judgement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("judgements.id"), primary_key=True)
    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criteria.id"), primary_key=True)
    points: Mapped[int | None]
    not_applicable: Mapped[bool] = mapped_column(default=False, server_default=false())
    critical_failed: Mapped[bool] = mapped_column(default=False)
    remark: Mapped[str] = mapped_column(String(1000), default="")

    criterion: Mapped[Criterion] = relationship()


class Finding(Base):
    """A breach, a good example or a remark at a second of the recording (问题), as one judgement has it.

    `key` stays the same through every amendment. `by_rule`: a failed critical criterion opened it by itself.
    """

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("judgement_id", "key"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    judgement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("judgements.id"))
    key: Mapped[uuid.UUID]
    at_s: Mapped[float]
    kind: Mapped[FindingKind] = mapped_column(enum_of(FindingKind, checked=False))
    category: Mapped[Category] = mapped_column(enum_of(Category, checked=False))
    text: Mapped[str] = mapped_column(String(1000), default="")
    clause_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("regulation_clauses.id"))
    criterion_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("criteria.id"))
    by_rule: Mapped[bool] = mapped_column(default=False)


class EvaluationCopy(Base):
    """On a node: a submitted evaluation of one of its calls as headquarters sent it, the latest version of it.

    `received` is what `messages.SentEvaluation` holds. The call may be missing here: a node that was rebuilt has
    none of before.
    """

    __tablename__ = "evaluation_copies"

    evaluation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(index=True)
    submitted_at: Mapped[datetime] = mapped_column(index=True)
    score: Mapped[int]
    grade: Mapped[Grade] = mapped_column(enum_of(Grade))
    counts: Mapped[bool | None]
    received: Mapped[dict[str, Any]]


triggers.attach()
