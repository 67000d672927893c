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
class RowKey:
    """Where a row stands in a list that is ordered by a time, or by a whole number, and then by id."""

    at: datetime | int
    id: uuid.UUID


@dataclass(frozen=True)
class Cursor:
    """Which page comes next: the rows after a place in the list's order, or those before it (`newer`)."""

    row: RowKey
    newer: bool = False


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page, in the list's order, and the cursors that lead on from it, where there is something."""

    rows: Sequence[Row]
    newer: Cursor | None = None
    older: Cursor | None = None


@dataclass(frozen=True)
class Order(Generic[Row]):
    """What gives a list its order: a time, or an expression that is a whole number, and the id.

    The largest come first, unless `ascending`. `key` says what an expression comes to for a row.
    """

    at: InstrumentedAttribute[datetime] | ColumnElement[int]
    id: InstrumentedAttribute[uuid.UUID]
    ascending: bool = False
    key: Callable[[Row], int] | None = None

    def key_of(self, row: Row) -> RowKey:
        """Where a row stands."""
        at = self.key(row) if self.key else getattr(row, str(self.at.key))
        return RowKey(at, getattr(row, self.id.key))

    def fits(self, key: RowKey) -> bool:
        """Whether a key is one of this order: an address may carry another's."""
        return isinstance(key.at, int) is (self.key is not None)


@dataclass(frozen=True)
class Cut:
    """The rows of one page, in the list's order, and whether there are others before and after them."""

    rows: Sequence[Any]
    before: bool
    after: bool


def cut(  # noqa: PLR0913 - what is listed, in which order, and from where on
    session: Session,
    query: Select[*tuple[Any, ...]],
    by: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    here: Sequence[Any] | None,
    *,
    back: bool = False,
    ascending: bool = True,
    limit: int = PAGE_SIZE,
) -> Cut:
    """The rows just after a place in the order of some columns, or just before it (`back`); without one the first.

    `here` has a value for each column; no two rows have the same ones.
    """
    rising = ascending is not back
    if here is not None:
        columns, place = (by[0], here[0]) if len(by) == 1 else (tuple_(*by), tuple_(*here))
        query = query.where(columns > place if rising else columns < place)
    found = session.execute(query.order_by(*(by if rising else [one.desc() for one in by])).limit(limit + 1)).all()
    more, rows = len(found) > limit, list(found[:limit])
    if back:
        rows.reverse()
    before, after = (more, True) if back else (here is not None, more)
    return Cut(rows, before=bool(rows) and before, after=bool(rows) and after)


def cut_by_number(  # noqa: PLR0913, PLR0917 - what is listed, by which number, and where the page lies
    session: Session,
    query: Select[Any],
    number: InstrumentedAttribute[int],
    before: int | None,
    after: int | None,
    limit: int = PAGE_SIZE,
) -> Cut:
    """The largest numbers first: the first page, or the one just below a number, or just above one."""
    place = after if after is not None else before
    here = (place,) if place is not None else None
    return cut(session, query, (number,), here, back=after is not None, ascending=False, limit=limit)


def read_page(
    session: Session, query: Select[Row], order: Order[Row], cursor: Cursor | None, limit: int = PAGE_SIZE
) -> Page[Row]:
    """The first page of what a query finds, or the one that a cursor leads to."""
    back = cursor is not None and cursor.newer
    if cursor is not None and not order.fits(cursor.row):
        raise InvalidInput("newer" if back else "older", str(cursor.row.at), "a place in this order")
    here = _literals(cursor.row) if cursor is not None else None
    by = (order.at, order.id)
    found = cut(session, query, by, here, back=back, ascending=order.ascending, limit=limit)
    rows: list[Row] = [row for (row,) in found.rows]
    return Page(
        rows,
        newer=Cursor(order.key_of(rows[0]), newer=True) if found.before else None,
        older=Cursor(order.key_of(rows[-1])) if found.after else None,
    )


def _literals(key: RowKey) -> tuple[ColumnElement[Any], ...]:
    kind = BigInteger() if isinstance(key.at, int) else UtcDateTime()
    return literal(key.at, kind), literal(key.id)
