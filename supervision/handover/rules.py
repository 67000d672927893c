"""Who may hand over what waits for a person, who may take it, and when it waits for somebody who is gone."""

import enum
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from supervision.actor import OFFICE_ROLES, Actor, Role


class HeldKind(enum.StrEnum):
    """What can wait for one person by name. All else waits for a role, and anybody who has it does it."""

    MEASURE = "measure"
    NOTICE = "notice"
    COMPLAINT = "complaint"


class Reason(enum.StrEnum):
    """Why somebody else takes over."""

    LEFT = "left"
    ILL = "ill"
    MOVED = "moved"
    OTHER = "other"


@dataclass(frozen=True)
class Held:
    """One thing that waits for one person: what it is, its office ("" for the bureau), its name and its day.

    `holder_role` is what he is now. `takers`: the active people who could do it, himself if he still can; nobody
    who has stood on its other side.
    """

    kind: HeldKind
    id: uuid.UUID
    office_code: str
    name: str
    due_on: date | None
    holder: uuid.UUID
    holder_role: Role
    takers: frozenset[uuid.UUID]

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind.value}:{self.id}"

    @property
    def is_stranded(self) -> bool:
        """Whether it waits for somebody who cannot do it now: he has left, or is of another office or role."""
        return self.holder not in self.takers


class Objection(enum.StrEnum):
    """Why a person may not hand something over."""

    NOT_YOURS = "not_yours"
    NOT_FOR_HIM = "not_for_him"


def may_hand_over(actor: Actor, item: Held) -> bool:
    """Whether somebody may hand a thing over.

    His own anybody hands over; what waits for an office's people its leader does, though they have gone to another
    office since; and the head all.
    """
    if actor.account_id == item.holder or actor.role is Role.SUPERVISION_HEAD:
        return True
    leads = actor.role is Role.OFFICE_LEADER and actor.office_code == item.office_code
    return leads and item.holder_role in OFFICE_ROLES


def objection(actor: Actor, taker: uuid.UUID, item: Held) -> Objection | None:
    """What stands against handing one thing to somebody, or None."""
    if not may_hand_over(actor, item):
        return Objection.NOT_YOURS
    return None if taker in item.takers and taker != item.holder else Objection.NOT_FOR_HIM


def by_day(items: Iterable[Held]) -> list[Held]:
    """In the order in which they are due; what has no day comes last."""
    return sorted(items, key=lambda one: (one.due_on or date.max, one.kind, one.name, one.id))


@dataclass(frozen=True)
class Post:
    """A post that must not be empty: a role, in an office or ("") at headquarters; and how many hold it."""

    office_code: str
    role: Role
    holders: int


SECTION_POSTS = (Role.SUPERVISOR, Role.SUPERVISION_HEAD, Role.BUREAU_LEADER)


def empty_posts(posts: Iterable[Post]) -> Sequence[Post]:
    """The posts that nobody holds, so that what waits for them waits for nobody."""
    return [one for one in posts if one.holders == 0]
