"""Accounts: made and changed by a security administrator, never by himself; each act written down."""

import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role, Scope
from supervision.audit.queries import Entry, EntryFilter, list_entries
from supervision.context import Context
from supervision.database import Database, new_id
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.people import passwords
from supervision.people.models import Account
from supervision.people.service import (
    Person,
    change_account,
    change_own_password,
    check_own_change,
    create_account,
    create_first_administrator,
    end_sessions,
    get_account,
    issue_password,
    note_wrong_current,
)
from supervision.people.sign_ins import actor_of, list_open
from supervision.settings import Settings
from tests.factories import PASSWORD, make_account, make_actor, make_sign_in

SETTINGS = Settings(home=Path("/nowhere"))
CLERK = Person("李娜", Role.OFFICER, "01")


def acts(session: Session) -> list[Entry]:
    return list(reversed(list_entries(session, EntryFilter()).rows))


def person_of(account: Account) -> Person:
    return Person(account.name, account.role, account.office_code, account.active)


def change(session: Session, actor: Actor, account: Account, **changes: Any) -> Account:
    person = replace(person_of(account), **changes)
    return change_account(Context(session, actor, Scope()), account.id, person, version=account.version)


def test_an_account_is_made_with_its_password_hashed_and_written_down(store: Database) -> None:
    with store.transaction() as session:
        account = create_account(session, make_actor(session), " Li.Na ", CLERK, password=PASSWORD)
        entry = acts(session)[-1]
    assert account.login == "li.na"
    assert account.must_change_password
    assert passwords.is_right(account.password_hash, PASSWORD)
    assert (entry.act, entry.subject, entry.office_code) == ("account_created", f"account:{account.id}", "01")
    assert PASSWORD not in str(entry.detail)


@pytest.mark.parametrize(
    "login", ["", "x", "王芳", "li\x00na", "li\nna", "li\x1bna", "a b", "-dash", "a" * 33, "<script>"]
)
def test_a_malformed_login_is_refused(store: Database, login: str) -> None:
    with store.transaction() as session, pytest.raises(InvalidInput) as refusal:
        create_account(session, make_actor(session), login, CLERK)
    assert (refusal.value.where, refusal.value.wrong) == ("login", "malformed")


def test_a_login_belongs_to_one_account_only(store: Database) -> None:
    with store.transaction() as session:
        actor = make_actor(session)
        create_account(session, actor, "li.na", CLERK)
        with pytest.raises(InvalidInput, match="taken"):
            create_account(session, actor, "LI.NA", CLERK)


@pytest.mark.parametrize(
    ("person", "where", "wrong"),
    [
        (Person(" ", Role.OFFICER, "01"), "name", "empty"),
        (Person("李\x00娜", Role.OFFICER, "01"), "name", "malformed"),
        (Person("李\n娜", Role.OFFICER, "01"), "name", "malformed"),
        (Person("李\udc80娜", Role.OFFICER, "01"), "name", "malformed"),
        (Person("李娜", Role.OFFICER, "0\x001"), "office", "malformed"),
        (Person("名" * 65, Role.OFFICER, "01"), "name", "too_long"),
        (Person("李娜", Role.OFFICE_LEADER), "office", "missing"),
        (Person("李娜", Role.SUPERVISOR, "01"), "office", "not_for_role"),
    ],
)
def test_a_person_is_described_whole(store: Database, person: Person, where: str, wrong: str) -> None:
    with store.transaction() as session, pytest.raises(InvalidInput) as refusal:
        create_account(session, make_actor(session), "li.na", person)
    assert (refusal.value.where, refusal.value.wrong) == (where, wrong)


def test_a_change_is_written_down_before_and_after(store: Database) -> None:
    with store.transaction() as session:
        actor = make_actor(session)
        account = create_account(session, actor, "li.na", CLERK)
        change(session, actor, account, role=Role.OFFICE_LEADER)
        detail = acts(session)[-1].detail
    assert (detail["before"]["role"], detail["after"]["role"]) == ("officer", "office_leader")


def test_a_change_that_changes_nothing_writes_nothing_down(store: Database) -> None:
    with store.transaction() as session:
        change(session, make_actor(session), make_account(session))
        assert acts(session) == []


@pytest.mark.parametrize("changes", [{"role": Role.OFFICE_LEADER}, {"active": False}])
def test_another_role_and_switching_off_end_the_sessions(store: Database, changes: dict[str, object]) -> None:
    with store.transaction() as session:
        account = make_account(session)
        make_sign_in(session, account)
        change(session, make_actor(session), account, **changes)
        assert list_open(session, account.id, SETTINGS) == []


def test_another_name_ends_no_session(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        make_sign_in(session, account)
        change(session, make_actor(session), account, name="李娜娜")
        assert len(list_open(session, account.id, SETTINGS)) == 1


def test_nobody_changes_his_own_account(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session, Role.SECURITY_ADMINISTRATOR)
        actor = actor_of(account)
        for act in (
            lambda: change(session, actor, account, name="别名"),
            lambda: issue_password(Context(session, actor, Scope()), account.id),
            lambda: end_sessions(Context(session, actor, Scope()), account.id),
        ):
            with pytest.raises(Refused, match="own_account"):
                act()


@pytest.mark.parametrize("changes", [{"active": False}, {"role": Role.SUPERVISOR}])
def test_the_last_active_security_administrator_stays(store: Database, changes: dict[str, object]) -> None:
    with store.transaction() as session:
        last = make_account(session, Role.SECURITY_ADMINISTRATOR)
        make_account(session, Role.SECURITY_ADMINISTRATOR, active=False)
        actor = make_actor(session, Role.SUPERVISOR)
        with pytest.raises(Refused, match="last_security_administrator"):
            change(session, actor, last, **changes)


def test_one_of_two_security_administrators_can_go(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session, Role.SECURITY_ADMINISTRATOR)
        assert not change(session, make_actor(session), account, active=False).active


def test_who_administered_cannot_become_the_auditor_of_it(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session, Role.SYSTEM_ADMINISTRATOR)
        with pytest.raises(Refused, match="separate_duties"):
            change(session, make_actor(session), account, role=Role.AUDITOR)


@pytest.mark.parametrize("between", [Role.OFFICER, Role.SUPERVISOR])
def test_who_administered_cannot_become_the_auditor_of_it_by_a_detour_either(
    store: Database, between: Role
) -> None:
    office = "01" if between is Role.OFFICER else None
    with store.transaction() as session:
        actor, account = make_actor(session), make_account(session, Role.SYSTEM_ADMINISTRATOR)
        change(session, actor, account, role=between, office_code=office)
    with store.transaction() as session:
        account = get_account(session, account.id)
        with pytest.raises(Refused, match="separate_duties"):
            change(session, actor, account, role=Role.AUDITOR, office_code=None)
        back = change(session, actor, account, role=Role.SYSTEM_ADMINISTRATOR, office_code=None)
        assert back.administered_as is Role.SYSTEM_ADMINISTRATOR


def test_two_administrators_on_one_account_do_not_overwrite_each_other(store: Database) -> None:
    with store.transaction() as session:
        actor, account = make_actor(session), make_account(session)
        seen = account.version
        change(session, actor, account, name="李娜")
        with pytest.raises(Conflict):
            change_account(Context(session, actor, Scope()), account.id, replace(CLERK, name="别名"), version=seen)


def test_an_account_that_does_not_exist_is_not_found(store: Database) -> None:
    with store.transaction() as session, pytest.raises(NotFound):
        get_account(session, new_id())


def test_a_temporary_password_must_be_changed(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        password = issue_password(Context(session, make_actor(session), Scope()), account.id)
        assert passwords.is_right(account.password_hash, password)
        assert account.must_change_password
        assert password not in str([entry.detail for entry in acts(session)])


def test_an_account_that_is_off_gets_no_password(store: Database) -> None:
    with store.transaction() as session, pytest.raises(Refused, match="inactive"):
        issue_password(Context(session, make_actor(session), Scope()), make_account(session, active=False).id)


def test_one_changes_ones_own_password_and_other_sessions_end(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session, must_change_password=True)
        make_sign_in(session, account)
        make_sign_in(session, account)
        here = list_open(session, account.id, SETTINGS)[0].id
        checked = check_own_change(actor_of(account), account.password_hash, PASSWORD, "another good one")
        change_own_password(Context(session, actor_of(account), Scope()), checked, keep=here)
        assert [row.id for row in list_open(session, account.id, SETTINGS)] == [here]
        assert not account.must_change_password


@pytest.mark.parametrize(
    ("current", "password", "where"),
    [("wrong", "another good one", "current"), (PASSWORD, "short", "password"), (PASSWORD, PASSWORD, "password")],
)
def test_a_password_is_not_changed_for_a_wrong_or_a_poor_one(
    store: Database, current: str, password: str, where: str
) -> None:
    with store.transaction() as session, pytest.raises(InvalidInput) as refusal:
        account = make_account(session)
        checked = check_own_change(actor_of(account), account.password_hash, current, password)
        change_own_password(Context(session, actor_of(account), Scope()), checked)
    assert refusal.value.where == where


def test_a_wrong_current_password_is_written_down(store: Database) -> None:
    with store.transaction() as session:
        note_wrong_current(Context(session, make_actor(session), Scope()), 4)
        assert [(entry.act, entry.detail) for entry in acts(session)] == [("password_refused", {"attempts": 4})]


def test_a_password_changed_meanwhile_is_not_changed_on_what_was_known_before(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
        checked = check_own_change(actor_of(account), account.password_hash, PASSWORD, "another good one")
        issue_password(Context(session, make_actor(session), Scope()), account.id)
        with pytest.raises(Conflict):
            change_own_password(Context(session, actor_of(account), Scope()), checked)


def test_there_are_two_first_administrators(store: Database) -> None:
    with store.transaction() as session:
        for login in ("first", "second"):
            account = create_first_administrator(session, login, "安全管理员", PASSWORD)
            assert (account.role, account.must_change_password) == (Role.SECURITY_ADMINISTRATOR, False)
        with pytest.raises(Refused, match="security_administrator_exists"):
            create_first_administrator(session, "third", "安全管理员", PASSWORD)


def test_two_security_administrators_cannot_switch_each_other_off_at_once(store: Database) -> None:
    with store.transaction() as session:
        pair = [make_account(session, Role.SECURITY_ADMINISTRATOR) for _ in range(2)]

    def switch_off(actor: Account, account: Account) -> None:
        with suppress(Refused), store.transaction() as session:
            change(session, actor_of(actor), session.get_one(Account, account.id), active=False)

    threads = [threading.Thread(target=switch_off, args=both) for both in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert [session.get_one(Account, account.id).active for account in pair].count(True) == 1


def test_what_no_column_can_hold_is_refused_and_no_error_shows_what_was_given(store: Database) -> None:
    with pytest.raises(InvalidInput), store.transaction() as session:
        session.execute(select(Account).where(Account.version == 2**80)).all()
    with store.transaction() as session:
        session.add(Account(login="secret.login", name="王芳", role=Role.OFFICER, office_code=None))
        with pytest.raises(IntegrityError) as error:
            session.flush()
        session.rollback()
    shown = str(error.value).split("DETAIL")[0]
    assert "secret.login" not in shown
    assert "王芳" not in shown
