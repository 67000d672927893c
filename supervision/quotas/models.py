"""What people were reminded of, and when."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, enum_of
from supervision.quotas.rules import Urgency


class Reminder(Base):
    """One day's reminder of one draw's quota; `remaining` is how many tickets were still to be done."""

    __tablename__ = "reminders"

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    urgency: Mapped[Urgency] = mapped_column(enum_of(Urgency))
    remaining: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
