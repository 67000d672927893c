"""Writing facts down in the act's own transaction, handing them out in order, and noting what has arrived."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from supervision.clock import now
from supervision.database import new_id
from supervision.exchange.models import OutboxEntry, OutboxHead
from supervision.exchange.rules import FactKind


@dataclass(frozen=True)
class Fact:
    """One fact on its way."""

    n: int
    kind: FactKind
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Batch:
    """The next facts of a node, in order, after the last that headquarters has; empty if it has all."""

    epoch: uuid.UUID
    facts: tuple[Fact, ...]
    received_n: int = 0


def open_outbox(session: Session, office_code: str) -> bool:
    """Make this database an office node's: from now on what happens in it is sent. True if it was not before."""
    if session.get(OutboxHead, office_code) is not None:
        return False
    session.add(OutboxHead(office_code=office_code))
    session.flush()
    return True


def own_offices(session: Session) -> Sequence[str]:
    """Whose node this database is, held until the transaction ends; nobody's at headquarters."""
    return session.scalars(select(OutboxHead.office_code).order_by(OutboxHead.office_code).with_for_update()).all()


def send_fact(
    session: Session, office_code: str, kind: FactKind, body: Mapping[str, Any], at: datetime | None = None
) -> None:
    """Put a fact into the outbox; it commits or rolls back with what it is about, so that no number is left out.

    `at`: when it was first sent, if it is sent again. Headquarters' database has no outbox and sends nothing.
    """
    session.flush()
    given = session.execute(
        update(OutboxHead)
        .where(OutboxHead.office_code == office_code)
        .values(last_n=OutboxHead.last_n + 1)
        .returning(OutboxHead.epoch, OutboxHead.last_n)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if given is not None:
        session.add(OutboxEntry(epoch=given.epoch, n=given.last_n, kind=kind, body=dict(body), at=at or now()))
        session.flush()


def next_batch(session: Session, office_code: str, most: int) -> Batch | None:
    """The next facts that headquarters lacks, at most so many; None if this database is no node's."""
    head = session.scalars(select(OutboxHead).where(OutboxHead.office_code == office_code)).one_or_none()
    if head is None:
        return None
    rows = session.scalars(
        select(OutboxEntry)
        .where(OutboxEntry.epoch == head.epoch, OutboxEntry.n > head.received_n)
        .order_by(OutboxEntry.n)
        .limit(most)
    )
    facts = tuple(Fact(row.n, row.kind, row.at, row.body) for row in rows)
    return Batch(head.epoch, facts, head.received_n)


def note_received(
    session: Session, office_code: str, epoch: uuid.UUID, n: int, at: datetime | None = None
) -> None:
    """Note up to which number headquarters has this epoch's facts, as it says itself, and when it said so.

    It may say less than before: its database was restored from a copy. Then the rest is sent again.
    """
    session.execute(
        update(OutboxHead)
        .where(OutboxHead.office_code == office_code, OutboxHead.epoch == epoch)
        .values(received_n=n, reached_at=at or now())
        .execution_options(synchronize_session=False)
    )


def begin_epoch(session: Session, office_code: str) -> Sequence[Fact]:
    """Number anew from 1; the facts that headquarters may lack, in order, for whoever sends them again.

    For a node whose database was put back from a copy: what it numbers would be taken for known. What it had sent
    stays here under its old numbers, for the lists of draws.
    """
    head = session.get_one(OutboxHead, office_code, with_for_update=True)
    query = select(OutboxEntry).where(OutboxEntry.epoch == head.epoch, OutboxEntry.n > head.received_n)
    unsent = [Fact(row.n, row.kind, row.at, row.body) for row in session.scalars(query.order_by(OutboxEntry.n))]
    head.epoch, head.last_n, head.received_n = new_id(), 0, 0
    session.flush()
    return unsent


def forget_before(session: Session, before: datetime) -> int:
    """Remove what headquarters has had since before that time; how many facts that was."""
    forgotten = 0
    for head in session.scalars(select(OutboxHead)):
        sent = or_(OutboxEntry.epoch != head.epoch, OutboxEntry.n <= head.received_n)
        had = sent, OutboxEntry.at < before
        forgotten += int(getattr(session.execute(delete(OutboxEntry).where(*had)), "rowcount", 0))
    return forgotten
