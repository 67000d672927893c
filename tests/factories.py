"""Plain functions that make what a test needs; each argument that does not matter has a default."""

import itertools
from datetime import datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.clock import now
from supervision.offices.models import Office
from supervision.people import passwords
from supervision.people.models import Account
from supervision.people.sign_ins import Checked, Origin, actor_of, begin_sign_in, check_password, find_claimed

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
QUICK = CHEAP.hash(PASSWORD)
HERE = Origin("192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0")

_number = itertools.count(1)


def make_passwords_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with next to no work while a test runs."""
    monkeypatch.setattr(passwords, "_HASHER", CHEAP)
    passwords._nobodys.cache_clear()


def make_office(session: Session, code: str = "01", name: str = "城关税务所") -> Office:
    """One office; the one that is there already under this code."""
    office = session.get(Office, code) or Office(code=code, name=name)
    session.add(office)
    session.flush()
    return office


def make_account(
    session: Session,
    role: Role = Role.OFFICER,
    *,
    login: str = "",
    name: str = "",
    office_code: str | None = None,
    password_hash: str | None = QUICK,
    active: bool = True,
    must_change_password: bool = False,
    at: datetime | None = None,
) -> Account:
    """One person who can sign in with PASSWORD; of office 01 if the role belongs to an office."""
    n = next(_number)
    if role in OFFICE_ROLES and office_code is None:
        office_code = make_office(session).code
    account = Account(
        login=login or f"person{n}",
        name=name or f"张{n}",
        role=role,
        office_code=office_code,
        password_hash=password_hash,
        active=active,
        must_change_password=must_change_password,
        created_at=at or now(),
    )
    session.add(account)
    session.flush()
    return account


def make_actor(session: Session, role: Role = Role.SECURITY_ADMINISTRATOR) -> Actor:
    """Somebody to act."""
    return actor_of(make_account(session, role))


def check_sign_in(session: Session, login: str, password: str) -> Checked:
    """What checking a login and password finds."""
    return check_password(find_claimed(session, login), password)


def make_sign_in(session: Session, account: Account, at: datetime | None = None) -> str:
    """A signed-in session of an account; its token."""
    return begin_sign_in(session, check_sign_in(session, account.login, PASSWORD), HERE, at)
