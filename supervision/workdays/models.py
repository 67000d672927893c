"""What people entered about single days and whole years."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base
from supervision.people.models import Account


class EnteredDay(Base):
    """A day of which a person said whether it is worked, and why; it wins over what the calendar knows."""

    __tablename__ = "entered_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    worked: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500))
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    entered_at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[Account] = relationship()


class ConfirmedYear(Base):
    """A year of which a person said that all its holidays and make-up days are entered."""

    __tablename__ = "confirmed_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(500))
    confirmed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    confirmed_at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[Account] = relationship()
