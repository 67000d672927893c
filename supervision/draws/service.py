"""What people do about a draw and its tickets; each act refuses what the protocol does not allow at that time.

About a draw: ask for dice, type them in, confirm that no call came, raise the norm. About a ticket: take it,
pass it on, count it done, find it unusable. What is counted is decided by whoever judges the evaluation (domain
rule 1); here a ticket only ever moves as the rules allow, and it is never swapped, dropped or displaced.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.audit.rules import subject_of
from supervision.audit.service import lock_log, record
from supervision.context import Context
from supervision.draws.messages import DICE, SentAsk, SentDice
from supervision.draws.models import Draw, DrawNorm, Ticket
from supervision.draws.party import ask_of, note_without_audio, protocol_of, store_ask, store_dice
from supervision.draws.protocol_rules import FEWEST_DICE, DrawState, may_ask_for_dice, may_type_dice
from supervision.draws.queries import entries_of, get_draw, get_ticket, has_speech
from supervision.draws.rules import (
    NO_AUDIO,
    Party,
    TicketState,
    Tier,
    Unusable,
    WrongMove,
    advance,
    may_agree,
    may_be_norm,
    successor,
)
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.texts import required_text


def ask_for_dice(context: Context, draw_id: uuid.UUID, *, reason: str, site: Party) -> Draw:
    """Have the office wait for dice, for a day at most after it learned of the agreement. Raises Refused."""
    reason = required_text(" ".join(reason.split()))
    found = _lock_draw(context, draw_id)
    if not may_ask_for_dice(protocol_of(found)) or ask_of(found, site):
        raise Refused("draw_too_late")
    store_ask(found, site, SentAsk(who=_named(context.actor), reason=reason, at=context.at))
    _note_draw(context, "draw_dice_asked", found, {"draw": found.name, "reason": reason})
    return found


def withdraw_dice(context: Context, draw_id: uuid.UUID, *, site: Party) -> Draw:
    """Ask no longer; only who asked may. Raises Refused."""
    found = _lock_draw(context, draw_id)
    asked = ask_of(found, site)
    if asked is None or asked.who != _named(context.actor):
        raise Refused("only_who_asked")
    store_ask(found, site, None)
    _note_draw(context, "draw_dice_withdrawn", found, {"draw": found.name})
    return found


def type_dice(context: Context, draw_id: uuid.UUID, *, dice: str, site: Party) -> Draw:
    """Confirm, as this side's witness, what was thrown. It counts once the other side's says the same.

    Raises InvalidInput for what are not at least eight dice, Refused out of order and on the other side's site.
    """
    thrown = " ".join(re.findall(r"\d", dice))
    too_few = len(thrown.split()) < FEWEST_DICE
    if not re.fullmatch(DICE, thrown) or too_few or re.search(r"[^\d\s,，、]", dice):
        raise InvalidInput("dice", "malformed")
    found = _lock_draw(context, draw_id)
    if (site is Party.OFFICE) is not (context.actor.role in OFFICE_ROLES):
        raise Refused("own_side")
    if not may_type_dice(protocol_of(found)):
        raise Refused("draw_no_dice_now")
    store_dice(found, site, SentDice(dice=thrown, witness=_named(context.actor), at=context.at))
    _note_draw(context, "draw_dice_typed", found, {"draw": found.name, "dice": thrown})
    return found


def _named(actor: Actor) -> str:
    return f"{actor.name} ({actor.login})"[:128]


def _note_draw(context: Context, act: str, draw: Draw, detail: Mapping[str, object]) -> None:
    record(context.session, context.actor, act, subject_of("draw", draw.id), detail, draw.office_code, context.at)


def confirm_none(context: Context, draw_id: uuid.UUID) -> Draw:
    """Give one's word, for the office or for headquarters, that no call was answered. Raises Refused."""
    found = _lock_draw(context, draw_id)
    if found.state is not DrawState.EMPTY:
        raise Refused("draw_has_calls")
    if context.actor.role in OFFICE_ROLES:
        found.none_by_office = found.none_by_office or _named(context.actor)
    else:
        found.none_by_hq = found.none_by_hq or _named(context.actor)
    _note_draw(context, "draw_none_confirmed", found, {"draw": found.name})
    return found


def raise_norm(context: Context, *, tier: Tier, percent: int, reason: str) -> DrawNorm:
    """Set how many percent are drawn of periods that are opened from now on; never under the floor."""
    reason = required_text(reason)
    if not may_be_norm(tier, percent):
        raise Refused("under_the_floor")
    session, actor = context.session, context.actor
    if actor.role is not Role.SUPERVISION_HEAD:
        raise Refused("head_only")
    norm = DrawNorm(tier=tier, percent=percent, reason=reason, since_at=context.at, decided_by=actor.account_id)
    session.add(norm)
    session.flush()
    record(
        session,
        actor,
        "draw_norm_set",
        subject_of("norm", norm.id),
        {"tier": tier, "percent": percent},
        at=context.at,
    )
    return norm


def _lock_draw(context: Context, draw_id: uuid.UUID) -> Draw:
    found = get_draw(context.session, context.scope, draw_id)
    context.session.refresh(found, with_for_update=True)
    return found


def take_ticket(context: Context, ticket_id: uuid.UUID) -> Ticket:
    """Take a ticket in hand; the one who has it already keeps it. Raises Refused where another has it."""
    ticket, actor = _lock_ticket(context, ticket_id), context.actor
    if ticket.state is TicketState.TAKEN:
        if ticket.taken_by != actor.account_id:
            raise Refused("ticket_taken")
        return ticket
    if actor.role in OFFICE_ROLES:
        _refuse_other_side(context, ticket)
    _move_ticket(ticket, TicketState.TAKEN)
    ticket.taken_by, ticket.taken_at = actor.account_id, context.at
    _note_ticket(context, "ticket_taken", ticket, {})
    return ticket


def reassign_ticket(context: Context, ticket_id: uuid.UUID) -> None:
    """Pass a ticket on to whoever takes its evaluation in hand, who has seen that no other's lease runs.

    He may have it already. Raises Refused for a ticket that is proposed as unusable.
    """
    ticket, actor = context.session.get_one(Ticket, ticket_id, with_for_update=True), context.actor
    if ticket.state is TicketState.PROPOSED:
        raise Refused("ticket_proposed")
    if ticket.state is TicketState.TAKEN and ticket.taken_by == actor.account_id:
        return
    if ticket.state is TicketState.RELEASED:
        return  # what is judged of it is a directed check, for which nobody needs a ticket
    if ticket.state is TicketState.WAITING:
        _move_ticket(ticket, TicketState.TAKEN)
    if ticket.state is not TicketState.TAKEN:
        raise Conflict(f"ticket {ticket_id} is {ticket.state}")
    before = str(ticket.taken_by)
    ticket.taken_by, ticket.taken_at = actor.account_id, context.at
    _note_ticket(context, "ticket_handed_over", ticket, {"from": before})


def finish_ticket(context: Context, ticket_id: uuid.UUID) -> Ticket:
    """Count a ticket: who has it has submitted an evaluation, and had played enough. Raises Refused."""
    ticket = _lock_ticket(context, ticket_id)
    if ticket.taken_by != context.actor.account_id:
        raise Refused("ticket_taken")
    _move_ticket(ticket, TicketState.DONE)
    ticket.done_at = context.at
    _note_ticket(context, "ticket_done", ticket, {})
    return ticket


def propose_unusable(context: Context, ticket_id: uuid.UUID, *, reason: Unusable, note: str) -> Ticket:
    """Say why a recording cannot be reviewed; it takes effect when another person agrees. Raises Refused."""
    note = required_text(note, "note")
    ticket, actor = _lock_ticket(context, ticket_id), context.actor
    is_his = ticket.state is TicketState.TAKEN and ticket.taken_by == actor.account_id
    if not is_his:
        _refuse_other_side(context, ticket)
    if ticket.state is TicketState.TAKEN and not is_his:
        raise Refused("ticket_taken")
    _refuse_speech(context.session, ticket)
    _move_ticket(ticket, TicketState.PROPOSED)
    ticket.reason, ticket.reason_note = reason, note
    ticket.proposed_by, ticket.proposed_at = actor.account_id, context.at
    ticket.taken_by = ticket.taken_at = None
    _note_ticket(context, "ticket_unusable_proposed", ticket, {"reason": reason, "note": note})
    return ticket


def decide_unusable(context: Context, ticket_id: uuid.UUID, *, agrees: bool) -> Ticket | None:
    """Another person, of headquarters, agrees or does not; the ticket that comes in its place, if there is one.

    Raises Refused for the proposer himself, for somebody of an office, in headquarters' draw for anybody but the
    head, and where somebody speaks in the recording.
    """
    session, actor, at = context.session, context.actor, context.at
    ticket = _lock_ticket(context, ticket_id)
    draw = session.get_one(Draw, ticket.draw_id, with_for_update=True)
    is_of_hq, is_head = actor.role not in OFFICE_ROLES, actor.role is Role.SUPERVISION_HEAD
    people = {"proposer": ticket.proposed_by, "agrees": actor.account_id}
    if not may_agree(**people, is_of_hq=is_of_hq, is_head=True, tier=draw.tier):
        raise Refused("another_person")
    if not may_agree(**people, is_of_hq=is_of_hq, is_head=is_head, tier=draw.tier):
        raise Refused("head_only")
    if agrees:
        _refuse_speech(session, ticket)
    last = session.scalar(select(func.max(Ticket.agreed_n)).where(Ticket.draw_id == draw.id)) or 0
    _move_ticket(ticket, TicketState.UNUSABLE if agrees else TicketState.WAITING)
    if agrees:
        ticket.agreed_by, ticket.agreed_at, ticket.agreed_n = actor.account_id, at, last + 1
    _note_ticket(context, "ticket_unusable_decided", ticket, {"agreed": agrees})
    if not agrees:
        ticket.reason, ticket.reason_note = None, ""
        ticket.proposed_by = ticket.proposed_at = None
        return None
    # Of a list that is whole every call is due: there is none that could come in its place.
    return _add_successor(session, draw, ticket, at) if draw.state is DrawState.DRAWN else None


def _add_successor(session: Session, draw: Draw, ticket: Ticket, at: datetime) -> Ticket | None:
    rows = {str(one.call_id): one for one in session.scalars(select(Ticket).where(Ticket.draw_id == draw.id))}
    taken = {call for call, one in rows.items() if one.state is not TicketState.RELEASED}
    entries = entries_of(session, draw.id)
    found = successor(draw.seed or "", entries, taken, ticket.stratum)
    if found is None:
        return None  # the list is exhausted, and is shown as such
    if (again := rows.get(found.call_id)) is not None:
        _take_up_again(again, ticket, found.ticket)
        session.flush()
        return _add_successor(session, draw, again, at) if again.state is TicketState.UNUSABLE else again
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


def _take_up_again(released: Ticket, ticket: Ticket, hashed: str) -> None:
    """A call that was due while the list was whole is due once more; what was judged of it counts now."""
    released.state = TicketState.WAITING if released.done_at is None else TicketState.DONE
    if released.agreed_by is not None:
        released.state = TicketState.UNUSABLE
    released.ticket, released.successor_of = hashed, ticket.id


def _lock_ticket(context: Context, ticket_id: uuid.UUID) -> Ticket:
    ticket = get_ticket(context.session, context.scope, ticket_id)
    lock_log(context.session)  # before any row: whoever judges it does so, too
    context.session.refresh(ticket, with_for_update=True)
    return ticket


def _note_ticket(context: Context, act: str, ticket: Ticket, said: Mapping[str, object]) -> None:
    detail = {"call": str(ticket.call_id), **said}
    record(context.session, context.actor, act, subject_of("ticket", ticket.id), detail, at=context.at)


def _move_ticket(ticket: Ticket, to: TicketState) -> None:
    try:
        ticket.state = advance(ticket.state, to)
    except WrongMove as error:
        raise Conflict(str(error)) from error


def _refuse_other_side(context: Context, ticket: Ticket) -> None:
    """Each side works on the lists that are its own to review."""
    reviewer = context.session.get_one(Draw, ticket.draw_id).reviewer
    if (reviewer is Party.OFFICE) is not (context.actor.role in OFFICE_ROLES):
        raise Refused("not_your_draw")


def _refuse_speech(session: Session, ticket: Ticket) -> None:
    """Where either side measured speech in its own copy, a recording is never unusable."""
    if has_speech(session, ticket.call_id):
        raise Refused("somebody_speaks")
