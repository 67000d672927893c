"""One sign-in for each role, for the demo only: all with the same password."""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from supervision.database import Base, Database
from supervision.offices.models import Desk, DeskAssignment
from supervision.people import passwords, service
from supervision.people.models import Account
from supervision.people.rules import Role

T = TypeVar("T", bound=Base)

OTHERS = {
    Role.SUPERVISOR: ("sun.li", "孙丽"),
    Role.SUPERVISION_HEAD: ("zhou.min", "周敏"),
    Role.BUREAU_LEADER: ("wu.jianguo", "吴建国"),
    Role.SYSTEM_ADMINISTRATOR: ("zheng.wei", "郑伟"),
    Role.SECURITY_ADMINISTRATOR: ("feng.jing", "冯静"),
    Role.AUDITOR: ("chen.yu", "陈瑜"),
}


@dataclass(frozen=True)
class SignInSheet:
    """Who can sign in, as what; the password is the same for all."""

    password: str
    logins: dict[Role, str]


def make_people(database: Database, password: str) -> SignInSheet:
    """Give the officers who sit at desks a password, and add one person for each other role."""
    logins: dict[Role, str] = {}
    with database.transaction() as session:
        for account in session.scalars(select(Account).order_by(Account.created_at)):
            account.password_hash = passwords.hashed(password)
            logins.setdefault(account.role, account.login)
        for role, (login, name) in OTHERS.items():
            service.create_account(
                session, None, login, service.Person(name, role), password=password, temporary=False
            )
            logins[role] = login
    return SignInSheet(password, {role: logins[role] for role in Role})


def make_the_same_people(office: Database, hq: Database) -> bool:
    """Give headquarters the office's people and their desks; False while it does not know the office's desks.

    Who works for the whole bureau came with the first office.
    """
    with office.reading() as here, hq.transaction() as there:
        desks = {(desk.office_code, desk.extension): desk.id for desk in there.scalars(select(Desk))}
        seats = here.scalars(select(DeskAssignment)).all()
        if {(seat.desk.office_code, seat.desk.extension) for seat in seats} - desks.keys():
            return False
        known = set(there.scalars(select(Account.login)))
        for account in here.scalars(select(Account).where(Account.login.not_in(known))):
            there.add(_copy(account))
        there.flush()
        for seat in seats:
            there.add(_copy(seat, desk_id=desks[seat.desk.office_code, seat.desk.extension]))
    return True


def _copy(row: T, **changed: object) -> T:
    kind = type(row)
    values = {column.name: getattr(row, column.name) for column in kind.__table__.columns}
    return kind(**values | changed)
