"""Scorecard versions, their criteria, and the clauses that a criterion cites."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.regulation.models import Clause
from supervision.regulation.rules import VersionState
from supervision.scorecards.rules import CriterionRule, Grades


class Scorecard(Base):
    """One version of the service norm (评分表). At most one is a draft, at most one in force.

    `heard_percent` is the share of a call that its reviewer must have played for a ticket to count, all of it
    where it is shorter than `whole_under_s`. What was in force is never changed.
    """

    __tablename__ = "scorecards"
    __table_args__ = (
        Index(
            "uq_scorecards_draft",
            "state",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        Index(
            "uq_scorecards_in_force",
            "state",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    n: Mapped[int] = mapped_column(unique=True)
    state: Mapped[VersionState] = mapped_column(enum_of(VersionState), default=VersionState.DRAFT)
    title: Mapped[str] = mapped_column(String(100))
    excellent_from: Mapped[int] = mapped_column(default=90)
    good_from: Mapped[int] = mapped_column(default=80)
    pass_from: Mapped[int] = mapped_column(default=60)
    heard_percent: Mapped[int] = mapped_column(default=60)
    whole_under_s: Mapped[int] = mapped_column(default=60)
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    criteria: Mapped[list["Criterion"]] = relationship(
        back_populates="scorecard", order_by="Criterion.n", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def grades(self) -> Grades:
        """From which score on a grade is given."""
        return Grades(self.excellent_from, self.good_from, self.pass_from)


class Criterion(Base):
    """One criterion: at most `weight` points. `critical`: the failure that makes the whole score 0, if any.

    `may_not_apply`: a reviewer may leave it out where the call gave no occasion; the rest then makes up the 100.
    He writes why, unless the criterion `needs_no_reason`.
    """

    __tablename__ = "criteria"
    __table_args__ = (UniqueConstraint("scorecard_id", "n"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    scorecard_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scorecards.id"))
    n: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    guide: Mapped[str] = mapped_column(String(500), default="")
    weight: Mapped[int]
    critical: Mapped[str] = mapped_column(String(500), default="")
    may_not_apply: Mapped[bool] = mapped_column(default=False, server_default=false())
    needs_no_reason: Mapped[bool] = mapped_column(default=False, server_default=false())

    scorecard: Mapped[Scorecard] = relationship(back_populates="criteria")
    citations: Mapped[list["CriterionClause"]] = relationship(cascade="all, delete-orphan")

    @property
    def rule(self) -> CriterionRule:
        """What the arithmetic needs of it."""
        return CriterionRule(self.id, self.weight, bool(self.critical), self.may_not_apply, self.needs_no_reason)


class CriterionClause(Base):
    """A criterion cites a clause of the regulation."""

    __tablename__ = "criterion_clauses"

    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criteria.id"), primary_key=True)
    clause_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("regulation_clauses.id"), primary_key=True)

    clause: Mapped[Clause] = relationship()
