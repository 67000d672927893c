"""Lists that are read page by page, by the place of their rows in the list's order (keyset), never by number.

A page costs the same however far back it lies, and rows that come in meanwhile shift nothing.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.database import UtcDateTime
from supervision.errors import InvalidInput

PAGE_SIZE = 50

Row = TypeVar("Row")


@dataclass(frozen=True)
class Place:
    """A place in a list that is ordered by a time, or by a whole number, and then by id."""

    at: datetime | int
    id: uuid.UUID


@dataclass(frozen=True)
class Turn:
    """Which page comes next: the rows after a place in the list's order, or those before it (`newer`)."""

    place: Place
    newer: bool = False


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page, in the list's order, and the turns that lead on from it, where there is something."""

    rows: Sequence[Row]
    newer: Turn | None = None
    older: Turn | None = None


@dataclass(frozen=True)
class Order(Generic[Row]):
    """What gives a list its order: a time, or an expression that is a whole number, and the id.

    The largest come first, unless `ascending`. `key` says what an expression comes to for a row.
    """

    at: InstrumentedAttribute[datetime] | ColumnElement[int]
    id: InstrumentedAttribute[uuid.UUID]
    ascending: bool = False
    key: Callable[[Row], int] | None = None

    def place(self, row: Row) -> Place:
        """Where a row stands."""
        at = self.key(row) if self.key else getattr(row, str(self.at.key))
        return Place(at, getattr(row, self.id.key))

    def fits(self, place: Place) -> bool:
        """Whether a place is one of this order: an address may carry another's."""
        return isinstance(place.at, int) is (self.key is not None)


def turn_page(
    session: Session, query: Select[Row], order: Order[Row], turn: Turn | None, limit: int = PAGE_SIZE
) -> Page[Row]:
    """The first page of what a query finds, or the one that a turn leads to."""
    back = turn is not None and turn.newer
    rising = order.ascending is not back
    if turn is not None:
        if not order.fits(turn.place):
            raise InvalidInput("newer" if back else "older", str(turn.place.at), "a place in this order")
        here = tuple_(order.at, order.id)
        query = query.where(here > _literal(turn.place) if rising else here < _literal(turn.place))
    by = (order.at, order.id) if rising else (order.at.desc(), order.id.desc())
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
    kind = BigInteger() if isinstance(place.at, int) else UtcDateTime()
    return tuple_(literal(place.at, kind), literal(place.id))
