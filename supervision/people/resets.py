"""What takes two people: a guarded account's password, or a guarded role; asked for and agreed to within a day."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from supervision.actor import Actor, Role
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.context import Context
from supervision.errors import NotFound, Refused
from supervision.mail.service import post
from supervision.people.messages import email_asked, email_issued, email_role_asked
from supervision.people.models import Account, PasswordReset
from supervision.people.reset_rules import LONGEST_REFUSAL, SHOWN_FOR, VALID_FOR, Asked, ResetState, objection
from supervision.people.sign_ins import hold_account
from supervision.settings import Settings
from supervision.texts import required_text


@dataclass(frozen=True)
class ShownReset:
    """A reset with the people in it."""

    reset: PasswordReset
    owner: Account
    asked_by: Account
    refused_by: Account | None = None


def ask_reset(context: Context, account_id: uuid.UUID, settings: Settings | None = None) -> PasswordReset:
    """Ask for a reset, and tell the owner. Raises Refused while another is open."""
    session, actor = context.session, context.actor
    account = _held(session, account_id)
    if actor.account_id == account_id:
        raise Refused("own_account")
    if not account.active:
        raise Refused("inactive")
    if find_open(session, account_id, context.at) is not None:
        raise Refused("reset_open")
    reset = _ask(context, account)
    email = email_asked(account.name, actor.name, reset.ends_at)
    _post(context, account, f"reset-asked:{reset.id}", email, settings)
    return reset


def ask_role(context: Context, account: Account, role: Role, settings: Settings | None) -> PasswordReset:
    """Ask that the account gets this role, and is on with it; tell its owner.

    Raises Refused while something else is open.
    """
    if find_open(context.session, account.id, context.at) is not None:
        raise Refused("reset_open")
    reset = _ask(context, account, role)
    email = email_role_asked(account.name, context.actor.name, reset.ends_at)
    _post(context, account, f"role-asked:{reset.id}", email, settings)
    return reset


def withdraw_role(context: Context, account: Account) -> None:
    """End what was asked for the account's role, where the account is changed otherwise meanwhile."""
    reset = find_open(context.session, account.id, context.at)
    if reset is not None and reset.grants is not None:
        _refuse(context, account, reset, "")


def _ask(context: Context, account: Account, role: Role | None = None) -> PasswordReset:
    session, actor, at = context.session, context.actor, context.at
    _end_expired(session, account.id, at)
    reset = PasswordReset(
        account_id=account.id, asked_by=actor.account_id, asked_at=at, ends_at=at + VALID_FOR, grants=role
    )
    session.add(reset)
    session.flush()
    _note_act(context, "password_reset_asked", account, reset)
    return reset


def agree_to_reset(context: Context, reset_id: uuid.UUID) -> tuple[PasswordReset, Account]:
    """Agree as the second person. Raises Refused for who cannot be that one."""
    session, actor, at = context.session, context.actor, context.at
    reset, account = _open_with_owner(session, reset_id)
    second = session.get_one(Account, actor.account_id)
    found = objection(_asked(reset, account), actor, second.established_at, at)
    if found is not None:
        raise Refused(found)
    reset.agreed_by, reset.agreed_at = actor.account_id, at
    if reset.grants is not None:
        reset.ended_at = at
    session.flush()
    _note_act(context, "password_reset_agreed", account, reset)
    return reset, account


def refuse_reset(context: Context, reset_id: uuid.UUID, reason: str) -> None:
    """End a reset that was asked for, or agreed to and not issued yet: anybody who may see it, and says why."""
    reason = required_text(" ".join(reason.split()), longest=LONGEST_REFUSAL)
    reset, account = _open_with_owner(context.session, reset_id)
    if reset.ended_at is not None or context.at >= reset.ends_at:
        raise Refused("reset_not_open")
    _refuse(context, account, reset, reason)


def _refuse(context: Context, account: Account, reset: PasswordReset, reason: str) -> None:
    reset.ended_at, reset.refused_by, reset.refusal = context.at, context.actor.account_id, reason
    context.session.flush()
    _note_act(context, "password_reset_refused", account, reset)


def use_reset(context: Context, account: Account, settings: Settings | None) -> None:
    """Use up the reset that this administrator asked for and another agreed to. Raises Refused without one."""
    session, actor, at = context.session, context.actor, context.at
    reset = find_open(session, account.id, at)
    if reset is None or reset.grants or reset.agreed_by is None or reset.asked_by != actor.account_id:
        raise Refused("reset_needs_second")
    reset.ended_at = at
    session.flush()
    second = session.get_one(Account, reset.agreed_by)
    email = email_issued(account.name, actor.name, second.name)
    _post(context, account, f"reset-issued:{reset.id}", email, settings)


def find_open(session: Session, account_id: uuid.UUID, at: datetime) -> PasswordReset | None:
    """The reset of an account that goes on."""
    query = select(PasswordReset).where(PasswordReset.account_id == account_id, *_going_on(at))
    return session.scalars(query).one_or_none()


def list_open_resets(session: Session, at: datetime) -> Sequence[ShownReset]:
    """All that go on, the latest first."""
    return _list(session, *_going_on(at), limit=200)


def list_failed_resets(session: Session, at: datetime) -> Sequence[ShownReset]:
    """What was refused, or ran out unused, within `SHOWN_FOR`, the latest first: who asked must learn of it."""
    unused = PasswordReset.ended_at.is_(None) | (PasswordReset.ended_at == PasswordReset.ends_at)
    failed = PasswordReset.refused_by.is_not(None) | (unused & (PasswordReset.ends_at <= at))
    return _list(session, PasswordReset.asked_at > at - SHOWN_FOR, failed, limit=50)


def _list(session: Session, *conditions: ColumnElement[bool], limit: int) -> Sequence[ShownReset]:
    owner, asker, refuser = aliased(Account), aliased(Account), aliased(Account)
    query = (
        select(PasswordReset, owner, asker, refuser)
        .join(owner, owner.id == PasswordReset.account_id)
        .join(asker, asker.id == PasswordReset.asked_by)
        .outerjoin(refuser, refuser.id == PasswordReset.refused_by)
        .where(*conditions)
        .order_by(PasswordReset.asked_at.desc(), PasswordReset.id.desc())
        .limit(limit)
    )
    return [ShownReset(*row) for row in session.execute(query)]


def why_not(shown: ShownReset, actor: Actor, established_at: datetime, at: datetime) -> str:
    """Why the actor cannot agree to it, as the refusal would say; empty where he can."""
    return objection(_asked(shown.reset, shown.owner), actor, established_at, at) or ""


def _going_on(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return PasswordReset.ended_at.is_(None), PasswordReset.ends_at > at


def _asked(reset: PasswordReset, account: Account) -> Asked:
    state = ResetState.ENDED if reset.ended_at else ResetState.AGREED if reset.agreed_by else ResetState.ASKED
    return Asked(reset.account_id, reset.grants or account.role, reset.asked_by, reset.ends_at, state)


def _open_with_owner(session: Session, reset_id: uuid.UUID) -> tuple[PasswordReset, Account]:
    query = select(PasswordReset).where(PasswordReset.id == reset_id).with_for_update()
    reset = session.scalars(query).one_or_none()
    if reset is None:
        raise NotFound(f"reset {reset_id}")
    return reset, session.get_one(Account, reset.account_id)


def _held(session: Session, account_id: uuid.UUID) -> Account:
    account = hold_account(session, account_id)
    if account is None:
        raise NotFound(f"account {account_id}")
    return account


def _end_expired(session: Session, account_id: uuid.UUID, at: datetime) -> None:
    query = select(PasswordReset).where(PasswordReset.account_id == account_id, PasswordReset.ended_at.is_(None))
    for reset in session.scalars(query):
        reset.ended_at = min(reset.ends_at, at)
    session.flush()


def _note_act(context: Context, act: str, account: Account, reset: PasswordReset) -> None:
    detail = {"reset": str(reset.id), "login": account.login, "asked_by": str(reset.asked_by)}
    if reset.refused_by is not None:
        detail = {**detail, "reason": reset.refusal}
    if reset.grants is not None:
        act, detail = act.replace("password_reset", "role"), {**detail, "role": reset.grants.value}
    subject = subject_of("account", account.id)
    record(context.session, context.actor, act, subject, detail, account.office_code, context.at)


def _post(
    context: Context, account: Account, about: str, email: tuple[str, str], settings: Settings | None
) -> None:
    if settings is None or not (settings.mail_domain and settings.smtp_host):
        return
    recipient = f"{account.login}@{settings.mail_domain}"
    post(context.session, recipient=recipient, subject=email[0], body=email[1], about=about, at=context.at)
