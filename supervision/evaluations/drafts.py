"""An evaluation until it is submitted: who has it in hand, and what he types.

Taking a call in hand is a lease on its row, so that two people never judge one unknowingly. Whoever comes second
sees who has it. A lease runs out when nothing is heard of its holder; what he wrote stays his, in a draft of
his own. So does what he submitted too early: another may then judge the call in his place, with a judgement and a
hearing of his own, beside the first.

A draft is one person's. Two windows of his write it by its version: the second to come gets a notice, and its text
is set aside. Whoever lost a call to another gets a notice, and his draft stays.
"""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.rules import subject_of
from supervision.audit.service import lock_log, record
from supervision.calls.queries import get_call
from supervision.context import Context
from supervision.draws import service as draws
from supervision.draws.models import Draw
from supervision.draws.queries import get_ticket
from supervision.draws.rules import TicketState, Unusable
from supervision.errors import Conflict, NotFound, Refused
from supervision.evaluations.content_rules import Content, content_json, parse_content
from supervision.evaluations.models import Draft, Evaluation, SetAside
from supervision.evaluations.queries import get_task
from supervision.evaluations.queue import assignment_of_call, assignment_of_drawn, people_by_call, refuse_unfit
from supervision.evaluations.rules import LEASE, EvaluationState, Kind, is_free_for
from supervision.people.models import Account
from supervision.recordings.queries import get_sealed
from supervision.scorecards.queries import get_in_force


def take_ticket(context: Context, ticket_id: uuid.UUID) -> Evaluation:
    """Take a ticket in hand, anew or once more. Raises NotFound, or Refused and says who has it."""
    session, actor = context.session, context.actor
    ticket = get_ticket(session, context.scope, ticket_id)
    lock_log(session)  # who submits holds the log already, and locks the next ticket after it
    session.refresh(ticket, with_for_update=True)
    draw = session.get_one(Draw, ticket.draw_id)
    people = people_by_call(session, [ticket.call_id]).get(ticket.call_id, set())
    refuse_unfit(actor, assignment_of_drawn(draw, people), f"ticket {ticket_id}")
    found = session.scalars(select(Evaluation).where(Evaluation.ticket_id == ticket_id)).one_or_none()
    if ticket.state is TicketState.PROPOSED:
        raise Refused("ticket_proposed")
    if found is not None:
        return _take_over(context, found)
    draws.take_ticket(context, ticket_id)
    made = _new(context, Kind.TICKET, ticket.call_id, draw.office_code)
    made.ticket_id, made.tier, made.drawn_at = ticket.id, draw.tier, draw.drawn_at
    return _begin(context, made)


def take_call(context: Context, call_id: uuid.UUID) -> Evaluation:
    """A directed check: a person chooses the call himself. It never counts for a quota (draw.md)."""
    session, actor, scope = context.session, context.actor, context.scope
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
    return _begin(context, _new(context, Kind.DIRECTED, call_id, call.office_code))


def take_again(context: Context, evaluation_id: uuid.UUID) -> Evaluation:
    """Take in hand what was begun by oneself or by somebody silent, or a re-score that nobody has begun."""
    return _take_over(context, get_task(context.session, context.actor, context.scope, evaluation_id))


def return_evaluation(context: Context, evaluation_id: uuid.UUID) -> None:
    """Let go of what one has in hand, so that another may take it. What was written stays."""
    evaluation = _in_hand(context, evaluation_id)
    if evaluation.is_judged:
        raise Refused("submitted_already")
    evaluation.held_until = context.at
    note_act(context, "evaluation_put_back", evaluation, {})


def find_unusable(context: Context, evaluation_id: uuid.UUID, *, reason: Unusable, note: str) -> None:
    """Propose the ticket in hand as unusable and let go of it. What was written stays, should another not agree.

    So does what was submitted of a call that cannot be heard well enough to count. Raises Refused for what was
    not drawn, what is not in one's hand and what counts.
    """
    evaluation = _in_hand(context, evaluation_id)
    if evaluation.ticket_id is None:
        raise Refused("no_ticket")
    if not evaluation.is_judged:
        return_evaluation(context, evaluation_id)
    elif evaluation.is_settled:
        raise Refused("submitted_already")
    draws.propose_unusable(context, evaluation.ticket_id, reason=reason, note=note)


def _in_hand(context: Context, evaluation_id: uuid.UUID) -> Evaluation:
    evaluation = get_task(context.session, context.actor, context.scope, evaluation_id)
    lock_log(context.session)
    context.session.refresh(evaluation, with_for_update=True)
    if evaluation.reviewer_id != context.actor.account_id:
        raise Refused("not_in_hand")
    return evaluation


def note_act(context: Context, act: str, evaluation: Evaluation, detail: Mapping[str, object]) -> None:
    """Write the audit line of something that was done with an evaluation."""
    subject, office_code = subject_of("evaluation", evaluation.id), evaluation.office_code
    record(context.session, context.actor, act, subject, detail, office_code, context.at)


def claim_ticket(context: Context, evaluation: Evaluation) -> None:
    """See that whoever judges a drawn call has its ticket. Raises Refused where it is proposed as unusable."""
    if evaluation.ticket_id is not None:
        draws.reassign_ticket(context, evaluation.ticket_id)


def _take_over(context: Context, evaluation: Evaluation) -> Evaluation:
    session, actor, at = context.session, context.actor, context.at
    lock_log(session)
    session.refresh(evaluation, with_for_update=True)
    is_mine = evaluation.reviewer_id == actor.account_id
    if evaluation.is_settled:
        if not is_mine:
            raise Refused("submitted_already", _name(session, evaluation.reviewer_id))
        return evaluation
    if not is_free_for(evaluation.lease, actor.account_id, at):
        raise Refused("in_hand", _name(session, evaluation.reviewer_id))
    claim_ticket(context, evaluation)
    if not is_mine:
        detail = {"from": str(evaluation.reviewer_id) if evaluation.reviewer_id else None}
        note_act(context, "evaluation_taken", evaluation, detail)
    evaluation.reviewer_id, evaluation.held_until = actor.account_id, at + LEASE
    session.flush()
    return evaluation


def _new(context: Context, kind: Kind, call_id: uuid.UUID, office_code: str) -> Evaluation:
    card = get_in_force(context.session)
    return Evaluation(
        kind=kind,
        call_id=call_id,
        office_code=office_code,
        scorecard_id=card.id,
        reviewer_id=context.actor.account_id,
        held_until=context.at + LEASE,
        opened_at=context.at,
    )


def _begin(context: Context, evaluation: Evaluation) -> Evaluation:
    context.session.add(evaluation)
    try:
        context.session.flush()
    except IntegrityError as error:  # another request of the same moment was first
        raise Conflict("evaluation") from error
    detail = {"kind": evaluation.kind, "call": str(evaluation.call_id), "from": None}
    note_act(context, "evaluation_taken", evaluation, detail)
    return evaluation


def _name(session: Session, account_id: uuid.UUID | None) -> str:
    account = session.get(Account, account_id) if account_id else None
    if account is None:
        raise NotFound("nobody")
    return account.name


ASIDE_AT_MOST = 20  # texts of other windows of one person about one call


class Outcome(enum.StrEnum):
    """What became of a text that was sent to be kept."""

    SAVED = "saved"
    SET_ASIDE = "set_aside"
    NOT_IN_HAND = "not_in_hand"
    SUBMITTED = "submitted"


@dataclass(frozen=True)
class Saving:
    """The outcome, the draft's version now, and who has the call where it is not the writer."""

    outcome: Outcome
    version: int
    holder: str = ""


@dataclass(frozen=True)
class DraftRead:
    """What a person wrote so far; version 0: nothing yet. `aside`: what other windows of his wrote, by window."""

    content: Content
    version: int = 0
    saved_at: datetime | None = None
    aside: Sequence[tuple[uuid.UUID, Content, datetime]] = ()


def read_draft(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> DraftRead:
    """The person's own draft. The evaluation comes from a scoped query."""
    query = select(SetAside).where(
        SetAside.evaluation_id == evaluation_id, SetAside.account_id == actor.account_id
    )
    aside = [(one.window, parse_content(one.content), one.at) for one in session.scalars(query)]
    draft = session.get(Draft, (evaluation_id, actor.account_id))
    if draft is None:
        return DraftRead(Content(), aside=aside)
    return DraftRead(parse_content(draft.content), draft.version, draft.saved_at, aside)


def save_draft(
    context: Context, evaluation_id: uuid.UUID, content: Content, *, version: int, window: uuid.UUID
) -> Saving:
    """Keep what was typed, on top of the version it was typed on; else set it aside and say so.

    Raises NotFound; Refused for the text of one window more than are kept.
    """
    session, actor, at = context.session, context.actor, context.at
    evaluation = get_task(session, actor, context.scope, evaluation_id)
    session.refresh(evaluation, with_for_update=True)
    draft = session.get(Draft, (evaluation_id, actor.account_id), with_for_update=True)
    known = draft.version if draft else 0
    if _is_the_same(draft, content, version):
        version = known
    if known != version or evaluation.is_judged:
        _set_aside(context, evaluation_id, content, window)
        return Saving(Outcome.SUBMITTED if evaluation.is_judged else Outcome.SET_ASIDE, known)
    if draft is None:
        draft = Draft(evaluation_id=evaluation_id, account_id=actor.account_id)
        session.add(draft)
    draft.content, draft.saved_at = content_json(content), at
    session.flush()
    if evaluation.reviewer_id != actor.account_id:
        return Saving(Outcome.NOT_IN_HAND, draft.version, _holder_of(session, evaluation))
    _renew(evaluation, at)
    return Saving(Outcome.SAVED, draft.version)


def renew_lease(context: Context, evaluation_id: uuid.UUID) -> Saving:
    """Say that one is still at it, without having written anything new (a long call is being heard)."""
    session, actor = context.session, context.actor
    evaluation = get_task(session, actor, context.scope, evaluation_id)
    draft = session.get(Draft, (evaluation_id, actor.account_id))
    version = draft.version if draft else 0
    if evaluation.is_judged:
        lock_log(session)  # it may come to count now, and whoever counts it holds the log before the row
    session.refresh(evaluation, with_for_update=True)
    is_mine = evaluation.reviewer_id == actor.account_id
    if is_mine and not evaluation.is_settled:
        _renew(evaluation, context.at)
    if evaluation.is_judged:
        return Saving(Outcome.SUBMITTED, version)
    if not is_mine:
        return Saving(Outcome.NOT_IN_HAND, version, _holder_of(session, evaluation))
    return Saving(Outcome.SAVED, version)


def drop_aside(context: Context, evaluation_id: uuid.UUID, window: uuid.UUID) -> None:
    """Throw away a text that was set aside, once its writer has looked at it."""
    session, actor = context.session, context.actor
    get_task(session, actor, context.scope, evaluation_id)
    found = session.get(SetAside, (evaluation_id, actor.account_id, window))
    if found is None:
        raise NotFound(f"text {window}")
    session.delete(found)


def _set_aside(context: Context, evaluation_id: uuid.UUID, content: Content, window: uuid.UUID) -> None:
    session, actor = context.session, context.actor
    key = (evaluation_id, actor.account_id, window)
    found = session.get(SetAside, key, with_for_update=True)
    if found is None:
        mine = SetAside.evaluation_id == evaluation_id, SetAside.account_id == actor.account_id
        if (session.scalar(select(func.count()).select_from(SetAside).where(*mine)) or 0) >= ASIDE_AT_MOST:
            raise Refused("too_many_windows")
        found = SetAside(evaluation_id=evaluation_id, account_id=actor.account_id, window=window)
        session.add(found)
    found.content, found.at = content_json(content), context.at


def _is_the_same(draft: Draft | None, content: Content, version: int) -> bool:
    """Whether this very text was kept by the request before, whose answer was lost on the way."""
    return draft is not None and draft.version == version + 1 and draft.content == content_json(content)


def _renew(evaluation: Evaluation, at: datetime) -> None:
    """Seldom, so that each letter typed does not write the row that others wait for."""
    if evaluation.held_until is None or evaluation.held_until < at + LEASE / 2:
        evaluation.held_until = at + LEASE


def _holder_of(session: Session, evaluation: Evaluation) -> str:
    holder = session.get(Account, evaluation.reviewer_id) if evaluation.reviewer_id else None
    return holder.name if holder else ""
