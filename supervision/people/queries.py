"""Looking at accounts."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from supervision.actor import Role, Scope
from supervision.paging import PAGE_SIZE, Cursor, Order, Page, read_page
from supervision.people.models import Account

BY_TIME: Order[Account] = Order(Account.created_at, Account.id)


@dataclass(frozen=True)
class AccountFilter:
    """What the administrator looks for; `text` is part of a name or sign-in name, `active` None: on and off."""

    text: str = ""
    role: Role | None = None
    office_code: str | None = None
    active: bool | None = None


def list_accounts(
    session: Session, scope: Scope, wanted: AccountFilter, cursor: Cursor | None = None, limit: int = PAGE_SIZE
) -> Page[Account]:
    """One page, the latest made first: the first one, or the one that a cursor leads to."""
    conditions = _matching(wanted)
    if scope.office_code is not None:
        conditions.append(Account.office_code == scope.office_code)
    return read_page(session, select(Account).where(*conditions), BY_TIME, cursor, limit)


def names_of(session: Session, account_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """The names of people by their ids. The ids come from a scoped query."""
    ids = {one for one in account_ids if one is not None}
    return dict(session.execute(select(Account.id, Account.name).where(Account.id.in_(ids))).all())


def names_by_login(session: Session, logins: Iterable[str]) -> dict[str, str]:
    """The names of people by their sign-in names, which come from a scoped query."""
    return dict(session.execute(select(Account.login, Account.name).where(Account.login.in_(set(logins)))).all())


def _matching(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        found = Account.name.icontains(wanted.text, autoescape=True)
        conditions.append(or_(found, Account.login.icontains(wanted.text, autoescape=True)))
    if wanted.role is not None:
        conditions.append(Account.role == wanted.role)
    if wanted.office_code is not None:
        conditions.append(Account.office_code == wanted.office_code)
    if wanted.active is not None:
        conditions.append(Account.active.is_(wanted.active))
    return conditions
