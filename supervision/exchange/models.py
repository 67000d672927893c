"""A node's outbox, and headquarters' inbox of each office."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.exchange.rules import FactKind


class OutboxHead(Base):
    """Where a node's facts stand: the last number given, the last that headquarters has, and when it said so.

    Only an office node has one. A node that was rebuilt begins a new epoch, with its numbers from 1.
    """

    __tablename__ = "outbox_heads"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    epoch: Mapped[uuid.UUID] = mapped_column(default=new_id)
    last_n: Mapped[int] = mapped_column(BigInteger, default=0)
    received_n: Mapped[int] = mapped_column(BigInteger, default=0)
    reached_at: Mapped[datetime | None]


class OutboxEntry(Base):
    """One fact, written in the transaction of what it is about; never changed."""

    __tablename__ = "outbox_entries"

    epoch: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    kind: Mapped[FactKind] = mapped_column(enum_of(FactKind, checked=False))
    body: Mapped[dict[str, Any]]


class Inbox(Base):
    """One epoch of an office's facts, as headquarters has it: `n` is the last number that was applied.

    `heard_at` is when the office last spoke. `taken` counts the facts, so that a number that was set by other
    hands shows; `gap_n` is a number that came while an earlier one was wanted. `fact_at` is when the last fact was
    written, `back_at` when the office was heard again after a silence, which began at `away_at`. `clock_off_ms` is
    its clock minus headquarters'; `stamps`: its batches say when they were sent, and it sends one at least each
    minute. `last_sha256` is of the last fact, to know it again.
    """

    __tablename__ = "inboxes"

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
