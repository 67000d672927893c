"""Where a ticket stands, and how it may move (draw.md, "After the draw")."""

import enum
from collections.abc import Mapping


class TicketState(enum.StrEnum):
    """Where a ticket stands. `done`: an evaluation that counts was submitted on it (domain rule 1)."""

    WAITING = "waiting"
    TAKEN = "taken"
    PROPOSED = "proposed"
    UNUSABLE = "unusable"
    DONE = "done"


MOVES: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.WAITING: frozenset({TicketState.TAKEN, TicketState.PROPOSED}),
    TicketState.TAKEN: frozenset({TicketState.WAITING, TicketState.PROPOSED, TicketState.DONE}),
    TicketState.PROPOSED: frozenset({TicketState.WAITING, TicketState.UNUSABLE}),
    TicketState.UNUSABLE: frozenset(),
    TicketState.DONE: frozenset(),
}


class Unusable(enum.StrEnum):
    """Why a recording cannot be reviewed."""

    WRONG_NUMBER = "wrong_number"
    NO_SPEECH = "no_speech"
    NO_AUDIO = "no_audio"


class WrongMove(ValueError):
    """A ticket cannot go from where it stands to there."""


def advance(state: TicketState, to: TicketState) -> TicketState:
    """The state after a move. Raises WrongMove; a ticket that is done or unusable moves no more."""
    if to not in MOVES[state]:
        raise WrongMove(f"{state} -> {to}")
    return to


def may_agree(*, proposer: object, agrees: object, is_of_hq: bool) -> bool:
    """Whether this person may agree that a ticket is unusable: another one, and of headquarters."""
    return is_of_hq and proposer != agrees
