"""What counts in an assessment: nothing does while an appeal against it or what it rests on is open (rule 7).

Nothing of it is stored: an assessment asks, whenever it is worked out. `list_points` and `list_uncounted` are all
that it needs; the expressions are for queries of its own beside `Evaluation` and `Record`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from supervision.clock import day_bounds, local
from supervision.discipline.models import Appeal, Ground, Record
from supervision.discipline.rules import STANDING, AppealState
from supervision.evaluations.models import Evaluation
from supervision.regulation.rules import Side


@dataclass(frozen=True)
class Points:
    """What one record takes from a person, or gives him: it counts from the day of its decision.

    `points` are never negative; `side` says which they are. `call_ids`: the calls that it rests on, in order.
    """

    record_id: uuid.UUID
    number: str
    person_id: uuid.UUID
    office_code: str
    side: Side
    points: int
    on: date
    call_ids: tuple[uuid.UUID, ...]


def list_points(session: Session, first: date, before: date, office_code: str | None = None) -> Sequence[Points]:
    """What counts from one day to before another, of one office or all, by day; each opens into its record."""
    begins, ends = day_bounds(first)[0], day_bounds(before)[0]
    query = select(Record).where(Record.decided_at >= begins, Record.decided_at < ends, record_counts())
    if office_code is not None:
        query = query.where(Record.office_code == office_code)
    ordered = query.options(selectinload(Record.grounds)).order_by(Record.decided_at, Record.id)
    return [_points(one, one.decided_at) for one in session.scalars(ordered) if one.decided_at is not None]


def list_uncounted(session: Session) -> frozenset[uuid.UUID]:
    """The evaluations of which nothing counts: contested by an open appeal, or set aside by an upheld one.

    The same as `does_count` says, without looking at all evaluations.
    """
    contested = select(Appeal.evaluation_id).where(
        Appeal.evaluation_id.is_not(None), Appeal.state == AppealState.OPEN
    )
    set_aside = select(Evaluation.id).where(Evaluation.set_aside_at.is_not(None))
    return frozenset(session.scalars(contested.union(set_aside)))


def is_contested() -> ColumnElement[bool]:
    """Whether an appeal is open against an evaluation, as an expression beside `Evaluation`."""
    appeal = aliased(Appeal)
    return exists().where(appeal.evaluation_id == Evaluation.id, appeal.state == AppealState.OPEN)


def does_count() -> ColumnElement[bool]:
    """Whether an evaluation counts in an assessment, beside `Evaluation`: nothing contests it or set it aside."""
    return and_(Evaluation.set_aside_at.is_(None), ~is_contested())


def record_counts() -> ColumnElement[bool]:
    """Whether a record counts in an assessment, beside `Record`: it stands, and so does all that it rests on."""
    open_under = (
        exists()
        .where(Ground.record_id == Record.id, Ground.evaluation_id == Appeal.evaluation_id)
        .where(Appeal.state == AppealState.OPEN)
        .correlate(Record)
    )
    return and_(Record.state.in_(STANDING), ~open_under)


def contested_grounds(session: Session, record: Record) -> bool:
    """Whether an appeal is open against anything that a record rests on, or was upheld."""
    ids = [one.evaluation_id for one in record.grounds]
    query = select(Evaluation.id).where(
        Evaluation.id.in_(ids), or_(is_contested(), Evaluation.set_aside_at.is_not(None))
    )
    return session.scalar(query.limit(1)) is not None


def _points(one: Record, decided_at: datetime) -> Points:
    on, calls = local(decided_at).date(), tuple(ground.call_id for ground in one.grounds)
    whose = one.person_id, one.office_code
    return Points(one.id, one.number, *whose, one.side, one.points, on, calls)
