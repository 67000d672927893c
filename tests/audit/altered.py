"""What a database superuser can do to an audit log: behind the triggers, with hashes made anew where he likes."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import delete, insert, text
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEntry
from supervision.audit.rules import GENESIS, Content, Link, hash_of
from supervision.database import Database

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
CHANGES: dict[str, Any] = {
    "at": NOON - timedelta(days=1),
    "actor_id": uuid.UUID(int=9),
    "actor": "李四 (li)",
    "act": "another",
    "subject": "call:another",
    "office_code": "99",
    "detail": {"seconds": 0},
}


def rehashed(contents: list[Content], start: str = GENESIS) -> list[Link]:
    """These entries as a chain that is sound in itself."""
    links, previous = [], start
    for content in contents:
        hashed = hash_of(content, previous)
        links.append(Link(content, previous, hashed))
        previous = hashed
    return links


@st.composite
def alterations(draw: st.DrawFn, links: list[Link]) -> tuple[int, list[Link]]:
    """One way to alter a log, and the first entry that is not what it was."""
    at = draw(st.integers(0, len(links) - 1))
    kind = draw(st.sampled_from(["change", "remove", "insert", "below", "swap", "cut", "hash"]))
    covers_up = draw(st.booleans())
    before, one, after = links[:at], links[at], links[at + 1 :]
    kind = "hash" if kind == "swap" and not after else kind
    if kind == "change":
        name = draw(st.sampled_from(sorted(CHANGES)))
        new = [*before, replace(one, content=replace(one.content, **{name: CHANGES[name]})), *after]
    elif kind == "remove":
        new = [*before, *after]
    elif kind == "below":
        forged = replace(one.content, n=draw(st.sampled_from([0, -1])), act="slipped in")
        return 1, [Link(forged, GENESIS, hash_of(forged, GENESIS)), *links]
    elif kind == "insert":
        forged = replace(one.content, act="slipped in")
        new = [*before, Link(forged, one.previous, hash_of(forged, one.previous)), one, *after]
    elif kind == "swap":
        new = [*before, after[0], one, *after[1:]]
    elif kind == "cut":
        new = before
    else:
        new = [*before, replace(one, hash="0" * 64), *after]
    if not covers_up:
        renumbers = kind == "swap" or draw(st.booleans())  # a table has no order but that of its numbers
        counted = [replace(link, content=replace(link.content, n=n)) for n, link in enumerate(new, 1)]
        return at + 1, counted if renumbers else new
    contents = [replace(link.content, n=n) for n, link in enumerate(new, 1)]
    if kind == "hash":  # a hash alone, covered up, is no change at all
        contents[at] = replace(contents[at], act="another")
    return at + 1, rehashed(contents)


@contextmanager
def as_superuser(database: Database) -> Iterator[Session]:
    """A transaction in which nothing watches the log, and which leaves no trace."""
    with database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        else:
            for name in ("no_update", "no_delete", "no_replace"):
                session.execute(text(f"DROP TRIGGER audit_entries_{name}"))
        yield session
        session.rollback()


def write_anew(session: Session, links: list[Link]) -> None:
    """Put these in the place of all entries, as far as the table can hold them."""
    session.execute(delete(AuditEntry))
    rows = [{**vars(link.content), "previous": link.previous, "hash": link.hash} for link in links]
    session.execute(insert(AuditEntry), rows) if rows else None


def can_be_stored(links: list[Link]) -> bool:
    """Whether the table takes them: no number and no hash twice."""
    return len({link.content.n for link in links}) == len({link.hash for link in links}) == len(links)
