"""Minding all draws at headquarters: each office's and each draw in a transaction of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from supervision.clock import Clock
from supervision.database import Database
from supervision.draws import hq_clock
from supervision.draws.hq import open_periods

log = structlog.get_logger(__name__)

T = TypeVar("T")


def mind_all(database: Database, clock: Clock, position: hq_clock.Position) -> None:
    """Open each office's draws, and do what time alone makes due in those that go on.

    One that breaks holds up no other; the first fault is raised once all were minded.
    """
    with database.reading() as looking:
        codes = hq_clock.offices(looking)
    faults = _each(database, codes, lambda session, code: _mind_office(session, code, clock()))
    with database.reading() as looking:
        unfinished = [draw.id for draw in hq_clock.unfinished(looking)]
    faults += _each(
        database,
        unfinished,
        lambda session, draw_id: hq_clock.mind_the_clock(session, draw_id, position, clock()),
    )
    if faults:
        raise faults[0]


def _mind_office(session: Session, code: str, at: datetime) -> None:
    open_periods(session, code, at)
    hq_clock.open_supplements(session, code, at)


def _each(database: Database, items: Sequence[T], act: Callable[[Session, T], object]) -> list[Exception]:
    """Do it for each; what broke."""
    faults: list[Exception] = []
    for item in items:
        try:
            with database.transaction() as session:
                act(session, item)
        except Exception as error:
            log.exception("minding a draw broke", item=str(item))
            faults.append(error)
    return faults
