"""How far each office's facts are taken in, and those that could not be."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.database import Base


class Feed(Base):
    """One epoch of an office's facts: `n` is the last number taken in, `heard_at` when the office last spoke."""

    __tablename__ = "feeds"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    epoch: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, default=0)
    heard_at: Mapped[datetime]


class RefusedFact(Base):
    """A fact that could not be written down, kept whole for whoever looks into it."""

    __tablename__ = "refused_facts"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    epoch: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(String(500))
