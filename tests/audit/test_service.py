"""The log in a database: appended in the act's own transaction, never changed, read page by page."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supervision.actor import Role
from supervision.audit.models import AuditEntry
from supervision.audit.queries import EntryFilter, list_entries
from supervision.audit.rules import Fault, Head
from supervision.audit.service import record, verify
from supervision.database import Base, Database
from tests.factories import make_actor


def write(store: Database, number: int = 1, act: str = "signed_in") -> None:
    for n in range(number):
        with store.transaction() as session:
            record(session, None, act, f"account:{n}", {"n": n, "秒": 1.5, "whole": 3.0, "none": None})


def test_entries_are_numbered_from_one_without_a_gap_and_the_chain_is_sound(store: Database) -> None:
    write(store, 5)
    with store.reading() as session:
        assert [entry.n for entry in list_entries(session, EntryFilter()).rows] == [5, 4, 3, 2, 1]
        assert verify(session).entries == 5


def test_an_act_that_is_rolled_back_leaves_no_entry(store: Database) -> None:
    with pytest.raises(RuntimeError), store.transaction() as session:
        record(session, None, "signed_in", "account:1", {})
        raise RuntimeError
    write(store, 1)
    with store.reading() as session:
        assert verify(session).entries == 1


def test_two_entries_of_one_transaction_follow_each_other(store: Database) -> None:
    with store.transaction() as session:
        actor = make_actor(session, Role.AUDITOR)
        first = record(session, actor, "signed_in", "account:1", {})
        second = record(session, actor, "signed_out", "account:1", {})
    assert second.previous == first.hash
    assert first.actor == f"{actor.name} ({actor.login})"


def test_many_writers_at_once_make_one_chain(store: Database) -> None:
    writers = [threading.Thread(target=write, args=(store, 10)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with store.reading() as session:
        assert verify(session).entries == 40
        assert verify(session).sound


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries"])
def test_the_database_itself_refuses_to_change_or_remove_an_entry(store: Database, statement: str) -> None:
    write(store)
    with pytest.raises(DBAPIError, match="never"), store.transaction() as session:
        session.execute(text(statement))
    with store.reading() as session:
        assert verify(session).sound


def test_tables_made_from_the_models_refuse_as_well(empty_url: str, tmp_path: object) -> None:
    database = Database(empty_url if "postgres" in empty_url else "sqlite:///:memory:")
    Base.metadata.create_all(database.engine)
    write(database)
    with pytest.raises(DBAPIError, match="never"), database.transaction() as session:
        session.execute(text("DELETE FROM audit_entries"))
    Base.metadata.drop_all(database.engine)
    database.close()


def test_an_entry_altered_behind_the_triggers_is_named(store: Database) -> None:
    write(store, 3)
    with store.transaction() as session:
        if store.engine.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        else:
            session.execute(text("DROP TRIGGER audit_entries_no_update"))
        session.execute(text("UPDATE audit_entries SET actor = 'x' WHERE n = 2"))
    with store.reading() as session:
        verdict = verify(session)
    assert (verdict.fault, verdict.bad_n) == (Fault.ALTERED, 2)


def test_a_kept_head_that_does_not_fit_is_found(store: Database) -> None:
    write(store, 2)
    with store.reading() as session:
        assert verify(session, Head(2, "f" * 64)).fault is Fault.OTHER_HEAD
        assert verify(session, Head(3, "f" * 64)).fault is Fault.CUT_OFF


def test_pages_lead_to_older_entries_and_back(store: Database) -> None:
    write(store, 5)
    with store.reading() as session:
        first = list_entries(session, EntryFilter(), limit=2)
        second = list_entries(session, EntryFilter(), before=first.older, limit=2)
        third = list_entries(session, EntryFilter(), before=second.older, limit=2)
        back = list_entries(session, EntryFilter(), after=third.newer, limit=2)
        newest = list_entries(session, EntryFilter(), after=back.newer, limit=2)
    assert [[entry.n for entry in page.rows] for page in (first, second, third, back, newest)] == [
        [5, 4],
        [3, 2],
        [1],
        [3, 2],
        [5, 4],
    ]
    assert (first.newer, third.older, newest.newer) == (None, None, None)


def test_the_filter_finds_by_person_act_and_subject(store: Database) -> None:
    with store.transaction() as session:
        actor = make_actor(session, Role.AUDITOR)
        record(session, actor, "audit_verified", "audit", {})
        record(session, None, "signed_in", "account:100%", {})

    def found(wanted: EntryFilter) -> list[int]:
        with store.reading() as session:
            return [entry.n for entry in list_entries(session, wanted).rows]

    assert found(EntryFilter(person=actor.login.upper())) == [1]
    assert found(EntryFilter(act="signed_in")) == [2]
    assert found(EntryFilter(subject="account:100%")) == [2]
    assert found(EntryFilter(subject="account:1_0")) == []
    assert found(EntryFilter(subject="100%")) == [2]
    assert found(EntryFilter(subject="00%")) == []


def test_what_a_database_cannot_hold_is_replaced_before_it_is_hashed(store: Database) -> None:
    with store.transaction() as session:
        record(session, None, "signed_in", "a\x00" * 200, {"login": "\x00\udc80"})
    with store.reading() as session:
        assert session.get_one(AuditEntry, 1).detail == {"login": "\ufffd\ufffd"}
        assert verify(session).sound
