"""Looking at desks: who sits there now, who comes next. Every query takes the scope."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from supervision.actor import Scope
from supervision.offices.models import Desk, DeskAssignment, Office
from supervision.paging import PAGE_SIZE, cut


@dataclass(frozen=True)
class DeskCursor:
    """Which page comes next: the desks after one of an office, or those before it."""

    office_code: str
    extension: str
    back: bool = False


@dataclass(frozen=True)
class DeskRow:
    """One desk, who sits there at a moment, and who comes next (both may be nobody)."""

    desk: Desk
    office_name: str
    sits: DeskAssignment | None
    follows: DeskAssignment | None


@dataclass(frozen=True)
class DesksPage:
    """One page of desks, in the order of offices and extensions, and the cursors that lead on from it."""

    rows: Sequence[DeskRow]
    before: DeskCursor | None = None
    after: DeskCursor | None = None


def list_desks(
    session: Session, scope: Scope, at: datetime, cursor: DeskCursor | None = None, limit: int = PAGE_SIZE
) -> DesksPage:
    """One page: the first one, or the one that a cursor leads to."""
    query = select(Desk, Office.name).join(Office, Office.code == Desk.office_code)
    if scope.office_code is not None:
        query = query.where(Desk.office_code == scope.office_code)
    here = (cursor.office_code, cursor.extension) if cursor is not None else None
    by = (Desk.office_code, Desk.extension)
    found = cut(session, query, by, here, back=cursor is not None and cursor.back, limit=limit)
    rows = [(desk, name) for desk, name in found.rows]
    return DesksPage(
        _rows(session, rows, at),
        DeskCursor(rows[0][0].office_code, rows[0][0].extension, back=True) if found.before else None,
        DeskCursor(rows[-1][0].office_code, rows[-1][0].extension) if found.after else None,
    )


def _rows(session: Session, desks: Sequence[tuple[Desk, str]], at: datetime) -> list[DeskRow]:
    lasting = or_(DeskAssignment.until_at.is_(None), DeskAssignment.until_at > at)
    query = select(DeskAssignment).where(DeskAssignment.desk_id.in_([desk.id for desk, _ in desks]), lasting)
    by_desk: dict[uuid.UUID, list[DeskAssignment]] = {}
    for one in session.scalars(
        query.options(joinedload(DeskAssignment.account)).order_by(DeskAssignment.since_at)
    ):
        by_desk.setdefault(one.desk_id, []).append(one)
    return [_row(desk, name, by_desk.get(desk.id, []), at) for desk, name in desks]


def _row(desk: Desk, office_name: str, seats: Sequence[DeskAssignment], at: datetime) -> DeskRow:
    now_there = next((one for one in seats if one.since_at <= at), None)
    later = next((one for one in seats if one.since_at > at), None)
    return DeskRow(desk, office_name, now_there, later)
