"""Taking a call in hand to judge it: a lease on its row, so that two people never judge one unknowingly.

Whoever comes second is told who has it. A lease runs out when nothing is heard of its holder; what he wrote
stays his, in a draft of his own. So does what he submitted too early: another may then judge the call in his
place, with a judgement and a hearing of his own, beside the first.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.audit.service import record, take_turns
from supervision.calls.queries import get_call
from supervision.draws import service as draws
from supervision.draws.models import Draw
from supervision.draws.queries import get_ticket
from supervision.draws.rules import TicketState, Unusable
from supervision.errors import Conflict, NotFound, Refused
from supervision.evaluations.assignments import (
    assignment_of_call,
    assignment_of_drawn,
    people_by_call,
    refuse_unfit,
)
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import get_task
from supervision.evaluations.rules import LEASE, EvaluationState, Kind, is_free_for
from supervision.people.models import Account
from supervision.people.rules import Actor, Scope
from supervision.recordings.queries import get_sealed
from supervision.scorecards.queries import get_in_force


def take_ticket(session: Session, actor: Actor, scope: Scope, ticket_id: uuid.UUID, at: datetime) -> Evaluation:
    """Take a ticket in hand, anew or once more. Raises NotFound, or Refused and says who has it."""
    ticket = get_ticket(session, scope, ticket_id)
    take_turns(session)  # who submits holds the log already, and locks the next ticket after it
    session.refresh(ticket, with_for_update=True)
    draw = session.get_one(Draw, ticket.draw_id)
    people = people_by_call(session, [ticket.call_id]).get(ticket.call_id, set())
    refuse_unfit(actor, assignment_of_drawn(draw, people), f"ticket {ticket_id}")
    found = session.scalars(select(Evaluation).where(Evaluation.ticket_id == ticket_id)).one_or_none()
    if ticket.state is TicketState.PROPOSED:
        raise Refused("ticket_proposed")
    if found is not None:
        return _take_over(session, actor, found, at)
    draws.take_ticket(session, actor, scope, ticket_id, at)
    made = _new(session, actor, Kind.TICKET, ticket.call_id, draw.office_code, at)
    made.ticket_id, made.tier, made.drawn_at = ticket.id, draw.tier, draw.drawn_at
    return _begin(session, actor, made, at)


def take_call(session: Session, actor: Actor, scope: Scope, call_id: uuid.UUID, at: datetime) -> Evaluation:
    """A directed check: a person chooses the call himself. It never counts for a quota (draw.md)."""
    call = get_call(session, scope, call_id)
    refuse_unfit(actor, assignment_of_call(session, call), f"call {call_id}")
    get_sealed(session, scope, call_id)
    query = select(Evaluation).where(
        Evaluation.call_id == call_id,
        Evaluation.kind == Kind.DIRECTED,
        Evaluation.state == EvaluationState.DRAFT,
        Evaluation.reviewer_id == actor.account_id,
    )
    if (mine := session.scalars(query).one_or_none()) is not None:
        return mine
    return _begin(session, actor, _new(session, actor, Kind.DIRECTED, call_id, call.office_code, at), at)


def take_again(session: Session, actor: Actor, scope: Scope, evaluation_id: uuid.UUID, at: datetime) -> Evaluation:
    """Take in hand what was begun by oneself or by somebody silent, or a re-score that nobody has begun."""
    return _take_over(session, actor, get_task(session, actor, scope, evaluation_id), at)


def put_back(session: Session, actor: Actor, scope: Scope, evaluation_id: uuid.UUID, at: datetime) -> None:
    """Let go of what one has in hand, so that another may take it. What was written stays."""
    evaluation = _in_hand(session, actor, scope, evaluation_id)
    if evaluation.is_judged:
        raise Refused("submitted_already")
    evaluation.held_until = at
    record(session, actor, "evaluation_put_back", f"evaluation:{evaluation.id}", {}, evaluation.office_code, at)


def find_unusable(  # noqa: PLR0913 - which evaluation, why, by whom, when
    session: Session,
    actor: Actor,
    scope: Scope,
    evaluation_id: uuid.UUID,
    *,
    reason: Unusable,
    note: str,
    at: datetime,
) -> None:
    """Propose the ticket in hand as unusable and let go of it. What was written stays, should another not agree.

    So does what was submitted of a call that cannot be heard well enough to count. Raises Refused for what was
    not drawn, what is not in one's hand and what counts.
    """
    evaluation = _in_hand(session, actor, scope, evaluation_id)
    if evaluation.ticket_id is None:
        raise Refused("no_ticket")
    if not evaluation.is_judged:
        put_back(session, actor, scope, evaluation_id, at)
    elif evaluation.is_settled:
        raise Refused("submitted_already")
    draws.propose_unusable(session, actor, scope, evaluation.ticket_id, reason=reason, note=note, at=at)


def _in_hand(session: Session, actor: Actor, scope: Scope, evaluation_id: uuid.UUID) -> Evaluation:
    evaluation = get_task(session, actor, scope, evaluation_id)
    take_turns(session)
    session.refresh(evaluation, with_for_update=True)
    if evaluation.reviewer_id != actor.account_id:
        raise Refused("not_in_hand")
    return evaluation


def have_ticket(session: Session, actor: Actor, evaluation: Evaluation, at: datetime) -> None:
    """See that whoever judges a drawn call has its ticket. Raises Refused where it is proposed as unusable."""
    if evaluation.ticket_id is not None:
        draws.reassign_ticket(session, evaluation.ticket_id, actor, at)


def _take_over(session: Session, actor: Actor, evaluation: Evaluation, at: datetime) -> Evaluation:
    take_turns(session)
    session.refresh(evaluation, with_for_update=True)
    is_mine = evaluation.reviewer_id == actor.account_id
    if evaluation.is_settled:
        if not is_mine:
            raise Refused("submitted_already", _name(session, evaluation.reviewer_id))
        return evaluation
    if not is_free_for(evaluation.lease, actor.account_id, at):
        raise Refused("in_hand", _name(session, evaluation.reviewer_id))
    have_ticket(session, actor, evaluation, at)
    if not is_mine:
        detail = {"from": str(evaluation.reviewer_id) if evaluation.reviewer_id else None}
        record(
            session, actor, "evaluation_taken", f"evaluation:{evaluation.id}", detail, evaluation.office_code, at
        )
    evaluation.reviewer_id, evaluation.held_until = actor.account_id, at + LEASE
    session.flush()
    return evaluation


def _new(  # noqa: PLR0913, PLR0917 - what an evaluation begins with
    session: Session, actor: Actor, kind: Kind, call_id: uuid.UUID, office_code: str, at: datetime
) -> Evaluation:
    card = get_in_force(session)
    return Evaluation(
        kind=kind,
        call_id=call_id,
        office_code=office_code,
        scorecard_id=card.id,
        reviewer_id=actor.account_id,
        held_until=at + LEASE,
        opened_at=at,
    )


def _begin(session: Session, actor: Actor, evaluation: Evaluation, at: datetime) -> Evaluation:
    session.add(evaluation)
    try:
        session.flush()
    except IntegrityError as error:  # another request of the same moment was first
        raise Conflict("evaluation") from error
    detail = {"kind": evaluation.kind, "call": str(evaluation.call_id), "from": None}
    record(session, actor, "evaluation_taken", f"evaluation:{evaluation.id}", detail, evaluation.office_code, at)
    return evaluation


def _name(session: Session, account_id: uuid.UUID | None) -> str:
    account = session.get(Account, account_id) if account_id else None
    if account is None:
        raise NotFound("nobody")
    return account.name
