"""In what order calls are listed, by columns or by what is worked out of them."""

import enum
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Float, cast, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from supervision.calls.models import Call
from supervision.paging import Order


class SecondsBetween(GenericFunction[float]):
    """Seconds from the first moment to the second, on both databases."""

    type = Float()
    inherit_cache = True


@compiles(SecondsBetween, "sqlite")
def _seconds_sqlite(element: SecondsBetween, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"round((julianday({end}) - julianday({start})) * 86400.0, 3)"


@compiles(SecondsBetween)
def _seconds(element: SecondsBetween, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract(epoch from ({end} - {start}))"


class Sorting(enum.StrEnum):
    """In what order calls are listed."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    MOST_RINGS = "most_rings"


def _talk_ms(call: Call) -> int:
    """As the database has it: so that a page begins where the one before it ended."""
    if call.answered_at is None or call.ended_at is None:
        return -1
    return (call.ended_at - call.answered_at) // timedelta(milliseconds=1)


ORDERS: Mapping[Sorting, Order[Call]] = MappingProxyType(
    {
        Sorting.NEWEST: Order(Call.offered_at, Call.id),
        Sorting.OLDEST: Order(Call.offered_at, Call.id, ascending=True),
        Sorting.LONGEST: Order(
            func.coalesce(
                cast(func.round(SecondsBetween(Call.answered_at, Call.ended_at) * 1000), BigInteger), -1
            ),
            Call.id,
            key=_talk_ms,
        ),
        Sorting.MOST_RINGS: Order(
            Call.rings + Call.rings_before_us, Call.id, key=lambda call: call.rings + call.rings_before_us
        ),
    }
)
