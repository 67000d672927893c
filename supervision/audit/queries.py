"""Looking at the audit log."""

import json
import re
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEntry, Checkpoint, OfficeAuditEntry
from supervision.audit.rules import BEGINNING, Content, Head, Link, canonical
from supervision.database import on_days
from supervision.paging import PAGE_SIZE, cut_by_number

_BATCH = 1000
MOST_ACTS = 300


Entry = AuditEntry | OfficeAuditEntry


@dataclass(frozen=True)
class Chain:
    """The log of an office's node, at headquarters: whose, and which epoch's. No chain: this machine's own."""

    node_code: str
    epoch: uuid.UUID

    def __str__(self) -> str:
        return f"{self.node_code}.{self.epoch}"


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
    """One page, newest first; `newer` and `older` are the entry numbers to go on from, if any."""

    rows: Sequence[Entry]
    newer: int | None = None
    older: int | None = None


def head_at(session: Session, n: int) -> Head:
    """The head that the log had at an entry; with no entry of that number, that of a log without entries."""
    found = session.scalar(select(AuditEntry.hash).where(AuditEntry.n == n))
    return BEGINNING if found is None else Head(n, found)


def goes_on(session: Session, known: Head) -> bool:
    """Whether an entry that somebody knows is one of this log, so that the log was not put back since.

    The hash may be missing: an older node keeps none.
    """
    here = head_at(session, known.n)
    return known.n == 0 or (here.n == known.n and known.hash in {"", here.hash})


def list_entries(  # noqa: PLR0913 - a page of a list, of which both ends and the log are optional
    session: Session,
    wanted: EntryFilter,
    before: int | None = None,
    after: int | None = None,
    *,
    chain: Chain | None = None,
    limit: int = PAGE_SIZE,
) -> EntryPage:
    """The first page, or the one just older than entry `before`, or just newer than entry `after`."""
    kind = _kind(chain)
    query = select(kind).where(*_of(chain), *_matching(kind, wanted))
    found = cut_by_number(session, query, kind.n, before, after, limit)
    rows: list[Entry] = [row for (row,) in found.rows]
    return EntryPage(rows, rows[0].n if found.before else None, rows[-1].n if found.after else None)


def list_acts(session: Session, chain: Chain | None = None) -> Sequence[str]:
    """The acts that occur in the log, to choose from; of those that a node invents without end, the first."""
    kind = _kind(chain)
    query = select(kind.act).where(*_of(chain)).distinct().order_by(kind.act)
    return session.scalars(query.limit(MOST_ACTS)).all()


def read_links(session: Session, chain: Chain | None = None) -> Iterator[Link]:
    """The chain from its first entry on, in batches, so that a long one fits into memory."""
    kind = _kind(chain)
    after: list[ColumnElement[bool]] = []  # whatever number a row has: a forger's may be below the first
    while True:
        query = select(kind).where(*_of(chain), *after).order_by(kind.n).limit(_BATCH)
        rows = cast(Sequence[Entry], session.scalars(query).all())
        for row in rows:
            yield link_of(row)
        if len(rows) < _BATCH:
            return
        after = [kind.n > rows[-1].n]
        session.expunge_all()


def entries_of(session: Session, subjects: Collection[str]) -> list[Link]:
    """All entries about these subjects, in their order: an extract, no chain by itself."""
    query = select(AuditEntry).where(AuditEntry.subject.in_(subjects)).order_by(AuditEntry.n)
    return [link_of(row) for row in session.scalars(query)]


def link_of(row: Entry) -> Link:
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


def _kind(chain: Chain | None) -> type[AuditEntry] | type[OfficeAuditEntry]:
    return OfficeAuditEntry if chain else AuditEntry


def _of(chain: Chain | None) -> list[ColumnElement[bool]]:
    if chain is None:
        return []
    return [OfficeAuditEntry.node_code == chain.node_code, OfficeAuditEntry.epoch == chain.epoch]


def _matching(kind: type[AuditEntry] | type[OfficeAuditEntry], wanted: EntryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.person:
        conditions.append(kind.actor.icontains(wanted.person, autoescape=True))
    if wanted.actor_id is not None:
        conditions.append(kind.actor_id == wanted.actor_id)
    if wanted.act:
        conditions.append(kind.act == wanted.act)
    if wanted.subject:
        conditions.append(_is_about(kind, wanted.subject))
    conditions += on_days(kind.at, wanted.from_day, wanted.to_day)
    return conditions


def _is_about(kind: type[AuditEntry] | type[OfficeAuditEntry], wanted: str) -> ColumnElement[bool]:
    """Whether an entry's subject is this one, by its beginning; its number alone, without its kind, will do."""
    whole = kind.subject.startswith(wanted, autoescape=True)
    return whole if ":" in wanted else or_(whole, kind.subject.contains(f":{wanted}", autoescape=True))


_CODE = re.compile(r"[0-9a-z]{1,8}")
_HEAD = re.compile(r"\s*(?P<n>[0-9]{1,18})\s*[:：\s]\s*(?P<hash>[0-9a-fA-F]{64})\s*")


def exported(links: Iterable[Link]) -> Iterator[str]:
    """Each entry as a line: its canonical form, and its hash as stored."""
    for link in links:
        written = canonical(link.content, link.previous).decode()
        yield f'{written[:-1]},"hash":"{link.hash}"}}\n'


def exported_heads(session: Session) -> Iterator[str]:
    """Each head that is kept here as a line."""
    for row in session.scalars(select(Checkpoint).order_by(Checkpoint.number)):
        head = {
            "n": row.n,
            "hash": row.hash,
            "number": row.number,
            "at": row.at.isoformat(timespec="milliseconds"),
        }
        yield json.dumps(head) + "\n"


def parse_head(text: str) -> Head:
    """A head: `number:hash`, or a line of `exported_heads`. Raises ValueError for anything else."""
    if text.startswith("{"):
        head = json.loads(text)
        text = f"{head.get('n')}:{head.get('hash')}"
    match = _HEAD.fullmatch(text)
    if match is None:
        raise ValueError("no head")
    return Head(int(match["n"]), match["hash"].lower())


def parse_chain(text: str) -> Chain:
    """A node's log by its name. Raises ValueError for anything else."""
    code, _, epoch = text.partition(".")
    if not _CODE.fullmatch(code):  # it stands in the name of a file
        raise ValueError("no office's code")
    return Chain(code, uuid.UUID(epoch))
