"""What is to be judged, as the rules look at it: from a ticket, a call or an evaluation; and who wants to."""

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call
from supervision.draws.models import Draw, Ticket
from supervision.draws.rules import Tier
from supervision.errors import NotFound, Refused
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.rules import Kind, Objection, Reviewer, Task, objection
from supervision.people.models import Account
from supervision.people.rules import Actor, Role


def officers_by_call(session: Session, call_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Account]:
    """Who answered each of these calls; those of whom it is not known are left out."""
    query = select(Call.id, Account).join(Account, Account.id == officer_of_call())
    return dict(session.execute(query.where(Call.id.in_(call_ids), Call.answered_desk.is_not(None))).all())


def task_of_ticket(ticket: Ticket, draw: Draw, officer: Account | None) -> Task:
    """A ticket as the rules look at it."""
    return task_of_drawn(draw.office_code, draw.tier, officer)


def task_of_drawn(office_code: str, tier: Tier, officer: Account | None) -> Task:
    """The same of its facts."""
    leads = officer is not None and officer.role is Role.OFFICE_LEADER
    return Task(Kind.TICKET, office_code, tier, officer.id if officer else None, answered_by_leader=leads)


def task_of_call(call: Call, officer: Account | None) -> Task:
    """A directed check of a call."""
    return Task(Kind.DIRECTED, call.office_code, None, officer.id if officer else None)


def task_of(session: Session, evaluation: Evaluation) -> Task:
    """What an evaluation is about."""
    officer = officers_by_call(session, [evaluation.call_id]).get(evaluation.call_id)
    if evaluation.kind is Kind.TICKET and evaluation.tier is not None:
        return task_of_drawn(evaluation.office_code, evaluation.tier, officer)
    judges = judges_of(session, [evaluation.rescore_of] if evaluation.rescore_of else [])
    return Task(
        evaluation.kind,
        evaluation.office_code,
        answered_by=officer.id if officer else None,
        judges=judges.get(evaluation.rescore_of, frozenset()) if evaluation.rescore_of else frozenset(),
    )


def judges_of(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Everybody who submitted a judgement in each of these evaluations, by its id."""
    query = select(Judgement.evaluation_id, Judgement.author_id).where(Judgement.evaluation_id.in_(ids))
    found: dict[uuid.UUID, frozenset[uuid.UUID]] = {}
    for evaluation_id, author_id in session.execute(query):
        found[evaluation_id] = found.get(evaluation_id, frozenset()) | {author_id}
    return found


def reviewer_of(actor: Actor) -> Reviewer:
    """A person as the rules look at him."""
    return Reviewer(actor.account_id, actor.office_code)


def refuse_unfit(actor: Actor, task: Task, what: str) -> None:
    """Raises NotFound where the task is not the person's at all, Refused where it is but must not be."""
    against = objection(reviewer_of(actor), task)
    if against is Objection.NOT_YOURS:
        raise NotFound(what)
    if against is not None:
        raise Refused(against.value)
