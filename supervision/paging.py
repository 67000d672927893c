"""Lists that are read page by page, newest first, by the place of their rows (keyset), never by row number.

A page costs the same however far back it lies, and rows that come in meanwhile shift nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.database import UtcDateTime

PAGE_SIZE = 50

Row = TypeVar("Row")


@dataclass(frozen=True)
class Place:
    """A place in a list that is ordered by time, then id."""

    at: datetime
    id: uuid.UUID


@dataclass(frozen=True)
class Turn:
    """Which page comes next: the rows just older than a place, or just newer."""

    place: Place
    newer: bool = False


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page, newest first, and the turns that lead on from it, where there is something."""

    rows: Sequence[Row]
    newer: Turn | None = None
    older: Turn | None = None


@dataclass(frozen=True)
class Order(Generic[Row]):
    """The two columns that give a list its order."""

    at: InstrumentedAttribute[datetime]
    id: InstrumentedAttribute[uuid.UUID]

    def place(self, row: Row) -> Place:
        """Where a row stands."""
        return Place(getattr(row, self.at.key), getattr(row, self.id.key))


def turn_page(
    session: Session, query: Select[Row], order: Order[Row], turn: Turn | None, limit: int = PAGE_SIZE
) -> Page[Row]:
    """The first page of what a query finds, or the one that a turn leads to."""
    back = turn is not None and turn.newer
    if turn is not None:
        here = tuple_(order.at, order.id)
        query = query.where(here > _literal(turn.place) if turn.newer else here < _literal(turn.place))
    by = (order.at, order.id) if back else (order.at.desc(), order.id.desc())
    found: list[Row] = list(session.scalars(query.order_by(*by).limit(limit + 1)))
    more, rows = len(found) > limit, found[:limit]
    if back:
        rows.reverse()
    return Page(
        rows,
        newer=Turn(order.place(rows[0]), newer=True) if rows and (more if back else turn is not None) else None,
        older=Turn(order.place(rows[-1])) if rows and (back or more) else None,
    )


def _literal(place: Place) -> ColumnElement[Any]:
    return tuple_(literal(place.at, UtcDateTime()), literal(place.id))
