"""How a caller's request goes from the register to its outcome (domain rule 11; PIPL art. 44 to 50).

Plain functions on plain data. Nothing is decided before it is known who asks.
"""

import enum
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

DUE_IN_WORKING_DAYS = 15


class RequestKind(enum.StrEnum):
    """What the caller asks: to see or have a copy (art. 45), or to have it deleted (art. 47)."""

    SEE = "see"
    DELETE = "delete"


class Channel(enum.StrEnum):
    """How the request came."""

    VISIT = "visit"
    LETTER = "letter"
    PHONE = "phone"
    HOTLINE = "hotline"
    ONLINE = "online"


class IdentityCheck(enum.StrEnum):
    """How it was made sure that it is the caller who asks, or somebody who may ask for him."""

    ID_CARD = "id_card"
    CALL_BACK = "call_back"
    POWER_OF_ATTORNEY = "power_of_attorney"
    OTHER = "other"


class LetterWay(enum.StrEnum):
    """Which way a letter went."""

    RECEIVED = "received"
    SENT = "sent"


class RequestState(enum.StrEnum):
    """Where a request stands."""

    REGISTERED = "registered"
    IDENTIFIED = "identified"
    GRANTED = "granted"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[RequestState, frozenset[RequestState]] = MappingProxyType(
    {
        RequestState.REGISTERED: frozenset(
            {RequestState.IDENTIFIED, RequestState.REFUSED, RequestState.WITHDRAWN}
        ),
        RequestState.IDENTIFIED: frozenset({RequestState.GRANTED, RequestState.REFUSED, RequestState.WITHDRAWN}),
        RequestState.GRANTED: frozenset({RequestState.DONE}),
        RequestState.DONE: frozenset(),
        RequestState.REFUSED: frozenset(),
        RequestState.WITHDRAWN: frozenset(),
    }
)
OPEN = frozenset(state for state, moves in MOVES.items() if moves)


def may_move(state: RequestState, to: RequestState) -> bool:
    """Whether a request may go from one state to the other."""
    return to in MOVES[state]


def is_overdue(state: RequestState, due_on: date, today: date) -> bool:
    """Whether an answer is late: on its last day it is not yet."""
    return state in OPEN and today > due_on
