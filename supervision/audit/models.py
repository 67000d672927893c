"""The rows of the audit log, of the offices' logs at headquarters, and of the heads that are kept."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from supervision.audit import triggers
from supervision.database import Base


class AuditEntry(Base):
    """One act of one person, chained to the one before it (decision 6).

    `n` counts from 1 without a gap. Rows are never changed or removed; triggers refuse it on both databases.
    The actor's name is kept as it was, since an account may be renamed.
    """

    __tablename__ = "audit_entries"

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(128))
    act: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(128), index=True)
    office_code: Mapped[str | None] = mapped_column(String(8))
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class OfficeAuditEntry(Base):
    """At headquarters: one entry of the log of an office's node, as it was received; never changed.

    `node_code` says whose log it is, `epoch` which: a node that was rebuilt began a new one. What does not follow
    from the entry before it is kept as well: it is what an auditor looks for.
    """

    __tablename__ = "office_audit_entries"

    node_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    epoch: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    actor: Mapped[str] = mapped_column(String(128))
    act: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    office_code: Mapped[str | None] = mapped_column(String(8))
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]


class Checkpoint(Base):
    """A signed head of headquarters' log: made there each hour, and kept by each office's node; never changed.

    `text` is what was signed, word for word, `signature` ECDSA P-256 over its SHA-256 (DER, base64), `key` the
    public key (PEM). `n` and `hash` are the head that the text names.
    """

    __tablename__ = "audit_checkpoints"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(8000))
    signature: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(400))
    kept_at: Mapped[datetime]


class HeadReceipt(Base):
    """At headquarters: up to which checkpoint an office's node keeps them, as it says when it asks for more."""

    __tablename__ = "audit_head_keepers"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime]


class LogPosition(Base):
    """On a node: up to which entry of headquarters' log it has its copies of a kind, and that entry's hash."""

    __tablename__ = "log_positions"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


for _kept in (AuditEntry, OfficeAuditEntry, Checkpoint):
    triggers.attach(cast(Table, _kept.__table__))
