"""The treatment of each finding."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.calls.models import Call
from supervision.database import Base, enum_of, new_id
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import Category
from supervision.findings.rules import Given, Measure, Prevention, Standing, TreatmentAct
from supervision.people.models import Account


class Treatment(Base):
    """A breach in the latest version of an evaluation, and what is done about it.

    `key` is the finding's, which stays through all versions of the evaluation. `drawn`: in a drawn call, so that
    it counts for watches and early signs; what a person chose to check does not. `state` follows from the rest
    (`rules.standing`) and is kept for lists. `declined_by`: who did not agree last that nothing is needed.
    `counted_from`: from which day on its treatment is awaited; `due_on` follows from it and the calendar.
    """

    __tablename__ = "treatments"
    __table_args__ = (
        UniqueConstraint("evaluation_id", "key"),
        Index("ix_treatments_state_due_on", "state", "due_on"),
        Index("ix_treatments_office_code_category_found_at", "office_code", "category", "found_at"),
        CheckConstraint("(measure IS NULL) = (measure_by IS NULL)", name="author_of_measure"),
        CheckConstraint("(prevention IS NULL) = (prevention_by IS NULL)", name="author_of_prevention"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"))
    key: Mapped[uuid.UUID]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"))
    office_code: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    category: Mapped[Category] = mapped_column(enum_of(Category, checked=False))
    text: Mapped[str] = mapped_column(String(1000), default="")
    at_s: Mapped[float]
    drawn: Mapped[bool]
    found_at: Mapped[datetime]
    counted_from: Mapped[date]
    due_on: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Standing] = mapped_column(enum_of(Standing, "treatment_state"), default=Standing.OPEN)
    measure: Mapped[Measure | None] = mapped_column(enum_of(Measure, checked=False))
    measure_text: Mapped[str] = mapped_column(String(1000), default="")
    measure_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    measure_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    prevention: Mapped[Prevention | None] = mapped_column(enum_of(Prevention))
    prevention_text: Mapped[str] = mapped_column(String(1000), default="")
    prevention_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    prevention_at: Mapped[datetime | None]
    agreed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    agreed_at: Mapped[datetime | None]
    declined_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int] = mapped_column(default=1)

    evaluation: Mapped[Evaluation] = relationship()
    call: Mapped[Call] = relationship()
    person: Mapped[Account | None] = relationship(foreign_keys=[person_id])
    treated_by: Mapped[Account | None] = relationship(foreign_keys=[measure_by])
    prevented_by: Mapped[Account | None] = relationship(foreign_keys=[prevention_by])
    agreeing: Mapped[Account | None] = relationship(foreign_keys=[agreed_by])
    declining: Mapped[Account | None] = relationship(foreign_keys=[declined_by])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def given(self) -> Given:
        """What was done so far, as the rule looks at it."""
        people = {
            TreatmentAct.TREAT_PERSON: self.treated_by,
            TreatmentAct.PREVENT: self.prevented_by,
            TreatmentAct.DECLINE: self.declining,
        }
        return Given(
            person=self.person_id,
            measure=self.measure,
            confirmed=self.confirmed_at is not None,
            prevention=self.prevention,
            prevention_by=self.prevention_by,
            agreed=self.agreed_at is not None,
            by_hq=frozenset(act for act, one in people.items() if one is not None and one.office_code is None),
        )

    @property
    def subject(self) -> str:
        """How the audit log names it."""
        return f"treatment:{self.id}"


class FindingPosition(Base):
    """Up to which entry of the audit log findings were looked at: one row."""

    __tablename__ = "finding_positions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger, default=0)
