"""Looking at the audit log."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEntry
from supervision.audit.rules import Content, Link
from supervision.clock import day_bounds
from supervision.paging import PAGE_SIZE

_BATCH = 1000


@dataclass(frozen=True)
class EntryFilter:
    """What the auditor looks for. Days are the bureau's, both included; `person` is part of a name or login."""

    person: str = ""
    actor_id: uuid.UUID | None = None
    act: str = ""
    subject: str = ""
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class EntryPage:
    """One page, newest first; `newer` and `older` are the entry numbers to turn at, where there is something."""

    rows: Sequence[AuditEntry]
    newer: int | None = None
    older: int | None = None


def list_entries(
    session: Session,
    wanted: EntryFilter,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE_SIZE,
) -> EntryPage:
    """The first page, or the one just older than entry `before`, or just newer than entry `after`."""
    query = select(AuditEntry).where(*_matching(wanted))
    rows, more = _cut(session, query, before, after, limit)
    if not rows:
        return EntryPage(rows)
    has_newer = more if after is not None else before is not None
    has_older = more if after is None else True
    return EntryPage(rows, rows[0].n if has_newer else None, rows[-1].n if has_older else None)


def list_acts(session: Session) -> Sequence[str]:
    """The acts that occur in the log, to choose from."""
    return session.scalars(select(AuditEntry.act).distinct().order_by(AuditEntry.act)).all()


def read_links(session: Session) -> Iterator[Link]:
    """The chain from its first entry on, in batches, so that a long one fits into memory."""
    last = 0
    while True:
        query = select(AuditEntry).where(AuditEntry.n > last).order_by(AuditEntry.n).limit(_BATCH)
        rows = session.scalars(query).all()
        for row in rows:
            yield link_of(row)
        if len(rows) < _BATCH:
            return
        last = rows[-1].n
        session.expunge_all()


def link_of(row: AuditEntry) -> Link:
    """A stored row as the rules read it."""
    content = Content(
        n=row.n,
        at=row.at,
        actor_id=row.actor_id,
        actor=row.actor,
        act=row.act,
        subject=row.subject,
        office_code=row.office_code,
        detail=row.detail,
    )
    return Link(content, row.previous, row.hash)


def _cut(
    session: Session, query: Select[AuditEntry], before: int | None, after: int | None, limit: int
) -> tuple[list[AuditEntry], bool]:
    if after is not None:
        query = query.where(AuditEntry.n > after).order_by(AuditEntry.n)
    else:
        query = query.order_by(AuditEntry.n.desc())
        if before is not None:
            query = query.where(AuditEntry.n < before)
    found = list(session.scalars(query.limit(limit + 1)))
    rows = found[:limit]
    if after is not None:
        rows.reverse()
    return rows, len(found) > limit


def _matching(wanted: EntryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.person:
        conditions.append(AuditEntry.actor.icontains(wanted.person, autoescape=True))
    if wanted.actor_id is not None:
        conditions.append(AuditEntry.actor_id == wanted.actor_id)
    if wanted.act:
        conditions.append(AuditEntry.act == wanted.act)
    if wanted.subject:
        conditions.append(AuditEntry.subject.startswith(wanted.subject, autoescape=True))
    if wanted.from_day is not None:
        conditions.append(AuditEntry.at >= day_bounds(wanted.from_day)[0])
    if wanted.to_day is not None:
        conditions.append(AuditEntry.at < day_bounds(wanted.to_day)[1])
    return conditions
