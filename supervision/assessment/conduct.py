"""What other rooms know of a person's conduct: commendations, discipline, and evaluations that are contested.

A room that keeps such records gives a source and is named in `SOURCES`; without one there are none.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session


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

    def contested_evaluations(self, session: Session) -> Collection[uuid.UUID]:
        """The evaluations under an open appeal: nothing of them counts (domain rule 7)."""


SOURCES: tuple[ConductSource, ...] = ()
