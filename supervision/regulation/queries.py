"""Looking at the regulation: its versions, its clauses, and who has not confirmed."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from supervision.actor import Actor, Role, Scope
from supervision.errors import NotFound
from supervision.people.models import Account
from supervision.regulation.models import Clause, Confirmation, Consequence, Regulation
from supervision.regulation.rules import VersionState


@dataclass(frozen=True)
class ConfirmingPerson:
    """A person, and when he confirmed; None while he has not."""

    name: str
    login: str
    role: Role
    office_code: str | None
    at: datetime | None


def list_versions(session: Session, *, drafts: bool) -> Sequence[Regulation]:
    """All versions, the newest first; the draft only for who may write it."""
    query = select(Regulation).order_by(Regulation.n.desc())
    return session.scalars(query if drafts else query.where(Regulation.state != VersionState.DRAFT)).all()


def in_force(session: Session) -> Regulation | None:
    """The version that binds today, with its clauses."""
    query = select(Regulation).where(Regulation.state == VersionState.IN_FORCE)
    return session.scalars(query.options(selectinload(Regulation.clauses))).one_or_none()


def get_version(session: Session, regulation_id: uuid.UUID, *, drafts: bool) -> Regulation:
    """One version with its clauses. Raises NotFound, for a draft too where it is not for him."""
    found = session.get(Regulation, regulation_id, options=[selectinload(Regulation.clauses)])
    if found is None or (found.state is VersionState.DRAFT and not drafts):
        raise NotFound(f"regulation {regulation_id}")
    return found


def clauses_in_force(session: Session) -> Sequence[Clause]:
    """The clauses that can be cited today, in their order."""
    found = in_force(session)
    return found.clauses if found else []


def consequences_in_force(session: Session) -> Sequence[Consequence]:
    """The kinds of discipline and commendation that can be proposed today, in their order."""
    found = in_force(session)
    return found.consequences if found else []


def citable_clauses(session: Session, cited: Collection[uuid.UUID]) -> Sequence[Clause]:
    """The clauses in force, and after them those that are cited already, of versions replaced since."""
    current = clauses_in_force(session)
    old = set(cited) - {clause.id for clause in current}
    query = (
        select(Clause).join(Clause.regulation).where(Clause.id.in_(old)).order_by(Regulation.n.desc(), Clause.n)
    )
    return [*current, *session.scalars(query.options(contains_eager(Clause.regulation)))]


def clauses_by_id(session: Session) -> dict[uuid.UUID, Clause]:
    """Every clause that was ever cited or can be, of all versions."""
    return {clause.id: clause for clause in session.scalars(select(Clause))}


def confirmed_at(session: Session, actor: Actor, regulation_id: uuid.UUID) -> datetime | None:
    """When the person confirmed this version."""
    found = session.get(Confirmation, (regulation_id, actor.account_id))
    return found.at if found else None


def list_people(session: Session, scope: Scope, regulation_id: uuid.UUID) -> list[ConfirmingPerson]:
    """Everybody within the scope whom a version binds, those who have not confirmed first."""
    confirmed = and_(Confirmation.account_id == Account.id, Confirmation.regulation_id == regulation_id)
    query = (
        select(Account, Confirmation.at)
        .outerjoin(Confirmation, confirmed)
        .where(Account.active, Account.password_hash.is_not(None))
        .order_by(Confirmation.at.is_not(None), Account.office_code, Account.name, Account.login)
    )
    if scope.office_code is not None:
        query = query.where(Account.office_code == scope.office_code)
    return [ConfirmingPerson(a.name, a.login, a.role, a.office_code, at) for a, at in session.execute(query)]


def count_confirmed(session: Session, regulation_id: uuid.UUID) -> int:
    """How many people have confirmed a version."""
    query = select(func.count()).select_from(Confirmation).where(Confirmation.regulation_id == regulation_id)
    return session.scalar(query) or 0
