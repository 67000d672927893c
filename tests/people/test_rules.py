"""Who may become what, and which passwords will do."""

import itertools

import pytest

from supervision.actor import Actor, Role, Scope, scope_of
from supervision.database import new_id
from supervision.people.rules import (
    ADMINISTRATIVE_ROLES,
    ALLOWED,
    Act,
    PasswordFault,
    belongs_to_office,
    may,
    may_become,
    password_fault,
)


def test_every_act_says_who_may_do_it() -> None:
    assert set(ALLOWED) == set(Act)


def test_no_administrative_role_hears_or_sees_calls() -> None:
    about_calls = (Act.SEE_CALLS, Act.HEAR, Act.LISTEN, Act.DOWNLOAD, Act.UNMASK)
    for role, act in itertools.product(ADMINISTRATIVE_ROLES, about_calls):
        assert not may(role, act)


def test_only_the_security_administrator_grants_and_only_the_auditor_audits() -> None:
    assert {role for role in Role if may(role, Act.CHANGE_ACCOUNTS)} == {Role.SECURITY_ADMINISTRATOR}
    assert {role for role in Role if may(role, Act.SEE_AUDIT)} == {Role.AUDITOR}


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(sorted(ADMINISTRATIVE_ROLES), 2)))
def test_the_three_administrative_roles_are_never_one_person(old: Role, new: Role) -> None:
    assert not may_become(old, new)


@pytest.mark.parametrize("role", list(Role))
def test_anybody_may_stay_what_he_is_or_become_an_officer(role: Role) -> None:
    assert may_become(role, role)
    assert may_become(role, Role.OFFICER)


def test_no_path_of_two_steps_leads_from_one_administrative_role_to_another() -> None:
    for first, second, third in itertools.product(Role, repeat=3):
        held = next((role for role in (first, second) if role in ADMINISTRATIVE_ROLES), None)
        allowed = may_become(first, second) and may_become(second, third, held)
        assert allowed is (len({first, second, third} & ADMINISTRATIVE_ROLES) <= 1)


def scope(role: Role) -> Scope:
    return scope_of(Actor(new_id(), "wang", "王芳", role, "01" if belongs_to_office(role) else None))


def test_an_officer_sees_his_own_calls_a_leader_his_office_the_section_all() -> None:
    assert scope(Role.OFFICER).own is not None
    assert scope(Role.OFFICER).office_code == "01"
    assert scope(Role.OFFICE_LEADER) == Scope(office_code="01")
    assert scope(Role.SUPERVISOR) == Scope()


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", PasswordFault.TOO_SHORT),
        ("x" * 257, PasswordFault.TOO_LONG),
        ("Wang.Fang2", PasswordFault.IS_LOGIN),
        ("aaaaaaaaaaaa", PasswordFault.ONE_CHARACTER),
        ("correct horse", None),
        ("十个以上的汉字也可以用", None),
    ],
)
def test_a_password_is_long_enough_and_not_the_login(password: str, fault: PasswordFault | None) -> None:
    assert password_fault("wang.fang2", password) is fault
