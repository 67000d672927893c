"""How a node checks headquarters: which list it accepts, by when each call is in one, what is to be worked on.

`protocol_rules.py` has the moves; here is what a node compares with what headquarters sends (draw.md, "Order" 3 to
5).
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from supervision.draws.protocol_rules import (
    DUE,
    SILENT_AFTER,
    STANDS_AFTER,
    SUPPLEMENT_OPEN_FOR,
    WHOLE_AFTER,
    DrawState,
    Protocol,
    fits,
)
from supervision.draws.rules import Entry, Party, TicketState, root_of, worked

# A call acknowledged just after a freeze: that list stands and is whole, a supplement opens, ends, is frozen
# without a close, and stands. Eight days; and one more for a headquarters that was away meanwhile.
TO_SPARE = timedelta(days=1)
LISTED_WITHIN = STANDS_AFTER + WHOLE_AFTER + SUPPLEMENT_OPEN_FOR + SILENT_AFTER + STANDS_AFTER + TO_SPARE
UNREPORTED_FOR = timedelta(days=2)
ASKED_FOR = timedelta(hours=1)  # after a line that was cut for days, headquarters is asked before anything is said
JUDGED = frozenset({TicketState.DONE, TicketState.UNUSABLE})


@dataclass(frozen=True)
class Standing:
    """A list of which headquarters says that it stands; `frozen` and `added`: its lines, if they were sent."""

    frozen_root: str
    frozen_at: datetime
    root: str
    agreed_at: datetime
    frozen: Sequence[Entry] | None
    added: Sequence[Entry]


@dataclass(frozen=True)
class ReceivedTicket:
    """A ticket as headquarters sent it: in whose place it came, and its number among the unusable ones."""

    call_id: str
    state: TicketState
    instead_of: str
    agreed: int


def accepted(
    draw: Protocol, own: Sequence[Entry], owed: Collection[str], said: Standing
) -> tuple[Sequence[Entry], Sequence[Entry]] | None:
    """The lines of the list that stands, and those that only we had; None where the node accepts none.

    It must hold all that headquarters froze and all of the acknowledged answer (`owed`). Before a day is over a
    list stands only where no call differs.
    """
    if said.frozen_root != draw.frozen_root:
        return None
    if root_of(own) == said.root:
        return own, ()
    if said.frozen is None:
        return None
    whole = [*said.frozen, *said.added]
    calls = {one.call_id for one in whole}
    if root_of(said.frozen) != said.frozen_root or root_of(whole) != said.root or len(calls) != len(whole):
        return None
    must_be = {one.call_id for one in own} if said.agreed_at < said.frozen_at + STANDS_AFTER else set(owed)
    return (whole, said.added) if must_be <= calls else None


def owed_calls(own: Iterable[Entry], sent_again: Iterable[uuid.UUID], *, had: bool, had_again: bool) -> set[str]:
    """The calls of our answer that the list which stands must have: all of it, if headquarters `had` it.

    A call whose facts were sent again (`sent_again`) is owed once those were acknowledged, too.
    """
    if not had:
        return set()
    lacking = set() if had_again else {str(one) for one in sent_again}
    return {one.call_id for one in own} - lacking


def listed_by(period_ends_at: datetime) -> datetime:
    """By when a call that is acknowledged in a period is in a list that stands, at the latest.

    Headquarters may put it into the period of its receipt, for reasons that a node cannot see: its clock was off.
    """
    return period_ends_at + LISTED_WITHIN


def is_share_lost(draw: Protocol, said: str, *, is_given: bool, was_there: bool) -> bool:
    """Whether this node can give no share of its own any more: headquarters has one, and says it is `said`.

    It committed to that share and has no file (`is_given`) that says for what it was given: then headquarters
    could have ground another list for a share that it knows. Or its books have no commitment, and it was put back,
    as the file says, or made anew after the period (not `was_there`). Else it gave none, whatever is said.
    """
    if Party.OFFICE in draw.commitments:
        return fits(draw, Party.OFFICE, said) and not is_given
    return is_given or not was_there


def is_compared(draw: Protocol) -> bool:
    """Whether there is a list that stands, of which something is due: only then is there something to compare."""
    return bool(draw.root) and draw.state in DUE


def is_unreported(reported_at: datetime, reached_at: datetime) -> bool:
    """Whether headquarters, which was reached then, had sent no tickets for two days."""
    return reached_at >= reported_at + UNREPORTED_FOR


def was_asked_long(asked_since: datetime, reached_at: datetime) -> bool:
    """Whether headquarters was reached for long enough since it is asked: its silence may be noted."""
    return reached_at >= asked_since + ASKED_FOR


def wrong_tickets(
    draw: Protocol, seed: str, entries: Sequence[Entry], tickets: Sequence[ReceivedTicket]
) -> list[str]:
    """The calls that should be worked on and are not, or are and should not be, or in another's place."""
    received = {one.call_id: one.instead_of for one in tickets if one.state is not TicketState.RELEASED}
    ours = _expected(draw, seed, entries, tickets)
    return sorted(call for call in received.keys() | ours.keys() if received.get(call) != ours.get(call))


def _expected(
    draw: Protocol, seed: str, entries: Sequence[Entry], tickets: Sequence[ReceivedTicket]
) -> dict[str, str]:
    """What is to be worked on, each call with the one in whose place it came."""
    if draw.state is DrawState.WHOLE:
        return {one.call_id: "" for one in entries}
    kept = worked(seed, draw.rate, entries, in_order_of_agreement(tickets))
    return {one.call_id: instead_of for one, instead_of in kept}


def in_order_of_agreement(tickets: Iterable[ReceivedTicket]) -> list[str]:
    """The calls that were found unusable, as headquarters agreed to it: their successors follow in that order."""
    gone = [one for one in tickets if one.state is TicketState.UNUSABLE]
    return [one.call_id for one in sorted(gone, key=lambda one: one.agreed)]


def is_all_judged(states: Iterable[TicketState]) -> bool:
    """Whether there are tickets, and each is done or unusable."""
    known = set(states)
    return bool(known) and known <= JUDGED
