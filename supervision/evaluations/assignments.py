"""What is to be judged, as the rules look at it: from a ticket, a call or an evaluation; and who wants to."""

import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role
from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call, talked_later
from supervision.draws.models import Draw, Ticket
from supervision.errors import NotFound, Refused
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.rules import Assignment, Kind, Objection, Reviewer, objection
from supervision.people.models import Account


def officers_by_call(session: Session, call_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Account]:
    """Who answered each of these calls; those of whom it is not known are left out."""
    query = select(Call.id, Account).join(Account, Account.id == officer_of_call())
    return dict(session.execute(query.where(Call.id.in_(call_ids), Call.answered_desk.is_not(None))).all())


def people_by_call(session: Session, call_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[Account]]:
    """Everybody who talked on each of these calls: at the desk that answered, or at one that came after it.

    Whom the draw froze as the answering person stays so, whoever is seated there afterwards.
    """
    found: dict[uuid.UUID, set[Account]] = {}
    frozen = select(Ticket.call_id, Account).join(Account, Account.login == Ticket.stratum)
    for query in (frozen.where(Ticket.call_id.in_(call_ids)), talked_later(call_ids)):
        for call_id, account in session.execute(query):
            found.setdefault(call_id, set()).add(account)
    for call_id, account in officers_by_call(session, call_ids).items():
        found.setdefault(call_id, set()).add(account)
    return found


def assignment_of_drawn(draw: Draw, people: Collection[Account]) -> Assignment:
    """A ticket of a draw as the rules look at it."""
    leads = any(one.role is Role.OFFICE_LEADER for one in people)
    own = draw.office_code, draw.tier, _ids(people)
    return Assignment(Kind.TICKET, *own, leader_talked=leads, reviewer=draw.reviewer)


def assignment_of_call(session: Session, call: Call) -> Assignment:
    """A directed check of a call."""
    people = people_by_call(session, [call.id]).get(call.id, ())
    return Assignment(Kind.DIRECTED, call.office_code, None, _ids(people))


def assignment_of(session: Session, evaluation: Evaluation) -> Assignment:
    """What an evaluation is about."""
    people = people_by_call(session, [evaluation.call_id]).get(evaluation.call_id, set())
    if evaluation.ticket is not None:
        return assignment_of_drawn(session.get_one(Draw, evaluation.ticket.draw_id), people)
    return assignment_of_other(evaluation, people, judges_of(session, [evaluation.rescore_of or evaluation.id]))


def assignment_of_other(
    evaluation: Evaluation, people: Collection[Account], judges: Mapping[uuid.UUID, frozenset[uuid.UUID]]
) -> Assignment:
    """A re-score, whose first evaluation's judges are among these, or a directed check."""
    judged_by = judges.get(evaluation.rescore_of, frozenset()) if evaluation.rescore_of else frozenset()
    return Assignment(evaluation.kind, evaluation.office_code, talked=_ids(people), judges=judged_by)


def _ids(people: Collection[Account]) -> frozenset[uuid.UUID]:
    return frozenset(one.id for one in people)


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


def refuse_unfit(actor: Actor, assignment: Assignment, what: str) -> None:
    """Raises NotFound where the assignment is not the person's at all, Refused where it is but must not be."""
    against = objection(reviewer_of(actor), assignment)
    if against is Objection.NOT_YOURS:
        raise NotFound(what)
    if against is not None:
        raise Refused(against.value)
