"""Looking at incidents. Every query takes the scope, so that it cannot be forgotten (habit 7)."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.database import on_days
from supervision.errors import NotFound
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, IncidentKind
from supervision.paging import PAGE_SIZE, Cursor, Order, Page, read_page
from supervision.people.queries import names_of

BY_TIME: Order[Incident] = Order(Incident.first_seen_at, Incident.id)


@dataclass(frozen=True)
class IncidentFilter:
    """What the person looks for. Days are the bureau's, both included; `healed` None: open and healed;
    `received`: seen by the office, not by headquarters. `unseen`: open, and nobody has marked it as seen;
    `without`: and not of these causes and subjects ("": any).
    """

    kind: IncidentKind | None = None
    cause: Cause | None = None
    healed: bool | None = None
    received: bool | None = None
    unseen: bool = False
    without: frozenset[tuple[Cause, str]] = frozenset()
    from_day: date | None = None
    to_day: date | None = None


def list_incidents(
    session: Session, scope: Scope, wanted: IncidentFilter, cursor: Cursor | None = None, limit: int = PAGE_SIZE
) -> Page[Incident]:
    """One page, the latest first: the first one, or the one that a cursor leads to."""
    query = select(Incident).where(*_within(scope), *_matching(wanted))
    return read_page(session, query, BY_TIME, cursor, limit)


def count_open(session: Session, scope: Scope) -> int:
    """How many incidents are open."""
    query = select(func.count()).where(*_within(scope), Incident.healed_at.is_(None))
    return session.scalar(query) or 0


def count_unseen(session: Session, scope: Scope, without: frozenset[tuple[Cause, str]] = frozenset()) -> int:
    """How many incidents are open and not marked as seen: somebody has to look into them."""
    query = select(func.count()).where(*_within(scope), *_unseen(without))
    return session.scalar(query) or 0


def incidents_of_call(session: Session, scope: Scope, call_id: uuid.UUID) -> Sequence[Incident]:
    """What went wrong about one call, in the order of happening."""
    query = select(Incident).where(*_within(scope), Incident.call_id == call_id)
    return session.scalars(query.order_by(Incident.first_seen_at, Incident.id)).all()


def get_incident(session: Session, scope: Scope, incident_id: uuid.UUID) -> Incident:
    """The incident. Raises NotFound where there is none or where it lies outside the scope."""
    incident = session.scalars(select(Incident).where(*_within(scope), Incident.id == incident_id)).one_or_none()
    if incident is None:
        raise NotFound(f"incident {incident_id}")
    return incident


def names_of_seers(session: Session, incidents: Sequence[Incident]) -> dict[uuid.UUID, str]:
    """The names of those who have acknowledged these incidents."""
    return names_of(session, [incident.seen_by for incident in incidents])


def open_subjects(session: Session, cause: Cause, subjects: Collection[str]) -> set[str]:
    """Of which of these subjects an incident of that cause is open. The subjects come from a scoped query."""
    query = select(Incident.subject).where(Incident.cause == cause, Incident.subject.in_(subjects))
    return set(session.scalars(query.where(Incident.healed_at.is_(None))))


def open_causes(session: Session, subject: str, among: Collection[Cause]) -> Sequence[Cause]:
    """Which of these causes have an open incident about a subject, which comes from a scoped query."""
    query = select(Incident.cause).where(Incident.cause.in_(among), Incident.subject == subject)
    return session.scalars(query.where(Incident.healed_at.is_(None)).distinct().order_by(Incident.cause)).all()


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    return [] if scope.office_code is None else [Incident.office_code == scope.office_code]


def _unseen(without: frozenset[tuple[Cause, str]]) -> list[ColumnElement[bool]]:
    others = [
        Incident.cause != cause if not about else (Incident.cause != cause) | (Incident.subject != about)
        for cause, about in sorted(without)
    ]
    return [Incident.healed_at.is_(None), Incident.seen_at.is_(None), *others]


def _matching(wanted: IncidentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        conditions.append(Incident.kind == wanted.kind)
    if wanted.cause is not None:
        conditions.append(Incident.cause == wanted.cause)
    if wanted.healed is not None:
        conditions.append(Incident.healed_at.is_not(None) if wanted.healed else Incident.healed_at.is_(None))
    if wanted.unseen:
        conditions += _unseen(wanted.without)
    if wanted.received is not None:
        conditions.append(Incident.received.is_(wanted.received))
    conditions += on_days(Incident.first_seen_at, wanted.from_day, wanted.to_day)
    return conditions
