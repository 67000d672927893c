"""The protocol of a draw as one state machine (draw.md, "Order"): every move of either party, and its condition.

Nothing is ever drawn a second time, and whatever does not go right ends with the whole list being reviewed: so no
party makes a call less likely to be due for review than its rate. Each state has an end that time alone reaches.
"""

import enum
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from supervision.draws.rules import (
    ALL_UP_TO,
    DrawName,
    Party,
    Tier,
    commitment_of,
    period_before,
    period_of,
)

MADE_AFTER = timedelta(minutes=5)  # Monday 00:05 (domain rule 2)
SEALED_BY = timedelta(hours=1)  # then the list is closed as it is
SILENT_AFTER = timedelta(hours=48)  # then the list is what was acknowledged
STANDS_AFTER = timedelta(hours=24)  # then headquarters' list stands, joined with the office's answer
WHOLE_AFTER = timedelta(hours=48)  # then all of the list is due until both shares are there
DICE_AWAITED = timedelta(hours=24)
REVIEWED_WITHIN = timedelta(days=14)  # a list drawn whole
SUPPLEMENT_OPEN_FOR = timedelta(hours=48)
COMMITTED_BEFORE_END = timedelta(days=1)
BOTH_UP_FOR = timedelta(hours=1)
CLOCK_OFF_BY = timedelta(minutes=10)
MISSED_FOR = timedelta(days=400)  # so far back a period that headquarters missed is opened at the office's close
FEWEST_DICE = 8
SECRET_BYTES = 32


class DrawState(enum.StrEnum):
    """Where a draw stands. `empty`: no call was answered; `whole`: every call of the list is due."""

    OPEN = "open"
    CLOSED = "closed"
    FROZEN = "frozen"
    AGREED = "agreed"
    REVEALED = "revealed"
    WHOLE = "whole"
    DRAWN = "drawn"
    EMPTY = "empty"


# Only on a node is a draw closed and waiting, or shown whole before its list stands: it then learns of the list.
MOVES: Mapping[DrawState, frozenset[DrawState]] = {
    DrawState.OPEN: frozenset({DrawState.CLOSED, DrawState.FROZEN}),
    DrawState.CLOSED: frozenset({DrawState.FROZEN, DrawState.WHOLE}),
    DrawState.FROZEN: frozenset({DrawState.FROZEN, DrawState.AGREED, DrawState.WHOLE, DrawState.EMPTY}),
    DrawState.AGREED: frozenset({DrawState.FROZEN, DrawState.REVEALED, DrawState.WHOLE}),
    DrawState.REVEALED: frozenset({DrawState.DRAWN, DrawState.WHOLE}),
    DrawState.WHOLE: frozenset({DrawState.FROZEN, DrawState.AGREED, DrawState.EMPTY, DrawState.DRAWN}),
    DrawState.DRAWN: frozenset(),
    DrawState.EMPTY: frozenset({DrawState.FROZEN}),
}
DUE = frozenset({DrawState.WHOLE, DrawState.DRAWN})  # there is something to review
OVER = frozenset({DrawState.DRAWN, DrawState.EMPTY})
SUPPLEMENTED = OVER | {DrawState.WHOLE}  # what came after the freeze of one of these has a draw of its own


class OutOfOrder(ValueError):
    """The protocol does not allow that now; the message says why, in a word."""


@dataclass(frozen=True)
class Terms:
    """What a share is given for, and for nothing else, ever."""

    draw: str
    office_commitment: str
    hq_commitment: str
    root: str
    rate: str
    dice: str


@dataclass(frozen=True)
class NamedTerms:
    """What the office named: commitments and rate in its close, root and dice in its reveal; None: not yet."""

    office_commitment: str | None
    hq_commitment: str | None
    rate: str | None
    root: str | None
    dice: str = ""


@dataclass(frozen=True)
class Protocol:
    """One draw as far as a party knows it. `root` is that of the list that stands.

    `agreed_at`: since when it knows of a list that stands. If it is made anew, no term that ran from there is put
    off. `frozen_root` is that of the list as headquarters froze it. `closed_at` is when the office closed.
    `other_terms`, at headquarters: the office gave its share for something else than headquarters holds to be so.
    """

    name: DrawName
    rate: Fraction
    ends_at: datetime
    state: DrawState = DrawState.OPEN
    commitments: Mapping[Party, str] = field(default_factory=dict)
    closed_at: datetime | None = None
    frozen_at: datetime | None = None
    frozen_root: str = ""
    agreed_at: datetime | None = None
    root: str = ""
    calls: int = 0
    dice: str = ""
    shares: Mapping[Party, str] = field(default_factory=dict)
    other_terms: bool = False

    @property
    def tier(self) -> Tier:
        """Whose quota it serves."""
        return self.name.tier

    @property
    def is_small(self) -> bool:
        """Whether it is a supplementary draw of five calls or fewer: whole at once, without shares."""
        return self.name.supplement > 0 and self.calls <= ALL_UP_TO

    @property
    def terms(self) -> Terms | None:
        """What a share of it would be given for; None without both commitments or a list that stands."""
        office, hq = self.commitments.get(Party.OFFICE), self.commitments.get(Party.HQ)
        if office is None or hq is None or not self.root:
            return None
        return Terms(str(self.name), office, hq, self.root, str(self.rate), self.dice)


def share_of(secret: bytes, draw: str) -> str:
    """A party's share of a draw, in hex: it follows from the draw secret, so that it cannot be chosen anew."""
    return hmac.new(secret, draw.encode(), "sha256").hexdigest()


def _move(draw: Protocol, to: DrawState, **changed: object) -> Protocol:
    if to not in MOVES[draw.state]:
        raise OutOfOrder(f"{draw.state} -> {to}")
    return replace(draw, state=to, **changed)  # type: ignore[arg-type]


def current_name(tier: Tier, office_code: str, today: date) -> DrawName:
    """The draw of the period that goes on, which either party opens by itself."""
    return DrawName(tier, office_code, period_of(tier, today))


def may_open(name: DrawName, today: date, *, closes: bool) -> bool:
    """Whether headquarters opens a draw of which it knows nothing, as an office speaks of it.

    That of this period or the one before; of another, which it missed wholly, only at the office's close. A
    supplementary one is headquarters' own to open.
    """
    if name.supplement or today < name.period.first:
        return False
    current = period_of(name.tier, today)
    is_missed = name.period.after <= today < name.period.after + MISSED_FOR
    return name.period in {current, period_before(name.tier, current)} or (closes and is_missed)


def commitments_due(ends_at: datetime, opened_at: datetime) -> datetime:
    """From when on it is an incident that a commitment is missing: a day before the end of its period.

    A side that was first started later than that has an hour to exchange commitments (draw.md, Order 1).
    """
    return max(ends_at - COMMITTED_BEFORE_END, opened_at + BOTH_UP_FOR)


def missing_commitments(draw: Protocol) -> list[Party]:
    """Who has not committed yet, as far as this party knows."""
    return [party for party in Party if party not in draw.commitments]


def commit(draw: Protocol, party: Party, commitment: str, at: datetime) -> Protocol:
    """Store a party's commitment in place of the one before; `at` by the clock of the one who stores it.

    Raises OutOfOrder once the period is over, or this party froze or built a list, or gave a share.
    """
    if draw.commitments.get(party) == commitment:
        return draw
    if draw.state is not DrawState.OPEN or at >= draw.ends_at or draw.shares:
        raise OutOfOrder("too_late_to_commit")
    return replace(draw, commitments={**draw.commitments, party: commitment})


def closes_at(draw: Protocol, *, work_left: bool) -> datetime:
    """When the office says that the period is over: once its calls are over and sealed, or an hour has passed."""
    return draw.ends_at + (SEALED_BY if work_left else MADE_AFTER)


def close(draw: Protocol, at: datetime) -> Protocol:
    """The office says that the period is over: at a node by its own clock, at headquarters by headquarters'.

    What is closed already stays where it stands. Raises OutOfOrder before the end.
    """
    if at < draw.ends_at:
        raise OutOfOrder("too_early")
    closed = replace(draw, closed_at=draw.closed_at or at)
    return _move(closed, DrawState.CLOSED) if draw.state is DrawState.OPEN else closed


def asks_to_close_again(draw: Protocol, at: datetime, *, was_early: bool) -> bool:
    """Whether headquarters asks for a close anew: one was said too early, and the period is over by now."""
    return was_early and draw.frozen_at is None and at >= draw.ends_at


def may_close_again(draw: Protocol) -> bool:
    """Whether a node says once more that it closed: it did, and knows of no list yet."""
    return draw.closed_at is not None and draw.frozen_at is None


def may_freeze(draw: Protocol, at: datetime) -> bool:
    """Whether headquarters' list may be fixed by then: never before the end."""
    return at >= draw.ends_at


def freeze(draw: Protocol, root: str, calls: int, at: datetime) -> Protocol:
    """Headquarters' list is fixed, at the office's close or without it. Raises OutOfOrder before the end."""
    if not may_freeze(draw, at):
        raise OutOfOrder("too_early")
    if draw.shares:
        raise OutOfOrder("share_given")
    cleared = replace(draw, root="")
    return _move(cleared, DrawState.FROZEN, frozen_root=root, calls=calls, frozen_at=at)


def may_stand(draw: Protocol, answered: str | None, *, only_strata: bool, at: datetime) -> bool:
    """Whether the frozen list stands now: the answer says the same, differs in strata only, or 24 h are over."""
    if draw.state is not DrawState.FROZEN or draw.frozen_at is None:
        return False
    same = answered is not None and (answered == draw.frozen_root or only_strata)
    return same or at >= draw.frozen_at + STANDS_AFTER


def agree(draw: Protocol, root: str, calls: int, at: datetime) -> Protocol:
    """The list stands. Without a call all is over, and five late calls or fewer are whole at once."""
    stands = replace(draw, root=root, calls=calls, agreed_at=draw.agreed_at or at)
    if not calls:
        return _move(stands, DrawState.EMPTY)
    if draw.state is DrawState.WHOLE and not stands.is_small:
        return _move(stands, DrawState.AGREED)
    if draw.state is DrawState.WHOLE:
        return stands
    return _move(stands, DrawState.WHOLE if stands.is_small else DrawState.AGREED)


def may_ask_for_dice(draw: Protocol) -> bool:
    """Whether somebody may still ask for dice: until the office has revealed."""
    over = draw.state in OVER or draw.is_small
    return not over and Party.OFFICE not in draw.shares


def may_type_dice(draw: Protocol) -> bool:
    """Whether dice may be typed in: they are thrown after the freeze, and before the office reveals."""
    known = draw.state in {DrawState.FROZEN, DrawState.AGREED, DrawState.WHOLE}
    return known and draw.frozen_at is not None and may_ask_for_dice(draw)


def confirmed_dice(office: str, hq: str) -> str:
    """The dice of a draw: what a witness of each side typed in alike; none otherwise."""
    return office if office and office == hq else ""


def common_terms(draw: Protocol, named: NamedTerms, office_dice: str, hq_dice: str) -> Terms | None:
    """At headquarters: the terms that the office named, where all are its own, too; else None.

    Of dice only those count that its own witness typed in as well.
    """
    if named.dice != (hq_dice if named.dice else confirmed_dice(office_dice, hq_dice)):
        return None
    terms = replace(draw, dice=named.dice).terms
    if terms is None:
        return None
    own = (terms.office_commitment, terms.hq_commitment, terms.rate, terms.root)
    return terms if own == (named.office_commitment, named.hq_commitment, named.rate, named.root) else None


def waits_for_dice(draw: Protocol, *, asked: bool, at: datetime) -> bool:
    """Whether the office holds its share back for dice: for a day at most since it learned of the agreement."""
    if not asked or draw.dice or draw.agreed_at is None:
        return False
    return at < draw.agreed_at + DICE_AWAITED


def may_reveal(draw: Protocol) -> bool:
    """Whether the office may give its share now: it closed, both committed, and a list stands."""
    ready = draw.state in {DrawState.AGREED, DrawState.WHOLE} and draw.closed_at is not None
    return ready and not draw.shares and not draw.is_small and draw.terms is not None


def reveal(draw: Protocol, share: str) -> Protocol:
    """The office's share is there; it counts whenever it comes. Raises OutOfOrder for one that does not fit."""
    if draw.shares.get(Party.OFFICE) == share:
        return draw
    if draw.is_small or draw.state not in {DrawState.AGREED, DrawState.WHOLE}:
        raise OutOfOrder("not_ready")
    _refuse_unfit(draw, Party.OFFICE, share)
    revealed = replace(draw, shares={**draw.shares, Party.OFFICE: share})
    return _move(revealed, DrawState.REVEALED) if draw.state is DrawState.AGREED else revealed


def give(draw: Protocol, share: str) -> Protocol:
    """Headquarters' share is there, too: the draw is made, or the whole list shrinks to its tickets."""
    if draw.shares.get(Party.HQ) == share:
        return draw
    if Party.OFFICE not in draw.shares:
        raise OutOfOrder("not_your_turn")
    _refuse_unfit(draw, Party.HQ, share)
    return _move(replace(draw, shares={**draw.shares, Party.HQ: share}), DrawState.DRAWN)


def fits(draw: Protocol, party: Party, share: str) -> bool:
    """Whether a share is what this party committed to."""
    return commitment_of(str(draw.name), party, share) == draw.commitments.get(party)


def _refuse_unfit(draw: Protocol, party: Party, share: str) -> None:
    if not fits(draw, party, share):
        raise OutOfOrder("not_what_was_committed")


def due_move(draw: Protocol, party: Party, at: datetime) -> DrawState | None:
    """Where time alone brings a draw by now, as this party sees it; None: nowhere yet."""
    over_at = draw.ends_at + SILENT_AFTER
    known = draw.agreed_at + WHOLE_AFTER if draw.agreed_at else None
    if draw.state in {DrawState.AGREED, DrawState.REVEALED} and known is not None:
        return DrawState.WHOLE if at >= known else None
    if party is Party.OFFICE:
        if draw.state is DrawState.OPEN and draw.closed_at is None:
            return DrawState.CLOSED if at >= draw.ends_at + MADE_AFTER else None
        waited = draw.state in {DrawState.CLOSED, DrawState.FROZEN} and draw.closed_at is not None
        return DrawState.WHOLE if waited and at >= (draw.closed_at or at) + WHOLE_AFTER else None
    if draw.state in {DrawState.OPEN, DrawState.CLOSED}:
        return DrawState.FROZEN if at >= over_at else None
    if draw.state is DrawState.FROZEN and draw.frozen_at is not None:
        return DrawState.AGREED if at >= draw.frozen_at + STANDS_AFTER else None
    return None


def make_whole(draw: Protocol) -> Protocol:
    """All of the list is due, from now until both shares are there; what is whole already stays so."""
    return draw if draw.state is DrawState.WHOLE else _move(draw, DrawState.WHOLE)


def has_failed(draw: Protocol, party: Party) -> bool:
    """Whether headquarters' own books lack what this party had to give though they hold the other's.

    A share of the office's that it gave for other terms is none that headquarters had to answer. Where neither
    committed, headquarters failed: it is its work to be there.
    """
    for given in (draw.commitments, {} if draw.other_terms else draw.shares):
        if party not in given and party.other in given:
            return True
    return party is Party.HQ and not draw.commitments


def reviewer_of(draw: Protocol) -> Party:
    """Who reviews a list: the tier's own, and of an office's list drawn whole headquarters, where it failed."""
    if draw.tier is Tier.HQ:
        return Party.HQ
    spoiled = draw.state is DrawState.WHOLE and not draw.is_small and has_failed(draw, Party.HQ)
    return Party.HQ if spoiled else Party.OFFICE


def passes_to_headquarters(draw: Protocol, reviewer: Party | None) -> bool:
    """Whether an office's list that is whole becomes headquarters' to review: its own books say that it failed.

    They may say so only later: the office's share comes late, and headquarters' is not given.
    """
    is_whole = draw.state is DrawState.WHOLE and reviewer is Party.OFFICE
    return is_whole and reviewer_of(draw) is Party.HQ


def is_nothing_to_come(draw: Protocol, *, judged: bool) -> bool:
    """Whether of a list that is whole all is judged: what was out of order makes no difference any more."""
    return draw.state is DrawState.WHOLE and judged


def counts_in_assessment(draw: Protocol) -> bool:
    """Whether what is judged of it counts for a person: never while headquarters' share is missing."""
    return Party.HQ in draw.shares
