"""Where a ticket stands, and how it may move (draw.md, "After the draw")."""

import enum
from collections.abc import Mapping

from supervision.draws.rules import Tier


class TicketState(enum.StrEnum):
    """Where a ticket stands. `done`: an evaluation that counts was submitted on it (domain rule 1).

    `released`: the list was whole and shrank to its tickets, and this is none of them.
    """

    WAITING = "waiting"
    TAKEN = "taken"
    PROPOSED = "proposed"
    UNUSABLE = "unusable"
    DONE = "done"
    RELEASED = "released"


MOVES: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.WAITING: frozenset({TicketState.TAKEN, TicketState.PROPOSED}),
    TicketState.TAKEN: frozenset({TicketState.WAITING, TicketState.PROPOSED, TicketState.DONE}),
    TicketState.PROPOSED: frozenset({TicketState.WAITING, TicketState.UNUSABLE}),
    TicketState.UNUSABLE: frozenset(),
    TicketState.DONE: frozenset(),
    TicketState.RELEASED: frozenset(),
}
SPEECH_MS = 1000  # less than that is a click or a breath


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


def may_agree(*, proposer: object, agrees: object, is_of_hq: bool, is_head: bool, tier: Tier) -> bool:
    """Whether this person may agree that a ticket is unusable: another, of headquarters; in its draw, the head."""
    return is_of_hq and proposer != agrees and (is_head or tier is Tier.OFFICE)


def is_speech(measured_ms: int) -> bool:
    """Whether so much sound is somebody speaking: then a recording is never unusable."""
    return measured_ms >= SPEECH_MS
