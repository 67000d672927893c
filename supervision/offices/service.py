"""Filling the store from the office description, and asking who sits where."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.messages import send_log
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.clock import now
from supervision.errors import InvalidInput
from supervision.exchange.models import OutboxHead
from supervision.exchange.service import open_outbox
from supervision.offices.description import DeskDescription, LineDescription, OfficeDescription, OfficerSeat
from supervision.offices.messages import send_office
from supervision.offices.models import Desk, DeskAssignment, Line, Office
from supervision.people.models import Account
from supervision.people.service import Person, create_account


def load_office(
    session: Session, description: OfficeDescription, at: datetime | None = None, *, people_from_hq: bool = False
) -> None:
    """Bring the store's office, lines and desks to what the description says; a change is written down.

    Desk assignments and accounts are only made where a desk has none yet: afterwards the roster decides, not
    the file. Where people come from headquarters, it receives the names in the file, and makes the accounts. What
    the file no longer names stays, inactive, for the calls that rest on it.
    """
    moment = at or now()
    code = description.office.code
    if open_outbox(session, code):
        send_log(session, code)
    before = _picture(session, code)
    office = session.get(Office, code) or Office(code=code)
    office.name, office.site = description.office.name, description.office.site
    session.add(office)
    session.flush()
    _load_lines(session, code, description.lines)
    leaders = {line.leader for line in description.lines}
    extensions = {desk.extension for desk in description.desks}
    for gone in session.scalars(select(Desk).where(Desk.office_code == code, Desk.extension.not_in(extensions))):
        gone.active = False
    for desk in description.desks:
        row = _load_desk(session, code, desk, leader=desk.extension in leaders)
        if desk.officer is not None and not people_from_hq:
            _seat(session, row, desk.officer, moment)
    after = _picture(session, code)
    changed = sorted(key for key in before | after if before.get(key) != after.get(key))
    if changed:
        record(session, None, "office_loaded", subject_of("office", code), {"changed": changed}, code, moment)
        seats = {desk.extension: desk.officer for desk in description.desks if desk.officer is not None}
        send_office(session, code, seats)


def _picture(session: Session, code: str) -> dict[str, tuple[Any, ...]]:
    """The office as the store has it, part by part."""
    lines = select(
        Line.key, Line.number, Line.name, Line.rings_before_us, Line.ring_s, Line.announcement, Line.active
    ).where(Line.office_code == code)
    office = select(Office.name, Office.site).where(Office.code == code)
    desks = select(Desk.extension, Desk.name, Desk.leader, Desk.active).where(Desk.office_code == code)
    return {
        "office": tuple(session.execute(office).one_or_none() or ()),
        **{f"line:{row.key}": tuple(row) for row in session.execute(lines)},
        **{f"desk:{row.extension}": tuple(row) for row in session.execute(desks)},
    }


def _load_lines(session: Session, code: str, lines: tuple[LineDescription, ...]) -> None:
    """An active line's number is its own: those that go or are given another number let go of theirs first."""
    wanted = {line.key: line for line in lines}
    for row in session.scalars(select(Line).where(Line.office_code == code)):
        if row.key not in wanted or wanted[row.key].number != row.number:
            row.active = False
    session.flush()
    for line in lines:
        row = session.get(Line, line.key) or Line(key=line.key, office_code=code)
        if row.office_code != code:
            raise InvalidInput("lines: key", f"{line.key} belongs to office {row.office_code} already")
        row.number, row.name = line.number, line.name
        row.rings_before_us, row.ring_s = line.rings_before_us, line.ring_s
        row.announcement, row.active = line.announcement, True
        session.add(row)
    session.flush()


def _load_desk(session: Session, code: str, desk: DeskDescription, *, leader: bool) -> Desk:
    query = select(Desk).where(Desk.office_code == code, Desk.extension == desk.extension)
    row = session.scalars(query).one_or_none() or Desk(office_code=code, extension=desk.extension)
    session.add(row)
    row.name, row.leader, row.active = desk.name, leader, True
    session.flush()
    return row


def _seat(session: Session, desk: Desk, officer: OfficerSeat, at: datetime) -> None:
    """Somebody's first day at a desk that nobody has had so far."""
    if session.scalars(select(DeskAssignment.id).where(DeskAssignment.desk_id == desk.id).limit(1)).first():
        return
    code = desk.office_code
    account = session.scalars(select(Account).where(Account.login == officer.login)).one_or_none()
    if account is None:
        account = create_account(session, None, officer.login, Person(officer.name, officer.role, code), at=at)
    elif account.office_code != code:
        raise InvalidInput("desks: officer login", f"{officer.login} is not of office {code}")
    session.add(DeskAssignment(desk_id=desk.id, account_id=account.id, since_at=at))
    detail = {"desk": desk.extension, "account": str(account.id), "since": at.isoformat()}
    record(session, None, "desk_assigned", subject_of("desk", desk.id), detail, code, at)


def only_office(session: Session) -> str | None:
    """The code of the office whose node this database is; None before its description was loaded."""
    return session.scalar(select(OutboxHead.office_code).limit(1))
