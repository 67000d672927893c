"""How far each office's facts are taken in, and those that could not be."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.database import Base


class Feed(Base):
    """One epoch of an office's facts: `n` is the last number taken in, `heard_at` when the office last spoke.

    `taken` counts the facts, so that a number that was set by other hands shows; `gap_n` is a number that came
    while an earlier one was wanted. `fact_at` is when the last fact was written, `back_at` when the office was
    heard again after a silence, which began at `away_at`. `clock_off_ms` is its clock minus headquarters';
    `stamps`: its batches say when they were sent, and it sends one at least each minute. `last_sha256` is of the
    last fact, to know it again.
    """

    __tablename__ = "feeds"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    epoch: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, default=0)
    taken: Mapped[int] = mapped_column(BigInteger, default=0)
    gap_n: Mapped[int | None] = mapped_column(BigInteger)
    heard_at: Mapped[datetime]
    away_at: Mapped[datetime | None]
    back_at: Mapped[datetime | None]
    fact_at: Mapped[datetime | None]
    clock_off_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    stamps: Mapped[bool] = mapped_column(default=False)
    last_sha256: Mapped[str | None] = mapped_column(String(64))


class RefusedFact(Base):
    """A fact that could not be written down, kept whole (`rules.storable`) for whoever looks into it.

    `at` is when it came, `fact_at` when the office wrote it (None: before that was kept).
    """

    __tablename__ = "refused_facts"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    epoch: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(String(500))
    fact_at: Mapped[datetime | None]
