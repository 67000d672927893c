"""The weights by version, the months that are closed, and the entries that their figures are sums of."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.assessment.rules import Entry, Figure, Item, Weights
from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.people.models import Account


class AssessmentWeights(Base):
    """One version of the weights, in force from a month on; never changed."""

    __tablename__ = "assessment_weights"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    n: Mapped[int] = mapped_column(unique=True)
    since: Mapped[date]
    score: Mapped[int]
    rings: Mapped[int]
    quotas: Mapped[int]
    rectifications: Mapped[int]
    finding: Mapped[int]
    complaint: Mapped[int]
    least_calls: Mapped[int]
    least_evaluated: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime] = mapped_column(default=now)

    decider: Mapped[Account] = relationship()

    @property
    def weights(self) -> Weights:
        """As the rules look at them."""
        return Weights(**{name: getattr(self, name) for name in vars(Weights())})


class AssessmentMonth(Base):
    """A month that is closed: its figures are frozen, with the weights of then.

    `n`: how many entries it has, corrections included; `sha256`: of what was frozen, as the audit log names it.
    `checked_at`: when it was last looked at for what has changed since.
    """

    __tablename__ = "assessment_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    weights: Mapped[dict[str, Any]]
    weights_n: Mapped[int]
    n: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    closed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    closed_at: Mapped[datetime] = mapped_column(default=now)
    checked_at: Mapped[datetime] = mapped_column(default=now)
    corrected_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    closer: Mapped[Account] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class AssessmentEntry(Base):
    """An item of a closed month's figure; `noted_at`: it is a correction, entered then. Never changed."""

    __tablename__ = "assessment_entries"
    __table_args__ = (
        UniqueConstraint("month", "n"),
        Index("ix_assessment_entries_month_office_code_figure", "month", "office_code", "figure"),
        Index("ix_assessment_entries_person_id_month", "person_id", "month"),
        CheckConstraint("sign IN (1, -1)", name="sign"),
        CheckConstraint("sign = 1 OR noted_at IS NOT NULL", name="taken_out_by_correction"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    month: Mapped[date] = mapped_column(ForeignKey("assessment_months.month"))
    n: Mapped[int]
    sign: Mapped[int]
    figure: Mapped[Figure] = mapped_column(enum_of(Figure, checked=False))
    key: Mapped[str] = mapped_column(String(64))
    office_code: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    on: Mapped[date]
    value: Mapped[int]
    call_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("calls.id"))
    noted_at: Mapped[datetime | None]

    @property
    def entry(self) -> Entry:
        """As the rules look at it."""
        item = Item(self.figure, self.key, self.office_code, self.person_id, self.on, self.value, self.call_id)
        return Entry(item, self.sign, correction=self.noted_at is not None)
