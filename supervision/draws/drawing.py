"""At headquarters: the tickets of a list that was drawn, that is due whole, or that shrinks to its tickets."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.clock import day_bounds, local
from supervision.draws.book import name_of, protocol_of, save
from supervision.draws.models import Draw, Ticket
from supervision.draws.noting import note_over, note_whole, note_without_audio
from supervision.draws.period_rules import last_day
from supervision.draws.protocol_rules import REVIEWED_WITHIN, DrawState, Protocol, make_whole, reviewer_of
from supervision.draws.queries import entries_of
from supervision.draws.rules import NO_AUDIO, Drawn, Entry, Party, order_of_whole, seed_of, worked
from supervision.draws.ticket_rules import TicketState
from supervision.incidents.rules import Cause

ENDED_BY_DRAW = (
    Cause.DRAW_SHARE_WRONG,
    Cause.DRAW_UNCOMMITTED,
    Cause.DRAW_OUT_OF_ORDER,
    Cause.DRAW_LISTS_DIFFER,
)
_ASIDE = 1_000_000  # where places wait while they are given anew


def draw_whole(session: Session, found: Draw, protocol: Protocol, at: datetime) -> None:
    """Every call of the list is due, from now on until both shares are there; who has to review it is told."""
    if protocol.state is not DrawState.WHOLE:
        protocol = make_whole(protocol)
    save(session, found, protocol)
    found.whole_at, found.reviewer = at, reviewer_of(protocol)
    found.due_at = due_of_whole(at)
    entries = entries_of(session, found.id)
    _add_tickets(session, found, order_of_whole(found.name, found.root or "", entries), entries, at)
    detail = {"draw": found.name, "calls": len(entries), "reviewer": found.reviewer.value}
    record(session, None, "draw_whole", f"draw:{found.id}", detail, found.office_code, at)
    note_over(session, found, Cause.DRAW_UNCOMMITTED, at)
    if not protocol.is_small:
        note_whole(session, found, at)


def renew_reviewer(session: Session, found: Draw, at: datetime) -> None:
    """An office's list that is whole is headquarters' to review as soon as its own books say that it failed.

    They may say so only later: the office's share comes late, and ours is not given. Its due date stays, and who
    has to review it now is told.
    """
    if found.state is not DrawState.WHOLE or found.reviewer is not Party.OFFICE:
        return
    if reviewer_of(protocol_of(found)) is Party.HQ:
        found.reviewer = Party.HQ
        detail = {"draw": found.name, "reviewer": found.reviewer.value}
        record(session, None, "draw_reviewer", f"draw:{found.id}", detail, found.office_code, at)
        note_whole(session, found, at)


def due_of_whole(at: datetime) -> datetime:
    """The end of the fourteenth day after."""
    return day_bounds(local(at + REVIEWED_WITHIN).date())[1]


def make_draw(session: Session, found: Draw, protocol: Protocol, at: datetime) -> None:
    """Both shares are known: work out the seed, and write the tickets down, or shrink the whole list to them."""
    shares, entries = protocol.shares, entries_of(session, found.id)
    save(session, found, protocol)
    found.drawn_at = at
    found.seed = seed_of(found.name, found.root or "", shares[Party.OFFICE], shares[Party.HQ], found.dice)
    if found.whole_at is None:
        found.due_at = day_bounds(last_day(name_of(found), local(at).date()))[1]
        found.reviewer = reviewer_of(protocol)
        tickets = worked(found.seed, protocol.rate, entries, ())
        _add_tickets(session, found, [one for one, _ in tickets], entries, at)
    else:
        _shrink(session, found, protocol.rate, entries, at)
    for cause in ENDED_BY_DRAW:
        note_over(session, found, cause, at)
    detail = {"draw": found.name, "seed": found.seed, "calls": len(entries)}
    record(session, None, "draw_made", f"draw:{found.id}", detail, found.office_code, at)


def _add_tickets(
    session: Session, found: Draw, drawn: Sequence[Drawn], entries: Iterable[Entry], at: datetime
) -> None:
    silent = {one.call_id for one in entries if one.audio == NO_AUDIO}
    for place, one in enumerate(drawn, start=1):
        call_id = uuid.UUID(one.call_id)
        session.add(Ticket(draw_id=found.id, call_id=call_id, place=place, ticket=one.ticket, stratum=one.stratum))
        if one.call_id in silent:
            note_without_audio(session, found, place, call_id, at)
    session.flush()


def _shrink(session: Session, found: Draw, rate: Fraction, entries: Sequence[Entry], at: datetime) -> None:
    """What was judged meanwhile is done where it was drawn, and stays as a directed check where it was not.

    An unusable one gets its successor now; the due date does not move.
    """
    rows = {str(one.call_id): one for one in session.scalars(select(Ticket).where(Ticket.draw_id == found.id))}
    gone = [one for one in rows.values() if one.state is TicketState.UNUSABLE]
    unusable = [str(one.call_id) for one in sorted(gone, key=lambda one: one.agreed_n)]
    for row in rows.values():
        row.place += _ASIDE
    session.flush()
    kept = worked(found.seed or "", rate, entries, unusable)
    for place, (one, instead_of) in enumerate(kept, start=1):
        row = rows.pop(one.call_id)
        row.place, row.ticket = place, one.ticket
        if instead_of:
            before = select(Ticket).where(Ticket.draw_id == found.id, Ticket.call_id == uuid.UUID(instead_of))
            row.successor_of = session.scalars(before).one().id
    for place, row in enumerate(sorted(rows.values(), key=lambda one: one.place), start=len(kept) + 1):
        row.place, row.state = place, TicketState.RELEASED
    session.flush()
    detail = {"draw": found.name, "tickets": len(kept), "released": len(rows)}
    record(session, None, "draw_shrunk", f"draw:{found.id}", detail, found.office_code, at)
