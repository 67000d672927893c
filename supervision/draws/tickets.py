"""Work on the tickets of a draw: taking one, giving it back, counting it done, and finding one unusable.

What is counted is decided by whoever judges the evaluation (domain rule 1); here a ticket only ever moves as
`ticket_rules` allows. A ticket is never swapped, dropped or displaced.
"""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.audit.service import record, take_turns
from supervision.draws.models import Draw, Ticket
from supervision.draws.noting import note_without_audio
from supervision.draws.queries import entries_of, get_ticket
from supervision.draws.rules import NO_AUDIO, Tier, successor
from supervision.draws.ticket_rules import TicketState, Unusable, WrongMove, advance, may_agree
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.people.rules import OFFICE_ROLES, Actor, Scope

LONGEST_NOTE = 500


def take_ticket(session: Session, actor: Actor, scope: Scope, ticket_id: uuid.UUID, at: datetime) -> Ticket:
    """Take a ticket in hand; the one who has it already keeps it. Raises Refused where another has it."""
    ticket = _locked(session, scope, ticket_id)
    if ticket.state is TicketState.TAKEN:
        if ticket.taken_by != actor.account_id:
            raise Refused("ticket_taken")
        return ticket
    _refuse_other_tier(session, actor, ticket)
    _move(ticket, TicketState.TAKEN)
    ticket.taken_by, ticket.taken_at = actor.account_id, at
    record(session, actor, "ticket_taken", f"ticket:{ticket.id}", {"call": str(ticket.call_id)}, at=at)
    return ticket


def give_back(session: Session, actor: Actor, scope: Scope, ticket_id: uuid.UUID, at: datetime) -> Ticket:
    """Put a ticket back. Only the one who has it, or somebody of headquarters, may; raises Refused."""
    ticket = _locked(session, scope, ticket_id)
    if ticket.taken_by != actor.account_id and actor.role in OFFICE_ROLES:
        raise Refused("ticket_taken")
    _move(ticket, TicketState.WAITING)
    detail = {"call": str(ticket.call_id), "from": str(ticket.taken_by)}
    ticket.taken_by = ticket.taken_at = None
    record(session, actor, "ticket_given_back", f"ticket:{ticket.id}", detail, at=at)
    return ticket


def hand_over(session: Session, ticket_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Pass a ticket on to whoever takes its evaluation in hand, who has seen that no other's lease runs.

    He may have it already. Raises Refused for a ticket that is proposed as unusable.
    """
    ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
    if ticket.state is TicketState.PROPOSED:
        raise Refused("ticket_proposed")
    if ticket.state is TicketState.TAKEN and ticket.taken_by == actor.account_id:
        return
    if ticket.state is TicketState.WAITING:
        _move(ticket, TicketState.TAKEN)
    if ticket.state is not TicketState.TAKEN:
        raise Conflict(f"ticket {ticket_id} is {ticket.state}")
    detail = {"call": str(ticket.call_id), "from": str(ticket.taken_by)}
    ticket.taken_by, ticket.taken_at = actor.account_id, at
    record(session, actor, "ticket_handed_over", f"ticket:{ticket.id}", detail, at=at)


def finish_ticket(session: Session, actor: Actor, scope: Scope, ticket_id: uuid.UUID, at: datetime) -> Ticket:
    """Count a ticket: who has it has submitted an evaluation, and had played enough. Raises Refused."""
    ticket = _locked(session, scope, ticket_id)
    if ticket.taken_by != actor.account_id:
        raise Refused("ticket_taken")
    _move(ticket, TicketState.DONE)
    ticket.done_at = at
    record(session, actor, "ticket_done", f"ticket:{ticket.id}", {"call": str(ticket.call_id)}, at=at)
    return ticket


def propose_unusable(  # noqa: PLR0913 - which ticket, why, by whom, when
    session: Session,
    actor: Actor,
    scope: Scope,
    ticket_id: uuid.UUID,
    *,
    reason: Unusable,
    note: str,
    at: datetime,
) -> Ticket:
    """Say why a recording cannot be reviewed; it takes effect when another person agrees. Raises Refused."""
    note = note.replace("\r\n", "\n").strip()
    if not note:
        raise InvalidInput("note", "missing")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput("note", "too_long", f"at most {LONGEST_NOTE} characters")
    ticket = _locked(session, scope, ticket_id)
    _refuse_other_tier(session, actor, ticket)
    if ticket.state is TicketState.TAKEN and ticket.taken_by != actor.account_id:
        raise Refused("ticket_taken")
    _move(ticket, TicketState.PROPOSED)
    ticket.reason, ticket.reason_note = reason, note
    ticket.proposed_by, ticket.proposed_at = actor.account_id, at
    ticket.taken_by = ticket.taken_at = None
    detail = {"call": str(ticket.call_id), "reason": reason, "note": note}
    record(session, actor, "ticket_unusable_proposed", f"ticket:{ticket.id}", detail, at=at)
    return ticket


def decide_unusable(  # noqa: PLR0913 - which ticket, how, by whom, when
    session: Session, actor: Actor, scope: Scope, ticket_id: uuid.UUID, *, agrees: bool, at: datetime
) -> Ticket | None:
    """Another person, of headquarters, agrees or does not; the ticket that comes in its place, if there is one.

    Raises Refused for the proposer himself and for somebody of an office.
    """
    ticket = _locked(session, scope, ticket_id)
    is_of_hq = actor.role not in OFFICE_ROLES
    if not may_agree(proposer=ticket.proposed_by, agrees=actor.account_id, is_of_hq=is_of_hq):
        raise Refused("another_person")
    _move(ticket, TicketState.UNUSABLE if agrees else TicketState.WAITING)
    if agrees:
        ticket.agreed_by, ticket.agreed_at = actor.account_id, at
    detail = {"call": str(ticket.call_id), "agreed": agrees}
    record(session, actor, "ticket_unusable_decided", f"ticket:{ticket.id}", detail, at=at)
    if not agrees:
        ticket.reason, ticket.reason_note = None, ""
        ticket.proposed_by = ticket.proposed_at = None
        return None
    return _add_successor(session, ticket, at)


def _add_successor(session: Session, ticket: Ticket, at: datetime) -> Ticket | None:
    draw = session.get_one(Draw, ticket.draw_id, with_for_update=True)
    taken = {str(one) for one in session.scalars(select(Ticket.call_id).where(Ticket.draw_id == draw.id))}
    entries = entries_of(session, draw.id)
    found = successor(draw.seed or "", entries, taken, ticket.stratum)
    if found is None:
        return None  # the list is exhausted, and is shown as such
    last = session.scalar(select(func.max(Ticket.place)).where(Ticket.draw_id == draw.id)) or 0
    added = Ticket(
        draw_id=draw.id,
        call_id=uuid.UUID(found.call_id),
        place=last + 1,
        ticket=found.ticket,
        stratum=found.stratum,
        successor_of=ticket.id,
    )
    session.add(added)
    session.flush()
    if next(one.audio for one in entries if one.call_id == found.call_id) == NO_AUDIO:
        note_without_audio(session, draw, added.place, added.call_id, at)
    return added


def _locked(session: Session, scope: Scope, ticket_id: uuid.UUID) -> Ticket:
    ticket = get_ticket(session, scope, ticket_id)
    take_turns(session)  # before any row: whoever judges it does so, too
    session.refresh(ticket, with_for_update=True)
    return ticket


def _move(ticket: Ticket, to: TicketState) -> None:
    try:
        ticket.state = advance(ticket.state, to)
    except WrongMove as error:
        raise Conflict(str(error)) from error


def _refuse_other_tier(session: Session, actor: Actor, ticket: Ticket) -> None:
    """An office's people work on their own draw; headquarters' sample is not theirs to touch."""
    tier = session.get_one(Draw, ticket.draw_id).tier
    if tier is Tier.HQ and actor.role in OFFICE_ROLES:
        raise Refused("not_your_draw")
