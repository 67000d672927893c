"""No security administrator alone makes an account that hears all offices, decides or administers."""

import itertools
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role, Scope
from supervision.audit.queries import EntryFilter, list_entries
from supervision.context import Context
from supervision.database import Database
from supervision.errors import Refused
from supervision.mail.models import Mail
from supervision.people.models import Account
from supervision.people.reset_rules import BARRED_FOR, VALID_FOR, is_guarded, needs_second
from supervision.people.resets import find_open, refuse_reset
from supervision.people.service import (
    Person,
    agree,
    change_account,
    create_account,
    create_first_administrator,
    issue_password,
)
from supervision.people.sign_ins import actor_of
from tests.factories import PASSWORD, make_account
from tests.people.test_resets import GUARDED, NOON, SETTINGS, refused, second_of, somebody


def admin_of(session: Session) -> Actor:
    return actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR))


def make(session: Session, admin: Actor, role: Role, login: str = "new.one") -> Account:
    return create_account(
        session, admin, login, Person("新人", role), password=PASSWORD, settings=SETTINGS, at=NOON
    )


def asked(session: Session, account: Account) -> uuid.UUID:
    reset = find_open(session, account.id, NOON)
    assert reset is not None
    return reset.id


def test_a_second_person_is_needed_for_whatever_makes_a_guarded_account_able_to_act() -> None:
    states = itertools.product(Role, [None, *Role], (True, False), (True, False))
    for role, before, was_active, active in states:
        could = was_active and before is role
        wanted = is_guarded(role) and active and not could
        assert needs_second(role, active=active, before=before, was_active=was_active) == wanted


@pytest.mark.parametrize("role", GUARDED, ids=str)
def test_a_new_account_of_a_guarded_role_is_off_until_a_second_person_agrees(store: Database, role: Role) -> None:
    with store.transaction() as session:
        admin = admin_of(session)
        account = make(session, admin, role)
        assert not account.active
        with refused("reset_same_person"):
            agree(Context(session, admin, Scope(), NOON), asked(session, account))
        with pytest.raises(Refused):
            issue_password(Context(session, admin, Scope(), NOON), account.id)
        agree(
            Context(session, actor_of(somebody(session, second_of(role))), Scope(), NOON), asked(session, account)
        )
        assert (account.active, account.role, account.established_at) == (True, role, NOON)
        assert find_open(session, account.id, NOON) is None
        acts = [entry.act for entry in list_entries(session, EntryFilter()).rows]
        assert {"account_created", "role_asked", "role_agreed", "account_changed"} <= set(acts)
        (mail,) = session.scalars(select(Mail)).all()
        assert mail.recipient == "new.one@tax.example"


@pytest.mark.parametrize("role", GUARDED, ids=str)
@pytest.mark.parametrize("how", ["promoted", "switched on"])
def test_an_account_that_one_has_in_hand_gets_no_guarded_role_by_him_alone(
    store: Database, role: Role, how: str
) -> None:
    with store.transaction() as session:
        admin = admin_of(session)
        if how == "promoted":
            account = make_account(session, office_code="01", at=NOON - timedelta(days=9))
        else:
            account = make_account(session, role, active=False, at=NOON - timedelta(days=9))
        before = account.role, account.office_code, account.active
        wanted = Person(account.name, role)
        change_account(Context(session, admin, Scope(), NOON), account.id, wanted, version=account.version)
        assert (account.role, account.office_code, account.active) == before
        with refused("reset_open"):
            change_account(Context(session, admin, Scope(), NOON), account.id, wanted, version=account.version)
        agree(
            Context(session, actor_of(somebody(session, second_of(role))), Scope(), NOON), asked(session, account)
        )
        assert (account.role, account.office_code, account.active) == (role, None, True)
        if how == "promoted":
            assert account.barred_until == NOON + BARRED_FOR


def test_what_is_refused_or_a_day_old_gives_no_role_and_can_be_asked_for_again(store: Database) -> None:
    with store.transaction() as session:
        admin, head = admin_of(session), actor_of(somebody(session, Role.SUPERVISION_HEAD))
        account = make(session, admin, Role.SUPERVISOR)
        first = asked(session, account)
        refuse_reset(Context(session, head, Scope(), NOON), first, "不需要")
        on = Person(account.name, Role.SUPERVISOR)
        change_account(Context(session, admin, Scope(), NOON), account.id, on, version=account.version)
        second = asked(session, account)
        for reset_id, at in ((first, NOON), (second, NOON + VALID_FOR)):
            with refused("reset_not_open"):
                agree(Context(session, head, Scope(), at), reset_id)
        assert not account.active


def test_an_account_that_is_switched_off_or_made_an_officer_meanwhile_gets_no_role(store: Database) -> None:
    with store.transaction() as session:
        admin, head = admin_of(session), actor_of(somebody(session, Role.SUPERVISION_HEAD))
        account = make_account(session, office_code="01")
        up, off = Person(account.name, Role.SUPERVISOR), Person(account.name, Role.OFFICER, "01", active=False)
        change_account(Context(session, admin, Scope(), NOON), account.id, up, version=account.version)
        reset_id = asked(session, account)
        change_account(Context(session, admin, Scope(), NOON), account.id, off, version=account.version)
        with refused("reset_not_open"):
            agree(Context(session, head, Scope(), NOON), reset_id)
        assert (account.role, account.active) == (Role.OFFICER, False)


def test_the_word_for_a_role_is_none_for_a_password(store: Database) -> None:
    with store.transaction() as session:
        admin, leader = admin_of(session), actor_of(somebody(session, Role.BUREAU_LEADER))
        owner = somebody(session, Role.SUPERVISOR)
        up = Person(owner.name, Role.SUPERVISION_HEAD)
        change_account(Context(session, admin, Scope(), NOON), owner.id, up, version=owner.version)
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), NOON), owner.id)
        agree(Context(session, leader, Scope(), NOON), asked(session, owner))
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), NOON), owner.id)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.OFFICE_LEADER])
def test_an_offices_people_are_made_by_one(store: Database, role: Role) -> None:
    with store.transaction() as session:
        person = Person("新人", role, "01")
        account = create_account(session, admin_of(session), "new.one", person, password=PASSWORD, at=NOON)
        assert account.active
        assert find_open(session, account.id, NOON) is None


def test_the_first_two_administrators_can_begin_on_the_same_day(store: Database) -> None:
    with store.transaction() as session:
        one, other = (
            create_first_administrator(session, login, login, PASSWORD, NOON) for login in ("one", "other")
        )
        account = make(session, actor_of(one), Role.BUREAU_LEADER)
        agree(Context(session, actor_of(other), Scope(), NOON), asked(session, account))
        assert account.active
