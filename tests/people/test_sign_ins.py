"""Signing in: constant work, lock-out, sessions that end."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher

from supervision.actor import Scope
from supervision.audit.queries import EntryFilter, list_entries
from supervision.context import Context
from supervision.database import Database
from supervision.errors import Busy, NotFound, Refused
from supervision.people import passwords
from supervision.people.models import Account, SignIn
from supervision.people.service import end_sessions
from supervision.people.sign_ins import (
    actor_of,
    begin_sign_in,
    end_expired,
    end_own,
    find_sign_in,
    has_expired,
    list_open,
    note_refused,
    note_seen,
)
from supervision.people.tasks import end_expired_sessions
from supervision.settings import Settings
from supervision.task import Worker
from tests.factories import HERE, PASSWORD, check_sign_in, make_account, make_actor, make_sign_in

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
SETTINGS = Settings(home=Path("/nowhere"))
IDLE = timedelta(seconds=SETTINGS.session_idle_s)
LONGEST = timedelta(seconds=SETTINGS.session_longest_s)


@contextmanager
def refused(reason: str) -> Iterator[None]:
    with pytest.raises(Refused) as refusal:
        yield
    assert refusal.value.reason == reason


def attempt(store: Database, account: Account, password: str, at: datetime = NOON) -> str | None:
    """As the site does it; the reason of the refusal, or None."""
    with store.reading() as session:
        checked = check_sign_in(session, account.login, password)
    try:
        with store.transaction() as session:
            begin_sign_in(session, checked, HERE, at)
    except Refused as refusal:
        with store.transaction() as session:
            note_refused(session, checked.account_id, HERE, 1, at)
        return refusal.reason
    return None


def person(store: Database, **facts: Any) -> Account:
    with store.transaction() as session:
        return make_account(session, **facts)


def written(store: Database) -> list[str]:
    with store.reading() as session:
        return [entry.act for entry in reversed(list_entries(session, EntryFilter()).rows)]


def test_the_right_password_signs_in_and_is_written_down(store: Database) -> None:
    account = person(store)
    assert attempt(store, account, PASSWORD) is None
    assert written(store) == ["signed_in"]


def test_only_the_hash_of_the_token_is_stored(store: Database) -> None:
    with store.transaction() as session:
        token = make_sign_in(session, make_account(session))
        row = session.query(SignIn).one()
    assert token not in repr(vars(row))
    assert len(row.token_hash) == 64


def test_a_login_is_found_in_whatever_case_it_is_typed(store: Database) -> None:
    account = person(store)
    with store.reading() as session:
        assert check_sign_in(session, f" {account.login.upper()} ", PASSWORD).right


def test_a_wrong_password_an_unknown_login_and_an_account_that_is_off_are_refused_alike(store: Database) -> None:
    assert attempt(store, person(store), "wrong") == "sign_in"
    assert attempt(store, person(store, active=False), PASSWORD) == "sign_in"
    assert attempt(store, Account(login="nobody"), PASSWORD) == "sign_in"
    assert written(store) == ["sign_in_refused"] * 3


def test_an_unknown_login_is_not_written_down(store: Database) -> None:
    attempt(store, Account(login="my-secret-password"), "x")
    with store.reading() as session:
        entry = list_entries(session, EntryFilter()).rows[0]
    assert "my-secret-password" not in f"{entry.subject} {entry.detail}"


def test_an_unknown_login_costs_as_much_work_as_a_known_one(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    passwords._nobodys.cache_clear()

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            verified.append(str(hash).split("$")[3])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    with store.transaction() as session:
        known = make_account(session, password_hash=passwords.hashed(PASSWORD))
    with store.reading() as session:
        check_sign_in(session, known.login, "wrong")
        check_sign_in(session, "nobody", "wrong")
        check_sign_in(session, make_account(session, password_hash=None).login, "wrong")
    assert len(verified) == 3
    assert len(set(verified)) == 1


def test_any_number_of_wrong_passwords_locks_nobody_out_by_his_name(store: Database) -> None:
    account = person(store)
    for _ in range(50):
        attempt(store, account, "wrong")
    assert attempt(store, account, PASSWORD) is None


def test_a_refusal_says_from_where_and_how_often(store: Database) -> None:
    account = person(store)
    with store.transaction() as session:
        note_refused(session, account.id, HERE, 8, NOON)
        detail = list_entries(session, EntryFilter()).rows[0].detail
    assert detail == {"address": HERE.address, "agent": HERE.agent, "attempts": 8, "login": account.login}


@pytest.mark.parametrize("login", ["a\x00b", "\udc80", "\x1b[2J", "x" * 5000])
def test_a_login_that_no_database_can_hold_is_just_unknown(store: Database, login: str) -> None:
    assert attempt(store, Account(login=login), "wrong") == "sign_in"


def test_at_most_two_passwords_are_worked_on_and_few_wait_and_the_rest_are_asked_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy, most, guard, both, go_on = 0, 0, threading.Lock(), threading.Barrier(3), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            nonlocal busy, most
            with guard:
                busy += 1
                most = max(most, busy)
            if password == "first":
                both.wait(30)
            go_on.wait(30)
            with guard:
                busy -= 1
            return "x"

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    monkeypatch.setattr(passwords, "_QUEUE", passwords.WorkQueue(at_work=2, waiting=3, longest_s=30))
    first = [threading.Thread(target=passwords.hashed, args=("first",)) for _ in range(2)]
    for thread in first:
        thread.start()
    both.wait(30)  # both are at work
    answers: queue.Queue[str] = queue.Queue()

    def ask() -> None:
        try:
            answers.put(passwords.hashed("x"))
        except Busy as error:
            answers.put(f"{error.reason} {error.retry_after_s}")

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert [answers.get(timeout=30) for _ in range(17)] == [f"passwords {passwords.AGAIN_S}"] * 17
    go_on.set()
    assert [answers.get(timeout=30) for _ in range(3)] == ["x"] * 3
    for thread in [*first, *threads]:
        thread.join()
    assert most == 2


def test_who_waits_too_long_for_his_turn_is_asked_to_come_again() -> None:
    work = passwords.WorkQueue(at_work=1, waiting=1, longest_s=0.0)
    with work.held():
        for _ in range(3):
            with pytest.raises(Busy), work.held():
                pass
    with work.held():
        pass


def test_a_password_changed_meanwhile_does_not_sign_in(store: Database) -> None:
    account = person(store)
    with store.reading() as session:
        checked = check_sign_in(session, account.login, PASSWORD)
    with store.transaction() as session:
        session.get_one(Account, account.id).password_hash = passwords.hashed("another good one")
    with store.transaction() as session, refused("sign_in"):
        begin_sign_in(session, checked, HERE)


def test_a_hash_of_weaker_parameters_is_made_anew(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())
    account = person(store)
    before = account.password_hash
    assert attempt(store, account, PASSWORD) is None
    with store.reading() as session:
        after = session.get_one(Account, account.id).password_hash
    assert after != before
    assert passwords.is_right(after, PASSWORD)
    assert after is not None
    assert passwords.renewed(after, PASSWORD) is None


def test_a_sign_in_is_found_by_its_token_only(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        token = make_sign_in(session, account)
        found = find_sign_in(session, token, SETTINGS)
        assert found is not None
        assert found.actor == actor_of(account)
        assert find_sign_in(session, token[:-1], SETTINGS) is None


def test_a_session_ends_when_idle_unless_it_is_seen(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        token = make_sign_in(session, account, NOON)
        almost = NOON + IDLE - timedelta(seconds=1)
        found = find_sign_in(session, token, SETTINGS, almost)
        assert found is not None
        assert find_sign_in(session, token, SETTINGS, NOON + IDLE) is None
        note_seen(session, found.id, almost)
        session.expire_all()
        assert find_sign_in(session, token, SETTINGS, NOON + IDLE) is not None


def test_a_session_ends_at_the_latest_after_its_longest_time(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        token = make_sign_in(session, account, NOON)
        found = find_sign_in(session, token, SETTINGS, NOON)
        assert found is not None
        note_seen(session, found.id, NOON + LONGEST - timedelta(seconds=1))
        session.expire_all()
        assert find_sign_in(session, token, SETTINGS, NOON + LONGEST) is None


def test_an_account_switched_off_is_out_at_once(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        token = make_sign_in(session, account)
        account.active = False
        session.flush()
        assert find_sign_in(session, token, SETTINGS) is None


def test_a_session_that_expired_is_closed_as_of_then_and_by_nobody(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        make_sign_in(session, account, NOON)
        make_sign_in(session, account, NOON + IDLE)
    after = NOON + IDLE + timedelta(minutes=1)
    with store.transaction() as session:
        assert not has_expired(session, SETTINGS, NOON)
        assert has_expired(session, SETTINGS, after)
        assert end_expired(session, SETTINGS, after) == 1
        assert not has_expired(session, SETTINGS, after)
        assert [row.ended_at for row in session.query(SignIn).order_by(SignIn.started_at)] == [NOON + IDLE, None]
        entry = list_entries(session, EntryFilter()).rows[0]
    assert (entry.act, entry.actor_id) == ("session_expired", None)


def test_the_worker_closes_expired_sessions(store: Database) -> None:
    with store.transaction() as session:
        make_sign_in(session, make_account(session), NOON)
    worker = Worker(SETTINGS, store, lambda: NOON + LONGEST)
    assert end_expired_sessions(worker)
    assert not end_expired_sessions(worker)


def test_ending_all_ends_what_goes_on_and_closes_what_had_expired(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        make_sign_in(session, account, NOON)
        make_sign_in(session, account, NOON + IDLE)
        make_sign_in(session, account, NOON + IDLE)
        actor = make_actor(session)
        assert end_sessions(Context(session, actor, Scope(), NOON + IDLE), account.id, settings=SETTINGS) == 2
    assert sorted(written(store)[3:]) == ["session_expired", "signed_out", "signed_out"]


def test_two_who_end_the_same_sessions_at_once_end_each_once(store: Database) -> None:
    with store.transaction() as session:
        account, actor = make_account(session), make_actor(session)
        for _ in range(10):
            make_sign_in(session, account, NOON)
    ended: list[int] = []

    def end() -> None:
        with store.transaction() as session:
            ended.append(end_sessions(Context(session, actor, Scope(), NOON), account.id, settings=SETTINGS))

    threads = [threading.Thread(target=end) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [0, 0, 0, 10]
    assert written(store).count("signed_out") == 10


def test_one_ends_ones_own_sessions_and_nobody_elses(store: Database) -> None:
    with store.transaction() as session:
        account, other = make_account(session), make_account(session)
        token = make_sign_in(session, account)
        row = list_open(session, account.id, SETTINGS)[0]
        with pytest.raises(NotFound):
            end_own(session, actor_of(other), row.id)
        end_own(session, actor_of(account), row.id)
        assert find_sign_in(session, token, SETTINGS) is None
