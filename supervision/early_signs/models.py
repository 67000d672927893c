"""Early signs that were marked, and what is done about each."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.early_signs.rules import SignState, Span, Tally
from supervision.evaluations.rules import Category
from supervision.people.models import Account

BUREAU = ""  # the office code of a sign of the whole bureau


class EarlySign(Base):
    """A category that became unusually frequent in an office, or in the bureau, in the four weeks up to `week`.

    The figures are those that were looked at; `chance` is how probable they are if nothing changed, where the
    share varies from week to week `spread` times as much as by chance alone. `due_on`: until when the section
    decides; then the day of the measure.
    """

    __tablename__ = "early_signs"
    __table_args__ = (
        UniqueConstraint("office_code", "category", "week"),
        Index("ix_early_signs_marked_at_id", "marked_at", "id"),
        CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided_of_state"),
        CheckConstraint("state NOT IN ('measure', 'done') OR owner_id IS NOT NULL", name="owner_of_state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_code: Mapped[str] = mapped_column(String(8))
    category: Mapped[Category] = mapped_column(enum_of(Category, checked=False))
    week: Mapped[date]
    window_calls: Mapped[int]
    window_found: Mapped[int]
    before_calls: Mapped[int]
    before_found: Mapped[int]
    spread: Mapped[float] = mapped_column(default=1.0)
    chance: Mapped[float]
    marked_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[SignState] = mapped_column(enum_of(SignState), default=SignState.OPEN)
    text: Mapped[str] = mapped_column(String(1000), default="")
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    due_on: Mapped[date | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[Account | None] = relationship(foreign_keys=[owner_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decided_by])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def span(self) -> Span:
        """The figures as the rule looks at them."""
        window, before = Tally(self.window_calls, self.window_found), Tally(self.before_calls, self.before_found)
        return Span(window, before)

    @property
    def subject(self) -> str:
        """How the audit log names it."""
        return f"sign:{self.id}"


class SignLook(Base):
    """A week that was looked at, once: a year must have no more comparisons than the level allows."""

    __tablename__ = "early_sign_looks"

    week: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
