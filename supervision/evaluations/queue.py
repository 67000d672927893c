"""What is to be judged, and by whom: assignments as the rules look at them, and a person's queue in order."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from supervision.actor import Actor, Role, Scope
from supervision.calls.models import Call
from supervision.calls.queries import office_names, officer_of_call, talked_later
from supervision.draws.models import Draw, Ticket
from supervision.draws.queries import Progress, list_draws_with_work, list_work, progress_of
from supervision.draws.rules import Party, TicketState
from supervision.errors import NotFound, Refused
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.rules import (
    Assignment,
    EvaluationState,
    Kind,
    Objection,
    Reviewer,
    is_free_for,
    objection,
)
from supervision.people.models import Account
from supervision.people.queries import names_of
from supervision.recordings.models import Recording, RecordingState


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


LONGEST = 500


@dataclass(frozen=True)
class QueueItem:
    """One call to be judged.

    `holder` is the name of another who has it in hand; `mine`: I have. `submitted`: I judged it, but heard too
    little of it as yet. `left_by` is the name of another who did so and went silent: I may judge it in his place.
    `own_call`: I talked on it, so a deputy or headquarters must judge it. `deleted`: its audio was deleted by two
    people's agreement, so there is nothing to hear, and it comes after all that can be heard.
    """

    kind: Kind
    call_id: uuid.UUID
    office_name: str
    line_name: str
    officer: str
    offered_at: datetime
    talk_s: float | None
    ticket_id: uuid.UUID | None = None
    evaluation_id: uuid.UUID | None = None
    place: int = 0
    due_at: datetime | None = None
    holder: str = ""
    mine: bool = False
    submitted: bool = False
    left_by: str = ""
    own_call: bool = False
    deleted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it comes to me by itself: I can take it in hand, and nobody has judged it too early."""
        return not (self.holder or self.submitted or self.left_by or self.own_call)


@dataclass(frozen=True)
class Quota:
    """How far one draw's work has come."""

    draw: Draw
    office_name: str
    progress: Progress


@dataclass(frozen=True)
class Queue:
    """What a person has to do, and how far the draws that it belongs to have come."""

    items: Sequence[QueueItem]
    quotas: Sequence[Quota]

    def after(self, call_id: uuid.UUID | None) -> QueueItem | None:
        """The next that can be taken: the first open one that follows a call, else the first open one.

        One that was deleted comes only when nothing that can be heard is left.
        """
        ids = [item.call_id for item in self.items]
        start = ids.index(call_id) + 1 if call_id in ids else 0
        following = sorted([*self.items[start:], *self.items[:start]], key=lambda item: item.deleted)
        return next((item for item in following if item.is_open and item.call_id != call_id), None)


def queue_of(session: Session, actor: Actor, scope: Scope, at: datetime) -> Queue:
    """All that waits for this person: tickets in the order of work, re-scores, then his own directed checks.

    Last of all, in the same order, what was deleted before anybody judged it.
    """
    side = Party.OFFICE if actor.office_code is not None else Party.HQ
    tickets = list(list_work(session, scope, side, LONGEST))
    if side is Party.HQ:
        tickets += list_work(session, scope, Party.OFFICE, LONGEST, answered_by=Role.OFFICE_LEADER)
    others = _without_ticket(session, actor, scope)
    gathered = _Gathered(session, actor, tickets, others, at)
    items = [gathered.of_ticket(ticket) for ticket in tickets if gathered.is_for_me(ticket)]
    more = (gathered.of_evaluation(one) for one in others)
    items += [item for item in more if item is not None]
    return Queue(
        sorted(items, key=lambda item: item.deleted),  # the sort is stable
        _quotas(session, scope, side, gathered.offices),
    )


def count_without_ticket(session: Session, actor: Actor, scope: Scope, at: datetime) -> int:
    """How many re-scores, and directed checks that he began, wait for this person."""
    others = _without_ticket(session, actor, scope)
    if not others:
        return 0
    gathered = _Gathered(session, actor, [], others, at)
    items = (gathered.of_evaluation(one) for one in others)
    return sum(item is not None and item.is_open for item in items)


def _without_ticket(session: Session, actor: Actor, scope: Scope) -> Sequence[Evaluation]:
    if actor.office_code is not None:
        return ()
    mine = Evaluation.reviewer_id == actor.account_id
    query = select(Evaluation).where(
        Evaluation.state == EvaluationState.DRAFT,
        or_(Evaluation.kind == Kind.RESCORE, (Evaluation.kind == Kind.DIRECTED) & mine),
    )
    if scope.office_code is not None:
        query = query.where(Evaluation.office_code == scope.office_code)
    return session.scalars(query.order_by(Evaluation.kind.desc(), Evaluation.opened_at).limit(LONGEST)).all()


class _Gathered:
    """What the items of a queue are made of, read in a handful of queries."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        tickets: Sequence[Ticket],
        others: Sequence[Evaluation],
        at: datetime,
    ) -> None:
        self.actor, self.at = actor, at
        self.begun = _by_ticket(session, [one.id for one in tickets])
        call_ids = {one.call_id for one in tickets} | {one.call_id for one in others}
        query = select(Call).where(Call.id.in_(call_ids)).options(joinedload(Call.line))
        self.calls = {call.id: call for call in session.scalars(query)}
        self.officers = officers_by_call(session, call_ids)
        self.people = people_by_call(session, call_ids)
        self.offices = office_names(session)
        deleted = (Recording.call_id.in_(call_ids), Recording.state == RecordingState.DELETED)
        self.deleted = set(session.scalars(select(Recording.call_id).where(*deleted)))
        draw_ids = {one.draw_id for one in tickets}
        self.draws = {draw.id: draw for draw in session.scalars(select(Draw).where(Draw.id.in_(draw_ids)))}
        firsts = [one.rescore_of for one in others if one.rescore_of]
        self.judges = judges_of(session, firsts)
        held = {e.reviewer_id for e in (*self.begun.values(), *others)} | {t.taken_by for t in tickets}
        self.names = names_of(session, held)

    def is_for_me(self, ticket: Ticket) -> bool:
        """Whether a ticket is this person's to judge, or was so but for his having answered."""
        draw = self.draws[ticket.draw_id]
        assignment = assignment_of_drawn(draw, self.people.get(ticket.call_id, ()))
        return objection(reviewer_of(self.actor), assignment) is not Objection.NOT_YOURS

    def of_ticket(self, ticket: Ticket) -> QueueItem:
        """A ticket in the queue."""
        evaluation, draw = self.begun.get(ticket.id), self.draws[ticket.draw_id]
        mine = evaluation is not None and evaluation.reviewer_id == self.actor.account_id
        submitted, holder = evaluation is not None and evaluation.is_judged, self._holder(evaluation, ticket)
        is_left = submitted and not (mine or holder)
        return QueueItem(
            Kind.TICKET,
            ticket.call_id,
            *self._facts(ticket.call_id),
            ticket_id=ticket.id,
            evaluation_id=evaluation.id if evaluation else None,
            place=ticket.place,
            due_at=draw.due_at,
            holder=holder,
            mine=mine,
            submitted=submitted and mine,
            left_by=self._name(evaluation.reviewer_id) if evaluation and is_left else "",
            own_call=self.actor.account_id in {one.id for one in self.people.get(ticket.call_id, ())},
            deleted=ticket.call_id in self.deleted,
        )

    def of_evaluation(self, evaluation: Evaluation) -> QueueItem | None:
        """A re-score or a directed check in the queue; None where it is not for this person."""
        assignment = assignment_of_other(evaluation, self.people.get(evaluation.call_id, ()), self.judges)
        if objection(reviewer_of(self.actor), assignment) is not None:
            return None
        return QueueItem(
            evaluation.kind,
            evaluation.call_id,
            *self._facts(evaluation.call_id),
            evaluation_id=evaluation.id,
            holder=self._holder(evaluation, None),
            mine=evaluation.reviewer_id == self.actor.account_id,
            deleted=evaluation.call_id in self.deleted,
        )

    def _facts(self, call_id: uuid.UUID) -> tuple[str, str, str, datetime, float | None]:
        call, officer = self.calls[call_id], self.officers.get(call_id)
        talk = (call.ended_at - call.answered_at).total_seconds() if call.ended_at and call.answered_at else None
        name = self.offices.get(call.office_code, call.office_code)
        return name, call.line.name, officer.name if officer else "", call.offered_at, talk

    def _holder(self, evaluation: Evaluation | None, ticket: Ticket | None) -> str:
        """Who else has it in hand; nobody, where his lease ran out."""
        if evaluation is not None:
            if evaluation.reviewer_id is None or is_free_for(evaluation.lease, self.actor.account_id, self.at):
                return ""
            return self._name(evaluation.reviewer_id)
        if ticket is not None and ticket.state is TicketState.TAKEN and ticket.taken_by != self.actor.account_id:
            return self._name(ticket.taken_by)
        return ""

    def _name(self, account_id: uuid.UUID | None) -> str:
        return self.names.get(account_id, "") if account_id else ""


def _by_ticket(session: Session, ticket_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Evaluation]:
    query = select(Evaluation).where(Evaluation.ticket_id.in_(ticket_ids))
    found = session.scalars(query.options(selectinload(Evaluation.judgements)))
    return {one.ticket_id: one for one in found if one.ticket_id}


def _quotas(session: Session, scope: Scope, side: Party, offices: Mapping[str, str]) -> list[Quota]:
    draws = list_draws_with_work(session, scope, side)
    progress = progress_of(session, draws)
    return [
        Quota(draw, offices.get(draw.office_code, draw.office_code), progress[draw.id])
        for draw in draws
        if draw.id in progress
    ]
