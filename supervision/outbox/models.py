"""The head and the entries of a node's outbox."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.outbox.rules import FactKind


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
    """One fact, written in the transaction of what it tells; never changed."""

    __tablename__ = "outbox_entries"

    epoch: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    kind: Mapped[FactKind] = mapped_column(enum_of(FactKind, checked=False))
    body: Mapped[dict[str, Any]]
