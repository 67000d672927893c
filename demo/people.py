"""One sign-in for each role, for the demo only: all with the same password, given at headquarters."""

from dataclasses import dataclass

from sqlalchemy import select

from supervision.actor import Role
from supervision.database import Database
from supervision.offices.description import OfficeDescription
from supervision.people import passwords, service
from supervision.people.models import Account
from supervision.people.reset_rules import BARRED_FOR

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


def make_people(hq: Database, password: str) -> dict[Role, str]:
    """One person at headquarters for each role that belongs to no office.

    They have had their roles for more than a day, as the root who makes them says also of the first two security
    administrators: else nobody could show what takes two people before tomorrow. When they were made stays true.
    """
    with hq.transaction() as session:
        for role, (login, name) in OTHERS.items():
            person = service.Person(name, role)
            account = service.create_account(session, None, login, person, password=password, temporary=False)
            account.established_at = account.created_at - BARRED_FOR
    return {role: login for role, (login, _) in OTHERS.items()}


def are_known(hq: Database, office: OfficeDescription) -> bool:
    """Whether headquarters has made accounts for those whom an office's node reported."""
    with hq.reading() as session:
        return logins_of(office) <= set(session.scalars(select(Account.login)))


def give_passwords(hq: Database, office: OfficeDescription, password: str) -> dict[Role, str]:
    """Let an office's people sign in; a login for each of their roles."""
    logins: dict[Role, str] = {}
    with hq.transaction() as session:
        query = (
            select(Account).where(Account.login.in_(logins_of(office))).order_by(Account.created_at, Account.id)
        )
        for account in session.scalars(query):
            account.password_hash = passwords.hashed(password)
            logins.setdefault(account.role, account.login)
    return logins


def are_copied(node: Database, office: OfficeDescription) -> bool:
    """Whether they have come down to the office's node, and can sign in there."""
    with node.reading() as session:
        ready = select(Account.login).where(Account.active, Account.password_hash.is_not(None))
        return logins_of(office) <= set(session.scalars(ready))


def logins_of(office: OfficeDescription) -> set[str]:
    """Whom an office's description names."""
    return {desk.officer.login for desk in office.desks if desk.officer is not None}
