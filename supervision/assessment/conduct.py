"""What other rooms know of a person's conduct: commendations, discipline, and evaluations that are contested.

A room that keeps such records has a source, named in `SOURCES`; without one there are none.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from supervision.discipline.points import list_points, list_uncounted
from supervision.regulation.rules import Side


@dataclass(frozen=True)
class Conduct:
    """One record about a person that counts: `points` are the regulation's, never negative.

    `discipline`: they go off. `on`: the day from which it counts. `call`: the first call that it rests on.
    """

    record_id: uuid.UUID
    person_id: uuid.UUID
    office_code: str
    on: date
    points: int
    discipline: bool
    call: uuid.UUID | None = None


class ConductSource(Protocol):
    """A room that keeps such records."""

    def list_conduct(self, session: Session, first: date, before: date) -> Sequence[Conduct]:
        """What counts from one day to before another: decided, and under no open appeal nor set aside by one."""

    def uncounted_evaluations(self, session: Session) -> Collection[uuid.UUID]:
        """Those under an open appeal, or set aside by one: nothing of them counts (domain rule 7)."""


class Discipline:
    """The room of discipline and commendation: a record counts from the day of its decision."""

    def list_conduct(self, session: Session, first: date, before: date) -> Sequence[Conduct]:
        """Its records that stand, each with the first call that it rests on."""
        return [
            Conduct(
                one.record_id,
                one.person_id,
                one.office_code,
                one.on,
                one.points,
                discipline=one.side is Side.DISCIPLINE,
                call=next(iter(one.call_ids), None),
            )
            for one in list_points(session, first, before)
        ]

    def uncounted_evaluations(self, session: Session) -> Collection[uuid.UUID]:
        """Whatever is contested or set aside now."""
        return list_uncounted(session)


SOURCES: tuple[ConductSource, ...] = (Discipline(),)
