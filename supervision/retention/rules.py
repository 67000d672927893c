"""When a recording may be deleted, and who must agree (domain rule 11; decision 17).

Plain functions on plain data. Nothing is ever deleted while it is held, and nothing by one person.
"""

import enum
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

DEFAULT_DAYS = 730
# The yearly assessment rests on the calls of a whole year, so none of them may go before it is over. PIPL art. 19
# asks for the shortest time that the purpose needs: nobody keeps for ever by a setting.
SHORTEST_DAYS = 365
LONGEST_DAYS = 3650
SEATS = (1, 2)


class HoldReason(enum.StrEnum):
    """Why a recording is kept beyond its time."""

    APPEAL = "appeal"
    COMPLAINT = "complaint"
    DISCIPLINE = "discipline"
    CASE = "case"
    TICKET = "ticket"
    REQUEST = "request"
    OTHER = "other"


class DeletionCause(enum.StrEnum):
    """Why the system proposes a deletion: the time is over, or a caller's request was granted."""

    AGE = "age"
    REQUEST = "request"


class DeletionState(enum.StrEnum):
    """Where a proposed deletion stands."""

    PROPOSED = "proposed"
    AGREED_ONCE = "agreed_once"
    AGREED = "agreed"
    DONE = "done"
    DECLINED = "declined"


class ItemState(enum.StrEnum):
    """Where one recording of a deletion stands. From `deleting` on there is no way back."""

    WAITING = "waiting"
    SPARED = "spared"
    DELETING = "deleting"
    DELETED = "deleted"


class SpareReason(enum.StrEnum):
    """Why a recording was taken out of a deletion."""

    HELD = "held"
    TICKET = "ticket"
    DECLINED = "declined"
    NOT_READY = "not_ready"


DELETION_MOVES: Mapping[DeletionState, frozenset[DeletionState]] = MappingProxyType(
    {
        DeletionState.PROPOSED: frozenset({DeletionState.AGREED_ONCE, DeletionState.DECLINED}),
        DeletionState.AGREED_ONCE: frozenset({DeletionState.AGREED, DeletionState.DECLINED}),
        DeletionState.AGREED: frozenset({DeletionState.DONE}),
        DeletionState.DONE: frozenset(),
        DeletionState.DECLINED: frozenset(),
    }
)

ITEM_MOVES: Mapping[ItemState, frozenset[ItemState]] = MappingProxyType(
    {
        ItemState.WAITING: frozenset({ItemState.SPARED, ItemState.DELETING}),
        ItemState.SPARED: frozenset(),
        ItemState.DELETING: frozenset({ItemState.DELETED}),
        ItemState.DELETED: frozenset(),
    }
)


@dataclass(frozen=True)
class HoldTimes:
    """From when to when a hold holds: until its last day is over, or somebody released it; open without either."""

    until: date | None = None
    released: bool = False


@dataclass(frozen=True)
class Agreeing:
    """One who agreed to a deletion; `head` if he is the supervision head."""

    account_id: uuid.UUID
    head: bool


class Objection(enum.StrEnum):
    """Why somebody's agreement does not count."""

    NOT_OPEN = "deletion_not_open"
    TWICE = "deletion_agreed_already"
    NEEDS_HEAD = "deletion_needs_head"


def holds_on(hold: HoldTimes, today: date) -> bool:
    """Whether a hold holds on the bureau's day; on its last day it still does."""
    return not hold.released and (hold.until is None or today <= hold.until)


def is_held(holds: Iterable[HoldTimes], today: date) -> bool:
    """Whether any of a recording's holds holds."""
    return any(holds_on(hold, today) for hold in holds)


def kept_until(offered_at: datetime, days: int) -> datetime:
    """When a recording's time is over; a setting outside the bounds counts as the nearest one."""
    return offered_at + timedelta(days=min(max(days, SHORTEST_DAYS), LONGEST_DAYS))


def month_is_past(month: date, days: int, today: date) -> bool:
    """Whether the last recordings of a calendar month are past their time, so that the month is proposed whole."""
    first_of_next = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return today > first_of_next + timedelta(days=min(max(days, SHORTEST_DAYS), LONGEST_DAYS))


def objection(state: DeletionState, agreed: Collection[Agreeing], person: Agreeing) -> Objection | None:
    """What speaks against this person's agreement: two different people, one of them the supervision head."""
    if state not in {DeletionState.PROPOSED, DeletionState.AGREED_ONCE}:
        return Objection.NOT_OPEN
    if any(one.account_id == person.account_id for one in agreed):
        return Objection.TWICE
    if agreed and not person.head and not any(one.head for one in agreed):
        return Objection.NEEDS_HEAD
    return None


def may_delete(
    state: DeletionState,
    agreed: Collection[Agreeing],
    holds: Iterable[HoldTimes],
    today: date,
    *,
    open_ticket: bool,
) -> bool:
    """Whether one recording of a deletion may be deleted now. An open ticket holds it by itself."""
    people = {one.account_id for one in agreed}
    return (
        state is DeletionState.AGREED
        and len(people) == len(SEATS)
        and any(one.head for one in agreed)
        and not is_held(holds, today)
        and not open_ticket
    )


def may_move(state: DeletionState, to: DeletionState) -> bool:
    """Whether a deletion may go from one state to the other."""
    return to in DELETION_MOVES[state]


def may_move_item(state: ItemState, to: ItemState) -> bool:
    """Whether one recording of a deletion may."""
    return to in ITEM_MOVES[state]


@dataclass(frozen=True)
class RawParts:
    """What is known of a recording's raw parts, on one machine.

    `sealed`: the sealed copy of this machine is there and was read back. `received`: headquarters has all parts,
    whole and with the right hash. `copies_agree`: what the other machine sealed is the same, or there is none.
    """

    sealed: bool
    received: bool
    copies_agree: bool
    closed_at: datetime | None


def may_put_away(parts: RawParts, kept: timedelta, at: datetime) -> bool:
    """Whether raw parts may be removed: sealed here, received there, agreed, and the set time over."""
    return (
        parts.sealed
        and parts.received
        and parts.copies_agree
        and parts.closed_at is not None
        and at - parts.closed_at >= kept
    )
