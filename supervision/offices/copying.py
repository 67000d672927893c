"""A node takes in the copy of its people that headquarters hands down: all of it, or nothing.

Nothing that facts rest on is deleted: whoever left stays as a name that nobody can sign in with. Sessions
are this machine's own.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES
from supervision.audit.service import record
from supervision.errors import InvalidInput
from supervision.offices.handing import HandedAccount, HandedPeople, HandedSeat
from supervision.offices.models import Desk, DeskAssignment
from supervision.people.models import Account
from supervision.people.sign_ins import end_all, note_confirmed
from supervision.settings import Settings


def take_people(
    session: Session, office_code: str, people: HandedPeople, settings: Settings, at: datetime
) -> None:
    """Bring this node's accounts and assignments to what headquarters says. Raises InvalidInput for another's."""
    if people.office_code != office_code:
        raise InvalidInput("office_code", people.office_code, office_code)
    if any(account.role not in OFFICE_ROLES for account in people.accounts):
        raise InvalidInput("role", "of no office", "an officer or an office leader")
    known = {account.id: account for account in session.scalars(select(Account).with_for_update())}
    handed = {account.id: account for account in people.accounts}
    _let_go_of_logins(session, known, handed)
    changed: dict[str, list[str]] = {"added": [], "changed": [], "gone": []}
    for one in people.accounts:
        _take_account(session, office_code, known.get(one.id), one, changed, settings, at)
    for account in known.values():
        if account.id not in handed:
            _retire(session, account, changed, settings, at)
    session.flush()
    seats = _take_seats(session, office_code, people.seats)
    if any(changed.values()) or seats:
        detail: dict[str, Any] = {**changed, "seats": seats}
        record(session, None, "people_copied", f"office:{office_code}", detail, office_code, at)
    note_confirmed(session, office_code, people.etag, at)


def _let_go_of_logins(session: Session, known: dict[Any, Account], handed: dict[Any, HandedAccount]) -> None:
    """A login is one account's: whoever has another's, or is to have another one, gives his up first."""
    wanted = {account.login for account in handed.values()}
    for account in known.values():
        own = handed[account.id].login if account.id in handed else None
        if account.login in wanted and account.login != own:
            account.login = f"{account.login[:50]}#{account.id.hex[-12:]}"
    session.flush()


def _take_account(  # noqa: PLR0913, PLR0917 - one step of the loop of its only caller, with what that loop has
    session: Session,
    office_code: str,
    account: Account | None,
    one: HandedAccount,
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


def _take_seats(session: Session, office_code: str, seats: tuple[HandedSeat, ...]) -> int:
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
