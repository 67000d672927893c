"""Records with the judgements that they rest on, appeals, and of which judgements a person was told."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.discipline.rules import AppealState, Case, RecordState, Remedy, Target
from supervision.evaluations.models import Evaluation, Judgement
from supervision.people.models import Account
from supervision.regulation.models import Clause, Consequence
from supervision.regulation.rules import Side


class JudgementNotice(Base):
    """That a person was told of a judgement of a call that he answered, and when he said that he has read it."""

    __tablename__ = "judgement_notices"
    __table_args__ = (
        Index("ix_judgement_notices_person_id_read_at", "person_id", "read_at"),
        Index("ix_judgement_notices_notified_at_judgement_id", "notified_at", "judgement_id"),
        Index("ix_judgement_notices_evaluation_id", "evaluation_id"),
    )

    judgement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("judgements.id"), primary_key=True)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    notified_at: Mapped[datetime] = mapped_column(default=now)
    appeal_until: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    read_at: Mapped[datetime | None]

    judgement: Mapped[Judgement] = relationship()
    evaluation: Mapped[Evaluation] = relationship()
    person: Mapped[Account] = relationship()


class NoticePosition(Base):
    """Up to which entry of the audit log people were told of judgements: one row."""

    __tablename__ = "judgement_notice_positions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(default=0)


class Record(Base):
    """A discipline record (责任追究) or a commendation (表彰奖励) of one person.

    `points` is what its kind took or gave when it was proposed. `due_on`: by when it must be decided;
    `appeal_until`: the last day for an appeal. `ended_why`: why it was withdrawn or revoked; where it fell with an
    upheld appeal (`fell_by_appeal`), that one's number.
    """

    __tablename__ = "discipline_records"
    __table_args__ = (
        UniqueConstraint("side", "year", "n"),
        Index("ix_discipline_records_proposed_at_id", "proposed_at", "id"),
        Index("ix_discipline_records_office_code_state", "office_code", "state"),
        Index("ix_discipline_records_person_id_state", "person_id", "state"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decider"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("person_id <> proposed_by", name="not_about_the_proposer"),
        CheckConstraint("decided_by IS NULL OR decided_by <> person_id", name="not_about_the_decider"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    side: Mapped[Side] = mapped_column(enum_of(Side, "record_side"))
    year: Mapped[int]
    n: Mapped[int]
    office_code: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    consequence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("regulation_consequences.id"))
    clause_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("regulation_clauses.id"))
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[RecordState] = mapped_column(enum_of(RecordState), default=RecordState.PROPOSED)
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    due_on: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(1000), default="")
    appeal_until: Mapped[date | None]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(String(1000), default="")
    fell_by_appeal: Mapped[bool] = mapped_column(default=False)
    reminded_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Account] = relationship(foreign_keys=[person_id])
    proposer: Mapped[Account] = relationship(foreign_keys=[proposed_by])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decided_by])
    consequence: Mapped[Consequence] = relationship()
    clause: Mapped[Clause] = relationship()
    grounds: Mapped[list["Ground"]] = relationship(order_by="Ground.n")
    appeal: Mapped["Appeal | None"] = relationship(back_populates="record")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def number(self) -> str:
        """Its number in the register of its side."""
        return f"{self.year}-{self.n:04d}"

    @property
    def subject(self) -> str:
        """How holds, incidents and the audit log name it."""
        return f"record:{self.id}"

    @property
    def case(self) -> Case:
        """As the rule of who may what looks at it."""
        return Case(self.side, self.person_id, self.proposed_by)


class Ground(Base):
    """A judgement that a record rests on, with what it said and the hashes of the recording at that time."""

    __tablename__ = "discipline_grounds"
    __table_args__ = (UniqueConstraint("record_id", "n"), UniqueConstraint("record_id", "evaluation_id"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("discipline_records.id"))
    n: Mapped[int]
    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"), index=True)
    judgement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("judgements.id"))
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), index=True)
    score: Mapped[int]
    pcm_sha256: Mapped[str] = mapped_column(String(64))
    flac_sha256: Mapped[str] = mapped_column(String(64))

    evaluation: Mapped[Evaluation] = relationship()
    judgement: Mapped[Judgement] = relationship()
    call: Mapped[Call] = relationship()


class Appeal(Base):
    """An appeal (申诉) against one judgement or one record; there is at most one against each.

    `at_s`: the second of the recording that it is about. `due_on`: by when it must be decided.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        UniqueConstraint("year", "n"),
        Index("ix_appeals_filed_at_id", "filed_at", "id"),
        Index("ix_appeals_state", "state"),
        Index("ix_appeals_evaluation_id_state", "evaluation_id", "state"),
        CheckConstraint("(record_id IS NULL) <> (judgement_id IS NULL)", name="one_target"),
        CheckConstraint("(evaluation_id IS NULL) = (judgement_id IS NULL)", name="evaluation_of_judgement"),
        CheckConstraint("decided_by IS NULL OR decided_by <> person_id", name="not_about_the_decider"),
        CheckConstraint("(state IN ('dismissed', 'upheld')) = (decided_by IS NOT NULL)", name="decider"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    year: Mapped[int]
    n: Mapped[int]
    office_code: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    record_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("discipline_records.id"), unique=True)
    judgement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("judgements.id"), unique=True)
    evaluation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evaluations.id"))
    text: Mapped[str] = mapped_column(String(2000))
    at_s: Mapped[float | None]
    filed_at: Mapped[datetime] = mapped_column(default=now)
    due_on: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    state: Mapped[AppealState] = mapped_column(enum_of(AppealState), default=AppealState.OPEN)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(2000), default="")
    remedy: Mapped[Remedy | None] = mapped_column(enum_of(Remedy, "appeal_remedy"))
    reminded_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Account] = relationship(foreign_keys=[person_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decided_by])
    record: Mapped[Record | None] = relationship(back_populates="appeal")
    judgement: Mapped[Judgement | None] = relationship()
    evaluation: Mapped[Evaluation | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def number(self) -> str:
        """Its number in the register."""
        return f"{self.year}-{self.n:04d}"

    @property
    def subject(self) -> str:
        """How holds, incidents and the audit log name it."""
        return f"appeal:{self.id}"

    @property
    def target(self) -> Target:
        """What it is against."""
        return Target.RECORD if self.record_id is not None else Target.JUDGEMENT


class RecordCopy(Base):
    """On a node: that there is a decided record about one of its people (`messages.SentRecord`)."""

    __tablename__ = "discipline_record_copies"
    __table_args__ = (Index("ix_discipline_record_copies_person_id_state", "person_id", "state"),)

    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office_code: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[uuid.UUID]
    state: Mapped[RecordState] = mapped_column(enum_of(RecordState, "record_copy_state"))
    received: Mapped[dict[str, Any]]
