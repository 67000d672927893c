"""The order of a draw as a machine of states (draw.md, "Order"): who may choose, send and reveal what, and when.

No path lets a share be chosen or changed once its party could know the outcome. Who knows it first, since the
other's share came before his own was sent, can only send what he had committed to, or withhold it: then comes a
new attempt on the same list, at twice the rate, with new shares and dice, and the old attempt stays published.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction

from supervision.draws.rules import Party, commitment_of, rate_of_attempt

MADE_AFTER = timedelta(minutes=5)  # Monday 00:05 (domain rule 2)
WITHHELD_AFTER = timedelta(hours=24)
DICE_AWAITED = timedelta(hours=24)
SILENT_AFTER = timedelta(hours=48)
STALLED_AFTER = timedelta(hours=25)  # a share that is withheld is noted, and drawn anew, an hour before
COMMITTED_BEFORE_END = timedelta(days=1)
COMMITTED_AFTER_START = timedelta(hours=1)  # a side that was just started can do no better


class DrawState(enum.StrEnum):
    """Where a draw stands."""

    OPEN = "open"
    COMMITTED = "committed"
    CLOSED = "closed"
    FROZEN = "frozen"
    DISPUTED = "disputed"
    AGREED = "agreed"
    REVEALED = "revealed"
    RECOMMITTING = "recommitting"
    DRAWN = "drawn"


MOVES: Mapping[DrawState, frozenset[DrawState]] = {
    DrawState.OPEN: frozenset({DrawState.COMMITTED}),
    DrawState.COMMITTED: frozenset({DrawState.CLOSED, DrawState.FROZEN}),
    DrawState.CLOSED: frozenset({DrawState.FROZEN}),
    DrawState.FROZEN: frozenset({DrawState.AGREED, DrawState.DISPUTED}),
    DrawState.DISPUTED: frozenset({DrawState.AGREED}),
    DrawState.AGREED: frozenset({DrawState.REVEALED, DrawState.RECOMMITTING}),
    DrawState.REVEALED: frozenset({DrawState.DRAWN, DrawState.RECOMMITTING}),
    DrawState.RECOMMITTING: frozenset({DrawState.AGREED}),
    DrawState.DRAWN: frozenset(),
}
# Here the list is not fixed yet, or it is and nothing of the attempt's shares is known.
CHOOSING = frozenset({DrawState.OPEN, DrawState.COMMITTED, DrawState.RECOMMITTING})
# Here the list is agreed on, and nothing changes it any more.
LIST_STANDS = frozenset({DrawState.AGREED, DrawState.REVEALED, DrawState.RECOMMITTING, DrawState.DRAWN})


class OutOfOrder(ValueError):
    """The protocol does not allow that now; the message says why, in a word."""


@dataclass(frozen=True)
class Attempt:
    """One attempt: commitments, dice, and the shares as they became known."""

    n: int
    commitments: Mapping[Party, str] = field(default_factory=dict)
    dice: str = ""
    shares: Mapping[Party, str] = field(default_factory=dict)
    ready_at: datetime | None = None
    withheld_by: Party | None = None

    @property
    def dice_needed(self) -> bool:
        """Whether this attempt cannot do without dice."""
        return self.n > 1


@dataclass(frozen=True)
class Protocol:
    """One draw as far as it has come. `dice_wanted`: held for dice; `root`: what both have agreed on."""

    name: str
    rate: Fraction
    state: DrawState = DrawState.OPEN
    root: str = ""
    dice_wanted: bool = False
    attempts: tuple[Attempt, ...] = (Attempt(1),)

    @property
    def attempt(self) -> Attempt:
        """The one that goes on."""
        return self.attempts[-1]

    @property
    def current_rate(self) -> Fraction:
        """The rate at which this attempt draws."""
        return rate_of_attempt(self.rate, self.attempt.n)

    @property
    def may_throw(self) -> bool:
        """Whether dice may be typed in now: both are committed, the list is agreed on, and none is revealed.

        Once an attempt is ready its dice are fixed, with or without: a share may be on its way.
        """
        return self.state is DrawState.AGREED and self.attempt.ready_at is None


def moved(draw: Protocol, to: DrawState, **changed: object) -> Protocol:
    """The draw in its next state. Raises OutOfOrder."""
    if to not in MOVES[draw.state]:
        raise OutOfOrder(f"{draw.state} -> {to}")
    return replace(draw, state=to, **changed)  # type: ignore[arg-type]


def _with(draw: Protocol, attempt: Attempt) -> Protocol:
    return replace(draw, attempts=(*draw.attempts[:-1], attempt))


def commit(draw: Protocol, party: Party, commitment: str, at: datetime) -> Protocol:
    """Take a party's commitment; the same again changes nothing.

    Raises OutOfOrder once the list is frozen or there is another commitment of this party's already.
    """
    known = draw.attempt.commitments.get(party)
    if known == commitment:
        return draw
    if known is not None:
        raise OutOfOrder("committed_already")
    if draw.state not in CHOOSING:
        raise OutOfOrder("too_late_to_commit")
    attempt = replace(draw.attempt, commitments={**draw.attempt.commitments, party: commitment})
    draw = _with(draw, attempt)
    if len(attempt.commitments) < len(Party):
        return draw
    if draw.state is DrawState.OPEN:
        return moved(draw, DrawState.COMMITTED)
    if draw.state is DrawState.RECOMMITTING:
        return _with(moved(draw, DrawState.AGREED), replace(attempt, ready_at=None))
    return draw


def recommit(draw: Protocol, party: Party, commitment: str, at: datetime) -> Protocol:
    """A party that lost its share before the list was frozen (a rebuilt node) commits to a new one."""
    if draw.state not in CHOOSING or draw.attempt.shares:
        raise OutOfOrder("too_late_to_commit")
    kept = {one: text for one, text in draw.attempt.commitments.items() if one is not party}
    state = DrawState.OPEN if draw.state is DrawState.COMMITTED else draw.state
    return commit(
        _with(replace(draw, state=state), replace(draw.attempt, commitments=kept)), party, commitment, at
    )


def close(draw: Protocol) -> Protocol:
    """The office says that the period is closed. Raises OutOfOrder without both commitments."""
    return moved(draw, DrawState.CLOSED)


def freeze(draw: Protocol, root: str) -> Protocol:
    """Headquarters' list is fixed, whether the node closed or was silent. Raises OutOfOrder."""
    return moved(draw, DrawState.FROZEN, root=root)


def answer(draw: Protocol, root: str, at: datetime) -> Protocol:
    """The other's root: the same is agreement, another is a dispute, and no share is revealed in one."""
    if draw.state not in {DrawState.FROZEN, DrawState.DISPUTED}:
        raise OutOfOrder("nothing_to_answer")
    if root == draw.root:
        return agree(draw, at)
    return draw if draw.state is DrawState.DISPUTED else moved(draw, DrawState.DISPUTED)


def settle(draw: Protocol, root: str, at: datetime) -> Protocol:
    """People have settled which list stands. Raises OutOfOrder where there is no dispute."""
    if draw.state is not DrawState.DISPUTED:
        raise OutOfOrder("no_dispute")
    return agree(replace(draw, root=root), at)


def agree(draw: Protocol, at: datetime) -> Protocol:
    """Both have the same list."""
    ready_at = None if draw.dice_wanted or draw.attempt.dice_needed else at
    return _with(moved(draw, DrawState.AGREED), replace(draw.attempt, ready_at=ready_at))


def throw(draw: Protocol, dice: str, witnesses: int, at: datetime) -> Protocol:
    """Take dice, thrown in front of two witnesses: after the freeze, before any reveal, and never twice."""
    if draw.attempt.dice and draw.attempt.dice == dice:
        return draw
    if not draw.may_throw:
        raise OutOfOrder("no_dice_now")
    if not dice or witnesses < 2:
        raise OutOfOrder("two_witnesses")
    return _with(draw, replace(draw.attempt, dice=dice, ready_at=at))


def await_no_longer(draw: Protocol, agreed_at: datetime, at: datetime) -> Protocol:
    """A first attempt that was held for dice which nobody threw for a day goes on without them."""
    waits = draw.state is DrawState.AGREED and draw.attempt.ready_at is None and not draw.attempt.dice_needed
    if waits and (not draw.dice_wanted or at - agreed_at >= DICE_AWAITED):
        return _with(draw, replace(draw.attempt, ready_at=at))
    return draw


def reveal(draw: Protocol, party: Party, share: str) -> Protocol:
    """Take a share: the office's first, then headquarters'; each only as it was committed to.

    Raises OutOfOrder, in a word: `not_ready`, `not_your_turn`, `not_what_was_committed`.
    """
    if draw.attempt.shares.get(party) == share:
        return draw
    first = draw.state is DrawState.AGREED
    if draw.state not in {DrawState.AGREED, DrawState.REVEALED} or draw.attempt.ready_at is None:
        raise OutOfOrder("not_ready")
    if party is not (Party.OFFICE if first else Party.HQ):
        raise OutOfOrder("not_your_turn")
    if commitment_of(draw.name, party, share) != draw.attempt.commitments[party]:
        raise OutOfOrder("not_what_was_committed")
    draw = _with(draw, replace(draw.attempt, shares={**draw.attempt.shares, party: share}))
    return moved(draw, DrawState.REVEALED if first else DrawState.DRAWN)


def withheld(draw: Protocol, at: datetime) -> Party | None:
    """Who has kept his share back for 24 h since it could be revealed; None while nobody has."""
    if draw.state not in {DrawState.AGREED, DrawState.REVEALED} or draw.attempt.ready_at is None:
        return None
    if at - draw.attempt.ready_at < WITHHELD_AFTER:
        return None
    return Party.OFFICE if draw.state is DrawState.AGREED else Party.HQ


def try_again(draw: Protocol, at: datetime) -> Protocol:
    """A new attempt on the same list, with new commitments, twice the rate and dice. Raises OutOfOrder."""
    by = withheld(draw, at)
    if by is None:
        raise OutOfOrder("nothing_withheld")
    ended = _with(draw, replace(draw.attempt, withheld_by=by))
    started = moved(ended, DrawState.RECOMMITTING)
    return replace(started, attempts=(*started.attempts, Attempt(draw.attempt.n + 1)))
