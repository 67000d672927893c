"""The directory copy: an office's people and who sits at which desk when, as a node has it of headquarters.

Headquarters sends a node its own people only (decision 19): officers and leaders of its office, with the hashes
of those who may sign in. Whoever sat at one of its desks and left is named without a hash, so that old calls still
say who answered. The node applies all of it, or nothing. Nothing that facts rest on is deleted: whoever left stays
as a name that nobody can sign in with. Sessions are the node's own.
"""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES, Role
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.errors import InvalidInput
from supervision.offices.models import Desk, DeskAssignment
from supervision.people.models import Account
from supervision.people.sign_ins import end_all, note_confirmed
from supervision.settings import Settings
from supervision.texts import parse_json


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SentAccount(_Sent):
    """One person; without a hash nobody signs in as him."""

    id: uuid.UUID
    login: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)
    role: Role
    password_hash: str | None = Field(max_length=256, repr=False)
    must_change_password: bool
    active: bool


class SentSeat(_Sent):
    """Who sits at a desk, from when until when."""

    id: uuid.UUID
    desk: str = Field(max_length=16)
    account_id: uuid.UUID
    since_at: AwareDatetime
    until_at: AwareDatetime | None


class SentPeople(_Sent):
    """All that a node is given of its people."""

    office_code: str = Field(max_length=8)
    accounts: tuple[SentAccount, ...]
    seats: tuple[SentSeat, ...]

    @property
    def etag(self) -> str:
        """The name of exactly this content."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def people_of(session: Session, office_code: str) -> SentPeople:
    """The people of an office and its desks' assignments, as they stand."""
    seats = session.execute(
        select(DeskAssignment, Desk.extension)
        .join(Desk, Desk.id == DeskAssignment.desk_id)
        .where(Desk.office_code == office_code)
        .order_by(Desk.extension, DeskAssignment.since_at)
    ).all()
    sat = {seat.account_id for seat, _ in seats}
    own = select(Account).where((Account.office_code == office_code) | Account.id.in_(sat))
    return SentPeople(
        office_code=office_code,
        accounts=tuple(_account(row, office_code) for row in session.scalars(own.order_by(Account.id))),
        seats=tuple(
            SentSeat(
                id=seat.id,
                desk=extension,
                account_id=seat.account_id,
                since_at=seat.since_at,
                until_at=seat.until_at,
            )
            for seat, extension in seats
        ),
    )


def parse_people(text: bytes) -> SentPeople:
    """What came over the wire. Raises InvalidInput."""
    return parse_json(SentPeople, text, "people")


def _account(row: Account, office_code: str) -> SentAccount:
    here = row.active and row.office_code == office_code and row.role in OFFICE_ROLES
    return SentAccount(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role if row.office_code == office_code else Role.OFFICER,
        password_hash=row.password_hash if here else None,
        must_change_password=here and row.must_change_password,
        active=here,
    )


def apply_people(session: Session, office_code: str, people: SentPeople, settings: Settings, at: datetime) -> None:
    """Bring this node's accounts and assignments to what headquarters says. Raises InvalidInput for another's."""
    if people.office_code != office_code:
        raise InvalidInput("office_code", people.office_code, office_code)
    if any(account.role not in OFFICE_ROLES for account in people.accounts):
        raise InvalidInput("role", "of no office", "an officer or an office leader")
    known = {account.id: account for account in session.scalars(select(Account).with_for_update())}
    sent = {account.id: account for account in people.accounts}
    _let_go_of_logins(session, known, sent)
    changed: dict[str, list[str]] = {"added": [], "changed": [], "gone": []}
    for one in people.accounts:
        _apply_account(session, office_code, known.get(one.id), one, changed, settings, at)
    for account in known.values():
        if account.id not in sent:
            _retire(session, account, changed, settings, at)
    session.flush()
    seats = _apply_seats(session, office_code, people.seats)
    if any(changed.values()) or seats:
        detail: dict[str, Any] = {**changed, "seats": seats}
        record(session, None, "people_copied", subject_of("office", office_code), detail, office_code, at)
    note_confirmed(session, office_code, people.etag, at)


def _let_go_of_logins(session: Session, known: dict[Any, Account], sent: dict[Any, SentAccount]) -> None:
    """A login is one account's: whoever has another's, or is to have another one, gives his up first."""
    wanted = {account.login for account in sent.values()}
    for account in known.values():
        own = sent[account.id].login if account.id in sent else None
        if account.login in wanted and account.login != own:
            account.login = f"{account.login[:50]}#{account.id.hex[-12:]}"
    session.flush()


def _apply_account(  # noqa: PLR0913, PLR0917 - one step of the loop of its only caller, with what that loop has
    session: Session,
    office_code: str,
    account: Account | None,
    one: SentAccount,
    changed: dict[str, list[str]],
    settings: Settings,
    at: datetime,
) -> None:
    wanted = {**dict(one), "office_code": office_code}
    if account is None:
        session.add(Account(**wanted, created_at=at))
        changed["added"].append(one.login)
        return
    before = {name: getattr(account, name) for name in wanted}
    if before == wanted:
        return
    for name, value in wanted.items():
        setattr(account, name, value)
    changed["changed"].append(one.login)
    session.flush()
    if any(before[name] != wanted[name] for name in ("role", "office_code", "active", "password_hash")):
        end_all(session, None, account, at, settings=settings)


def _retire(
    session: Session, account: Account, changed: dict[str, list[str]], settings: Settings, at: datetime
) -> None:
    """Whoever headquarters does not name signs in no more."""
    if account.active or account.password_hash is not None:
        account.active, account.password_hash = False, None
        changed["gone"].append(account.login)
        session.flush()
        end_all(session, None, account, at, settings=settings)


def _apply_seats(session: Session, office_code: str, seats: tuple[SentSeat, ...]) -> int:
    """Bring the assignments of this office's desks to what they should be; how many were changed."""
    desks = {
        desk.extension: desk.id for desk in session.scalars(select(Desk).where(Desk.office_code == office_code))
    }
    rows = session.scalars(select(DeskAssignment).where(DeskAssignment.desk_id.in_(desks.values())))
    held = {row.id: row for row in rows}
    wanted = {
        seat.id: (desks[seat.desk], seat.account_id, seat.since_at, seat.until_at)
        for seat in seats
        if seat.desk in desks
    }
    wrong = [
        row
        for row in held.values()
        if wanted.get(row.id) != (row.desk_id, row.account_id, row.since_at, row.until_at)
    ]
    for row in wrong:
        session.delete(row)
    session.flush()
    new = wanted.keys() - (held.keys() - {row.id for row in wrong})
    for seat_id in sorted(new):
        desk_id, account_id, since_at, until_at = wanted[seat_id]
        session.add(
            DeskAssignment(
                id=seat_id, desk_id=desk_id, account_id=account_id, since_at=since_at, until_at=until_at
            )
        )
    session.flush()
    return len(new | {row.id for row in wrong})
