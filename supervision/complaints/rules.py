"""How a complaint goes from the register to its answer; when a month is said to have none (domain rule 9; S11).

Plain functions on plain data. Whoever handled a complaint does not decide it, and whoever decided it does not
handle it afterwards; nobody touches one about himself.
"""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from supervision.actor import Actor, Role
from supervision.workdays.rules import next_month


class Channel(enum.StrEnum):
    """How the complaint came."""

    VISIT = "visit"
    LETTER = "letter"
    PHONE = "phone"
    HOTLINE = "hotline"
    ONLINE = "online"
    SUPERIOR = "superior"


class ComplaintKind(enum.StrEnum):
    """What it is about; with how many working days there are for an answer, counted from its receipt."""

    days: int

    def __new__(cls, value: str, days: int) -> "ComplaintKind":
        """One row."""
        one = str.__new__(cls, value)
        one._value_ = value
        one.days = days
        return one

    MANNER = "manner", 5
    QUALITY = "quality", 10
    UNREACHABLE = "unreachable", 10
    OTHER = "other", 10


class Verdict(enum.StrEnum):
    """Whether the complaint is right."""

    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"


class ComplaintState(enum.StrEnum):
    """Where a complaint stands."""

    REGISTERED = "registered"
    HANDLING = "handling"
    PROPOSED = "proposed"
    DECIDED = "decided"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Move(enum.StrEnum):
    """What happens to it; it is taken over by another while it is in hand."""

    TAKE = "take"
    PROPOSE = "propose"
    RETURN = "return"
    DECIDE = "decide"
    CLOSE = "close"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Received:
    """A complaint as it is entered. Who complains may give neither name nor number."""

    kind: ComplaintKind
    channel: Channel
    office_code: str
    text: str
    received_on: date
    caller_name: str = ""
    caller_number: str = ""
    called_on: date | None = None


@dataclass(frozen=True)
class Proposal:
    """What its handler found: whether it is right, about whom, and what he looked at."""

    verdict: Verdict
    text: str
    person_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Search:
    """Which calls are looked for: from a number, or a part of it, on these days, in one office or all."""

    number: str = ""
    from_day: date | None = None
    to_day: date | None = None


MOVES: Mapping[tuple[ComplaintState, Move], ComplaintState] = MappingProxyType(
    {
        (ComplaintState.REGISTERED, Move.TAKE): ComplaintState.HANDLING,
        (ComplaintState.REGISTERED, Move.CORRECT): ComplaintState.REGISTERED,
        (ComplaintState.REGISTERED, Move.WITHDRAW): ComplaintState.WITHDRAWN,
        (ComplaintState.HANDLING, Move.TAKE): ComplaintState.HANDLING,
        (ComplaintState.HANDLING, Move.PROPOSE): ComplaintState.PROPOSED,
        # What was proposed rests on what was entered: it is given back before that is corrected.
        (ComplaintState.HANDLING, Move.CORRECT): ComplaintState.HANDLING,
        (ComplaintState.HANDLING, Move.WITHDRAW): ComplaintState.WITHDRAWN,
        (ComplaintState.PROPOSED, Move.RETURN): ComplaintState.HANDLING,
        (ComplaintState.PROPOSED, Move.DECIDE): ComplaintState.DECIDED,
        (ComplaintState.PROPOSED, Move.WITHDRAW): ComplaintState.WITHDRAWN,
        (ComplaintState.DECIDED, Move.CLOSE): ComplaintState.CLOSED,
        (ComplaintState.DECIDED, Move.REOPEN): ComplaintState.HANDLING,
        (ComplaintState.CLOSED, Move.REOPEN): ComplaintState.HANDLING,
        # Its handler alone may have written that it was taken back: the head can have another look into it.
        (ComplaintState.WITHDRAWN, Move.REOPEN): ComplaintState.REGISTERED,
    }
)
OPEN = frozenset(ComplaintState) - {ComplaintState.CLOSED, ComplaintState.WITHDRAWN}
UNDECIDED = OPEN - {ComplaintState.DECIDED}
JUDGED = frozenset({ComplaintState.DECIDED, ComplaintState.CLOSED})


def after(state: ComplaintState, move: Move) -> ComplaintState | None:
    """The state after a move; None where there is no such move."""
    return MOVES.get((state, move))


@dataclass(frozen=True)
class Case:
    """A complaint, as far as the rule of who may what looks at it.

    `about`: the person complained of, and whoever answered one of its calls. `handler` has it in hand;
    `handled_by` and `decided_by` hold everybody who ever stood on the one side or the other.
    """

    handler: uuid.UUID | None = None
    about: frozenset[uuid.UUID] = frozenset()
    handled_by: frozenset[uuid.UUID] = frozenset()
    decided_by: frozenset[uuid.UUID] = frozenset()


class Objection(enum.StrEnum):
    """Why a person may not."""

    NOT_YOURS = "not_yours"
    ABOUT_YOURSELF = "about_yourself"
    IN_YOUR_HAND = "in_your_hand"
    ANOTHERS_HAND = "anothers_hand"
    HANDLED_YOURSELF = "handled_yourself"
    DECIDED_YOURSELF = "decided_yourself"
    HEAD_ONLY = "head_only"


SECTION = frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD})


def objection(actor: Actor, move: Move, case: Case) -> Objection | None:
    """What stands against a person's making a move, or None. The section handles; reopening is the head's."""
    me = actor.account_id
    if actor.role not in SECTION:
        return Objection.NOT_YOURS
    if me in case.about:
        return Objection.ABOUT_YOURSELF
    if move in {Move.TAKE, Move.PROPOSE}:
        return _handling(me, move, case)
    if move in {Move.RETURN, Move.DECIDE}:
        return Objection.HANDLED_YOURSELF if me in case.handled_by else None
    if move is Move.REOPEN and actor.role is not Role.SUPERVISION_HEAD:
        return Objection.HEAD_ONLY
    return None


def _handling(me: uuid.UUID, move: Move, case: Case) -> Objection | None:
    if me in case.decided_by:
        return Objection.DECIDED_YOURSELF
    if move is Move.TAKE:
        return Objection.IN_YOUR_HAND if me == case.handler else None
    return None if me == case.handler else Objection.ANOTHERS_HAND


def is_overdue(state: ComplaintState, due_on: date, today: date) -> bool:
    """Whether the answer is late: on its last day it is not yet. It is answered once who complained was told."""
    return state in OPEN and today > due_on


class Quarter(enum.IntEnum):
    """A quarter of a year."""

    FIRST = 1
    SECOND = 2
    THIRD = 3
    FOURTH = 4


def last_day(month: date) -> date:
    """The last day of a month."""
    return next_month(month) - timedelta(days=1)


def quarter_of(month: int) -> Quarter:
    """The quarter in which a month lies."""
    return Quarter((month - 1) // 3 + 1)


class ZeroObjection(enum.StrEnum):
    """Why a month cannot be attested to have had no complaint."""

    NOT_OVER = "not_over"
    HAS_COMPLAINTS = "has_complaints"
    ATTESTED_ALREADY = "attested_already"


def zero_objection(month: date, today: date, received: int, *, attested: bool) -> ZeroObjection | None:
    """What stands against the attestation of a month, named by its first day (S11: zero is not merely empty)."""
    if (today.year, today.month) <= (month.year, month.month):
        return ZeroObjection.NOT_OVER
    if received:
        return ZeroObjection.HAS_COMPLAINTS
    return ZeroObjection.ATTESTED_ALREADY if attested else None


@dataclass(frozen=True)
class MonthFigures:
    """One month: how many complaints came in, how many of them were upheld and are open, and its attestation.

    `before`: it was over before the system went live; `live`: the system went live in it.
    """

    month: date
    received: int = 0
    upheld: int = 0
    open: int = 0
    attested: bool = False
    before: bool = False
    live: bool = False


@dataclass(frozen=True)
class QuarterFigures:
    """The same of a quarter: attested where it has months without a complaint, and each of these is."""

    quarter: Quarter
    received: int
    upheld: int
    open: int
    attested: bool
    live: bool


def quarters_of(months: list[MonthFigures]) -> list[QuarterFigures]:
    """The quarters that the months of one year make up; only those of which a month is there."""
    found = []
    for quarter in Quarter:
        own = [one for one in months if quarter_of(one.month.month) is quarter]
        if own:
            found.append(
                QuarterFigures(
                    quarter,
                    received=sum(one.received for one in own),
                    upheld=sum(one.upheld for one in own),
                    open=sum(one.open for one in own),
                    attested=any(one.attested for one in own) and all(one.attested or one.received for one in own),
                    live=any(one.live for one in own),
                )
            )
    return found
