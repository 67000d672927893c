"""Accounts: made, changed, given passwords. Each act is written down in its transaction.

A security administrator grants to others, never to himself; the last one stays; the three administrative
roles are never one person (三员分立). Nobody alone makes an account that hears all offices, decides or
administers: it is off, or stays what it was, until a second person agrees (`reset_rules.needs_second`).
"""

import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Actor, Role, Scope
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.clock import now
from supervision.context import Context
from supervision.database import new_id
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.people import passwords
from supervision.people.models import Account, PasswordReset
from supervision.people.passwords import Prepared
from supervision.people.reset_rules import BARRED_FOR, VALID_FOR, is_guarded, needs_second
from supervision.people.resets import agree_to_reset, ask_role, use_reset, withdraw_role
from supervision.people.rules import belongs_to_office, may_become
from supervision.people.sign_ins import end_all, hold_account
from supervision.settings import Settings

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
LONGEST_NAME = 64
FIRST_ADMINISTRATORS = 2
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, ends of lines


@dataclass(frozen=True)
class Person:
    """What an account says of a person, apart from his password."""

    name: str
    role: Role
    office_code: str | None = None
    active: bool = True


def create_account(  # noqa: PLR0913 - who acts may be nobody: a node names the people of its desks
    session: Session,
    actor: Actor | None,
    login: str,
    person: Person,
    *,
    password: str | Prepared | None = None,
    temporary: bool = True,
    account_id: uuid.UUID | None = None,
    settings: Settings | None = None,
    at: datetime | None = None,
) -> Account:
    """Make an account. Without a password nobody can sign in with it; a temporary one must be changed at once.

    One of a guarded role is off until a second person agrees; where the server's root makes it (no actor), it is
    on. Give a password prepared, so that its hash is not worked out while other writers wait. An `account_id` is
    given where the person is known elsewhere already, by that id.
    """
    login, person = login.strip().lower(), _checked(person)
    if not LOGIN.fullmatch(login):
        raise InvalidInput("login", "malformed")
    if session.scalar(select(Account.id).where(Account.login == login)) is not None:
        raise InvalidInput("login", "taken")
    made_at = at or now()
    waits = actor is not None and needs_second(person.role, active=person.active)
    person = replace(person, active=person.active and not waits)
    account = Account(
        id=account_id or new_id(), login=login, created_at=made_at, established_at=made_at, **vars(person)
    )
    if password is not None:
        account.password_hash = _prepared(login, password).hash
        account.must_change_password = temporary
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else took the login in the same moment
        raise InvalidInput("login", "taken") from error
    detail = {"login": login, **_written(person), "password": password is not None}
    record(session, actor, "account_created", _subject(account), detail, account.office_code, at)
    if actor is not None and waits:
        ask_role(Context(session, actor, Scope(), made_at), account, person.role, settings)
    return account


def change_account(
    context: Context, account_id: uuid.UUID, person: Person, *, version: int, settings: Settings | None = None
) -> Account:
    """Change name, role, office or whether the account is on.

    Another role or office, and switching off, end the account's sessions. What makes it able to act in a guarded
    role waits for a second person, and nothing but the name is changed until then. Raises Conflict where the
    account has changed since it was looked at.
    """
    account, person = _others(context, account_id), _checked(person)
    if account.version != version:
        raise Conflict(f"account {account_id}")
    before = _person_of(account)
    if before == person:
        return account
    if not may_become(before.role, person.role, account.administered_as):
        raise Refused("separate_duties")
    if _is_guardian(before) and not _is_guardian(person):
        _refuse_for_last(context.session, account)
    if needs_second(person.role, active=person.active, before=before.role, was_active=before.active):
        ask_role(context, account, person.role, settings)
        person = replace(before, name=person.name)
    elif (before.role, before.active) != (person.role, person.active):
        withdraw_role(context, account)
    _put(context, account, person, settings)
    return account


def agree(context: Context, reset_id: uuid.UUID, *, settings: Settings | None = None) -> PasswordReset:
    """Agree to what another asked for. A role is given with it; a password is issued by who asked.

    Raises Refused for who cannot be the second, and where the role cannot be given any more.
    """
    reset, account = agree_to_reset(context, reset_id)
    if reset.grants is not None:
        if not may_become(account.role, reset.grants, account.administered_as):
            raise Refused("separate_duties")
        account.established_at = context.at
        _put(context, account, Person(account.name, reset.grants), settings)
    return reset


def _put(context: Context, account: Account, person: Person, settings: Settings | None) -> None:
    session, at, before = context.session, context.at, _person_of(account)
    if before == person:
        return
    if _is_guardian(before) and not _is_guardian(person):
        _refuse_for_last(session, account)
    for name, value in vars(person).items():
        setattr(account, name, value)
    if before.role is not person.role:
        account.established_at = at
        account.barred_until = at + BARRED_FOR if is_guarded(person.role) else account.barred_until
    _flush(session, account)
    if (before.role, before.office_code, True) != (person.role, person.office_code, person.active):
        end_all(session, context.actor, account, at, settings=settings)
    _note_act(context, "account_changed", account, {"before": _written(before), "after": _written(person)})


def issue_password(
    context: Context,
    account_id: uuid.UUID,
    *,
    password: str | Prepared | None = None,
    settings: Settings | None = None,
) -> str:
    """Give an account a temporary password, which ends its sessions and must be changed at once.

    Of a guarded account only with the reset that this administrator asked for and a second person agreed to;
    the password then holds for a day, and the account is barred from what `reset_rules` says.
    Gives the password back, to be handed over once; it is stored nowhere.
    """
    account, at = _others(context, account_id), context.at
    if not account.active:
        raise Refused("inactive")
    if account.guarded:
        use_reset(context, account, settings)
        account.password_ends_at, account.barred_until = at + VALID_FOR, at + BARRED_FOR
    given = _prepared(account.login, password or passwords.temporary())
    _set(context.session, account, given, temporary=True)
    end_all(context.session, context.actor, account, at, settings=settings)
    _note_act(context, "password_issued", account, {})
    return given.text


@dataclass(frozen=True)
class OwnChange:
    """A change of one's own password as `check_own_change` found it; no `wanted`: the current one is wrong."""

    password_hash: str | None
    wanted: Prepared | None


def check_own_change(actor: Actor, password_hash: str | None, current: str, password: str) -> OwnChange:
    """Look at both passwords, before the writing transaction and without a session. Raises Busy.

    Raises InvalidInput for a new one that is not good enough, which is said only to who knows the current one.
    """
    if not passwords.is_right(password_hash, current):
        return OwnChange(password_hash, None)
    if current == password:
        raise InvalidInput("password", "unchanged")
    return OwnChange(password_hash, passwords.prepared(actor.login, password))


def change_own_password(
    context: Context, checked: OwnChange, *, keep: uuid.UUID | None = None, settings: Settings | None = None
) -> None:
    """Change one's own password; all one's sessions end but the one to keep.

    Raises InvalidInput for a wrong current password: write that down with `note_wrong_current`.
    """
    session, actor, at = context.session, context.actor, context.at
    account = hold_account(session, actor.account_id)
    if account is None or account.password_hash != checked.password_hash:
        raise Conflict(f"account {actor.account_id}")
    ended = account.password_ends_at is not None and account.password_ends_at <= at
    if checked.wanted is None or ended:
        raise InvalidInput("current", "wrong")
    if account.must_change_password and account.password_ends_at is not None:
        account.password_ends_at, account.barred_until = None, at + BARRED_FOR
    _set(session, account, checked.wanted, temporary=False)
    end_all(session, actor, account, at, keep=keep, settings=settings)
    _note_act(context, "password_changed", account, {})


def note_wrong_current(context: Context, attempts: int) -> None:
    """Write a wrong current password down, as `sign_ins.note_refused` does for signing in."""
    actor, detail = context.actor, {"attempts": attempts}
    subject = subject_of("account", actor.account_id)
    record(context.session, actor, "password_refused", subject, detail, actor.office_code, context.at)


def end_sessions(context: Context, account_id: uuid.UUID, *, settings: Settings | None = None) -> int:
    """End all sessions of somebody else; how many went on until now."""
    account = _others(context, account_id)
    return end_all(context.session, context.actor, account, context.at, settings=settings)


def create_first_administrator(
    session: Session, login: str, name: str, password: str | Prepared, at: datetime | None = None
) -> Account:
    """One of the first two security administrators, from whom all other accounts come. Refused once there are two.

    The second may agree to what the first asks for at once: it is the server's root who names both.
    """
    if len(_guardians(session)) >= FIRST_ADMINISTRATORS:
        raise Refused("security_administrator_exists")
    person = Person(name, Role.SECURITY_ADMINISTRATOR)
    account = create_account(session, None, login, person, password=password, temporary=False, at=at)
    account.established_at = account.created_at - BARRED_FOR
    return account


def get_account(session: Session, account_id: uuid.UUID) -> Account:
    """The account. Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(f"account {account_id}")
    return account


def _others(context: Context, account_id: uuid.UUID) -> Account:
    if context.actor.account_id == account_id:
        raise Refused("own_account")
    return get_account(context.session, account_id)


def _prepared(login: str, password: str | Prepared) -> Prepared:
    if isinstance(password, str):
        return passwords.prepared(login, password)
    passwords.check_quality(login, password.text)
    return password


def _set(session: Session, account: Account, password: Prepared, *, temporary: bool) -> None:
    account.password_hash = password.hash
    account.must_change_password = temporary
    _flush(session, account)


def _flush(session: Session, account: Account) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(f"account {account.login}") from error


def _checked(person: Person) -> Person:
    name, office = person.name.strip(), (person.office_code or "").strip() or None
    if not name:
        raise InvalidInput("name", "empty")
    if len(name) > LONGEST_NAME:
        raise InvalidInput("name", "too_long")
    for where, text in (("name", name), ("office", office or "")):
        if any(unicodedata.category(letter) in _UNPRINTABLE for letter in text):
            raise InvalidInput(where, "malformed")
    if belongs_to_office(person.role) and office is None:
        raise InvalidInput("office", "missing")
    if not belongs_to_office(person.role) and office is not None:
        raise InvalidInput("office", "not_for_role")
    return Person(name, person.role, office, person.active)


def _person_of(account: Account) -> Person:
    return Person(account.name, account.role, account.office_code, account.active)


def _is_guardian(person: Person) -> bool:
    return person.active and person.role is Role.SECURITY_ADMINISTRATOR


def _guardians(session: Session) -> set[uuid.UUID]:
    """The active security administrators, held, so that two cannot switch each other off at the same time."""
    active = Account.role == Role.SECURITY_ADMINISTRATOR, Account.active
    return set(session.scalars(select(Account.id).where(*active).order_by(Account.id).with_for_update()))


def _refuse_for_last(session: Session, account: Account) -> None:
    if not _guardians(session) - {account.id}:
        raise Refused("last_security_administrator")


def _written(person: Person) -> dict[str, Any]:
    return {"name": person.name, "role": person.role, "office": person.office_code, "active": person.active}


def _note_act(context: Context, act: str, account: Account, detail: Mapping[str, Any]) -> None:
    record(context.session, context.actor, act, _subject(account), detail, account.office_code, context.at)


def _subject(account: Account) -> str:
    return subject_of("account", account.id)
