"""Copies of databases: SQLite's by its backup API; and what a copy holds, to compare with after a restore."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, inspect, make_url, select, table
from sqlalchemy.orm import Session

from supervision.audit.checkpoints import signed_heads
from supervision.audit.queries import read_links
from supervision.audit.rules import verify_chain
from supervision.audit.service import current_head
from supervision.backups.messages import AuditHead, Rows


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for another one."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def copy_sqlite(file: Path, copy: Path) -> None:
    """Copy a database that is being written to, whole and at one moment. Raises sqlite3.Error, OSError."""
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in (copy, *(copy.with_name(copy.name + more) for more in ("-wal", "-shm", "-journal"))):
        left.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=60.0)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)  # in one step: in WAL mode writers go on, and a copy in steps begins anew at each
        target.execute("PRAGMA journal_mode=DELETE")  # the copy is one file


def is_sound(file: Path) -> bool:
    """Whether SQLite finds nothing wrong in a file."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def count_rows(session: Session) -> Mapping[str, int]:
    """The number of rows of every table, by its name."""
    names = sorted(inspect(session.connection()).get_table_names())
    return {name: session.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def rows_of(session: Session) -> Rows:
    """What a database holds, as this session sees it."""
    head = current_head(session)
    return Rows(tables=dict(count_rows(session)), head=AuditHead(n=head.n, hash=head.hash))


def audit_faults(session: Session, expected: AuditHead | None) -> list[str]:
    """What is wrong with the audit log of a restored database, read from its first entry, as sentences."""
    signed = signed_heads(session)
    verdict = verify_chain(read_links(session), *signed.heads)
    found = [f"signed head {number}: {fault.value}" for number, fault in signed.faults]
    if verdict.fault is not None:
        found.append(f"audit log: entry {verdict.bad_n} is {verdict.fault.value}")
    elif expected is not None and (verdict.head.n, verdict.head.hash) != (expected.n, expected.hash):
        found.append(f"audit log: it ends at entry {verdict.head.n}, that of the backup at {expected.n}")
    return found
