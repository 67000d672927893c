"""Signed heads are held to their signatures and to each other; who wrote to their table shows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from supervision.audit.checkpoints import get_checkpoint, make_checkpoint, signed_heads
from supervision.audit.models import AuditEntry
from supervision.audit.queries import link_of
from supervision.audit.rules import CheckpointFault, Fault, hash_of
from supervision.audit.service import record, verify
from supervision.database import Database
from supervision.paths import Paths

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "hq")


def sign(store: Database, paths: Paths, hour: int) -> None:
    with store.transaction() as session:
        record(session, None, "signed_in", "account:1", {})
        assert make_checkpoint(session, paths, NOON + timedelta(hours=hour)) is not None


@pytest.fixture
def signed(store: Database, paths: Paths) -> Database:
    """A log of four entries, each with a signed head of its own."""
    for hour in range(4):
        sign(store, paths, hour)
    return store


def off_guard(session: Session, table: str) -> None:
    """What only a superuser can do: nothing watches the table until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    else:
        for name in ("no_update", "no_delete", "no_replace"):
            session.execute(text(f"DROP TRIGGER {table}_{name}"))


def test_heads_that_nobody_touched_all_count(signed: Database) -> None:
    with signed.reading() as session:
        found = signed_heads(session)
        assert ([head.n for head in found.heads], found.faults) == ([1, 2, 3, 4], [])
        assert verify(session, *found.heads).covered_n == 4


def test_a_log_written_anew_is_found_by_a_superusers_own_database(signed: Database) -> None:
    with signed.transaction() as session:
        off_guard(session, "audit_entries")
        last = session.get_one(AuditEntry, 4)
        last.actor = "nobody"
        last.hash = hash_of(link_of(last).content, last.previous)
    with signed.reading() as session:
        assert verify(session).sound, "in itself"
        assert verify(session, *signed_heads(session).heads).fault is Fault.OTHER_HEAD


@pytest.mark.parametrize(
    ("statement", "faults", "left"),
    [
        ("UPDATE audit_checkpoints SET text = 'x' WHERE number = 2", [(2, "unreadable")], [1, 3, 4]),
        ("UPDATE audit_checkpoints SET signature = 'AAAA' WHERE number = 3", [(3, "not_signed")], [1, 2, 4]),
        ("UPDATE audit_checkpoints SET key = 'x' WHERE number = 1", [(1, "not_signed")], [2, 3, 4]),
        ("UPDATE audit_checkpoints SET number = 9 WHERE number = 1", [(9, "went_back")], [2, 3, 4]),
    ],
)
def test_a_head_that_a_superuser_touched_is_named_and_counts_no_more(
    signed: Database, statement: str, faults: list[tuple[int, str]], left: list[int]
) -> None:
    with signed.transaction() as session:
        off_guard(session, "audit_checkpoints")
        session.execute(text(statement))
    with signed.reading() as session:
        found = signed_heads(session)
    assert [(number, fault.value) for number, fault in found.faults] == faults
    assert [head.n for head in found.heads] == left


def test_another_key_is_named_where_it_begins_and_what_it_signed_counts(signed: Database, paths: Paths) -> None:
    paths.secret("audit-signing-key").unlink()
    sign(signed, paths, 4)
    sign(signed, paths, 5)
    with signed.reading() as session:
        found = signed_heads(session)
        assert get_checkpoint(session, 5).key != get_checkpoint(session, 4).key
    assert found.faults == [(5, CheckpointFault.OTHER_KEY)]
    assert [head.n for head in found.heads] == [1, 2, 3, 4, 5, 6]
