"""Looking at evaluations, and at how the reviewers do. Every query takes the scope (habit 7)."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from supervision.actor import Actor, Scope
from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call
from supervision.database import on_days
from supervision.draws.models import Ticket
from supervision.draws.rules import TicketState, Tier
from supervision.errors import NotFound, Refused
from supervision.evaluations.models import Evaluation, EvaluationCopy, Judgement, Mark
from supervision.evaluations.queue import assignment_of, refuse_unfit
from supervision.evaluations.rules import EvaluationState, Figures, Judged, Kind, figures_by
from supervision.paging import PAGE_SIZE, Cursor, Order, Page, read_page
from supervision.people.models import Account
from supervision.people.queries import names_of
from supervision.scorecards.rules import Grade

BY_SUBMISSION: Order[Evaluation] = Order(Evaluation.submitted_at, Evaluation.id)  # type: ignore[arg-type]


@dataclass(frozen=True)
class EvaluationFilter:
    """What the person looks for; None: all. `rescored`: only first evaluations that were judged once more."""

    office_code: str | None = None
    reviewer_id: uuid.UUID | None = None
    officer_id: uuid.UUID | None = None
    call_id: uuid.UUID | None = None
    kind: Kind | None = None
    tier: Tier | None = None
    grade: Grade | None = None
    counted: bool | None = None
    rescored: bool | None = None
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class Scored:
    """What a call was given in one evaluation."""

    evaluation_id: uuid.UUID
    score: int
    grade: Grade


def get_task(session: Session, actor: Actor, scope: Scope, evaluation_id: uuid.UUID) -> Evaluation:
    """An evaluation for who may judge it. Raises NotFound for anybody else, Refused for one's own call."""
    found = session.get(Evaluation, evaluation_id)
    if found is None or (scope.office_code is not None and found.office_code != scope.office_code):
        raise NotFound(f"evaluation {evaluation_id}")
    refuse_unfit(actor, assignment_of(session, found), f"evaluation {evaluation_id}")
    if found.kind is Kind.DIRECTED and found.reviewer_id != actor.account_id:
        raise NotFound(f"evaluation {evaluation_id}")
    return found


def list_evaluations(
    session: Session,
    scope: Scope,
    wanted: EvaluationFilter,
    cursor: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Evaluation]:
    """One page of what was submitted, the latest first."""
    query = select(Evaluation).where(*within(scope), *_matching(wanted))
    if wanted.grade is not None and scope.office_code is None:
        query = query.where(~is_judged_again())  # a grade that can be looked for is not hidden
    return read_page(session, query.options(*_WHOLE), BY_SUBMISSION, cursor, limit)


def get_submitted(session: Session, scope: Scope, evaluation_id: uuid.UUID) -> Evaluation:
    """A submitted evaluation with all its versions. Raises NotFound outside the scope, and for a draft."""
    query = select(Evaluation).where(Evaluation.id == evaluation_id, *within(scope)).options(*_WHOLE)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"evaluation {evaluation_id}")
    return found


def submitted_by_id(session: Session, scope: Scope, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Evaluation]:
    """Those of these that were submitted and lie within the scope, whole, with their marks' criteria."""
    query = select(Evaluation).where(Evaluation.id.in_(ids), *within(scope)).options(*_WHOLE)
    named = selectinload(Evaluation.judgements).selectinload(Judgement.marks).selectinload(Mark.criterion)
    return {one.id: one for one in session.scalars(query.options(named))}


def may_hear(session: Session, scope: Scope, call_id: uuid.UUID) -> bool:
    """Whether a recording is the person's to hear: an officer hears what was judged of his own (domain.md).

    On a node by the copy that headquarters sent; the call comes from a scoped query there, too.
    """
    if scope.own is None:
        return True
    judged = exists().where(Evaluation.call_id == call_id, *within(scope))
    own_call = select(Call.id).where(Call.id == EvaluationCopy.call_id, officer_of_call() == scope.own).exists()
    copied = exists().where(EvaluationCopy.call_id == call_id, own_call)
    return bool(session.scalar(select(judged | copied)))


def refuse_unjudged(session: Session, scope: Scope, call_id: uuid.UUID) -> None:
    """Raises NotFound where the recording is not the person's to hear, as for a call that does not exist."""
    if not may_hear(session, scope, call_id):
        raise NotFound(f"recording {call_id}")


def refuse_hidden(session: Session, actor: Actor, evaluation: Evaluation) -> None:
    """Raises Refused for headquarters' people as long as the re-score of an evaluation is open: it is blind."""
    if evaluation.id in hidden_ids(session, actor, [evaluation.id]):
        raise Refused("hidden_until_rescored")


def hidden_ids(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of these evaluations whose judgement the person must not see yet, since his side judges them again."""
    if actor.office_code is not None:
        return frozenset()
    mine = aliased(Judgement)
    judged = exists().where(mine.evaluation_id == Evaluation.id, mine.author_id == actor.account_id)
    query = select(Evaluation.id).where(Evaluation.id.in_(ids), is_judged_again(), ~judged)
    return frozenset(session.scalars(query))


def scores_of(
    session: Session, actor: Actor, scope: Scope, call_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Scored]]:
    """What calls were given, by call, but for what the person must not see yet and for second judgements."""
    query = select(Evaluation).where(
        Evaluation.call_id.in_(call_ids), Evaluation.kind != Kind.RESCORE, *within(scope)
    )
    query = query.options(selectinload(Evaluation.judgements)).order_by(Evaluation.submitted_at)
    judged = session.scalars(query).all()
    hidden = hidden_ids(session, actor, [one.id for one in judged])
    found: dict[uuid.UUID, list[Scored]] = {}
    for one in judged:
        if one.id not in hidden:
            latest = one.judgements[-1]
            found.setdefault(one.call_id, []).append(Scored(one.id, latest.score, latest.grade))
    return found


def rescores_of(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Evaluation]:
    """The submitted re-scores of evaluations, by the first one's id."""
    query = select(Evaluation).where(Evaluation.rescore_of.in_(ids), Evaluation.state != EvaluationState.DRAFT)
    return {one.rescore_of: one for one in session.scalars(query.options(*_WHOLE)) if one.rescore_of}


_WHOLE = (
    selectinload(Evaluation.judgements).selectinload(Judgement.marks),
    selectinload(Evaluation.judgements).selectinload(Judgement.findings),
    selectinload(Evaluation.judgements).selectinload(Judgement.author),
    selectinload(Evaluation.reviewer),
    selectinload(Evaluation.ticket),
    selectinload(Evaluation.scorecard),
    selectinload(Evaluation.call).selectinload(Call.line),
)


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """What a person sees of what was submitted: his office's, his own calls', or all; never a draft.

    A re-score is headquarters' look at a reviewer, so the person who was judged does not see it.
    """
    conditions: list[ColumnElement[bool]] = [Evaluation.state != EvaluationState.DRAFT]
    if scope.office_code is not None:
        conditions.append(Evaluation.office_code == scope.office_code)
    if scope.own is not None:
        his = and_(Call.id == Evaluation.call_id, officer_of_call() == scope.own)
        conditions += [select(Call.id).where(his).exists(), Evaluation.kind != Kind.RESCORE]
    return conditions


def _matching(wanted: EvaluationFilter) -> list[ColumnElement[bool]]:
    equal = {
        Evaluation.office_code: wanted.office_code,
        Evaluation.reviewer_id: wanted.reviewer_id,
        Evaluation.call_id: wanted.call_id,
        Evaluation.kind: wanted.kind,
        Evaluation.tier: wanted.tier,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.officer_id is not None:
        answered = and_(Call.id == Evaluation.call_id, officer_of_call() == wanted.officer_id)
        conditions.append(select(Call.id).where(answered).exists())
    if wanted.grade is not None:
        conditions.append(_graded(wanted.grade))
    if wanted.counted is not None:
        conditions.append(Evaluation.counted_at.is_not(None) if wanted.counted else _uncounted())
    if wanted.rescored:
        conditions.append(_rescored())
    conditions += on_days(Evaluation.submitted_at, wanted.from_day, wanted.to_day)
    return conditions


def is_judged_again() -> ColumnElement[bool]:
    """Whether headquarters has, or may have, to judge an evaluation once more: until then it is hidden there.

    What is judged again is chosen when an evaluation comes to count: what was submitted before is hidden, too.
    """
    again, ticket = aliased(Evaluation), aliased(Ticket)
    chosen = exists().where(again.rescore_of == Evaluation.id, again.state == EvaluationState.DRAFT)
    may_count = exists().where(ticket.id == Evaluation.ticket_id, ticket.state != TicketState.UNUSABLE)
    submitted = Evaluation.state != EvaluationState.DRAFT
    return chosen | and_(Evaluation.tier == Tier.OFFICE, submitted, Evaluation.counted_at.is_(None), may_count)


def _graded(grade: Grade) -> ColumnElement[bool]:
    newer, latest = aliased(Judgement), aliased(Judgement)
    is_newer = and_(newer.evaluation_id == latest.evaluation_id, newer.n > latest.n)
    return exists().where(
        latest.evaluation_id == Evaluation.id, latest.grade == grade, ~exists().where(is_newer).correlate(latest)
    )


def _uncounted() -> ColumnElement[bool]:
    return and_(Evaluation.kind == Kind.TICKET, Evaluation.counted_at.is_(None))


def _rescored() -> ColumnElement[bool]:
    again = aliased(Evaluation)
    return exists().where(again.rescore_of == Evaluation.id, again.state != EvaluationState.DRAFT)


@dataclass(frozen=True)
class Drift:
    """The same figures twice: by office, and by reviewer (whose key is his account's id)."""

    offices: Sequence[Figures]
    reviewers: Sequence[Figures]


def gather_drift(session: Session, scope: Scope, since: datetime, until: datetime) -> Drift:
    """All that was submitted from one moment to before the other. Offices: by their own reviewers' work only."""
    judged = _judged(session, scope, since, until)
    own = [one for one, by_office in judged if by_office]
    return Drift(
        figures_by(own, lambda one: one.office_code),
        figures_by([one for one, _ in judged], lambda one: one.reviewer),
    )


def names_of_reviewers(session: Session, reviewers: Sequence[Figures]) -> dict[str, str]:
    """The names of reviewers, by the keys of their figures."""
    names = names_of(session, [uuid.UUID(one.key) for one in reviewers])
    return {str(account_id): name for account_id, name in names.items()}


def _judged(session: Session, scope: Scope, since: datetime, until: datetime) -> list[tuple[Judged, bool]]:
    first, again, second = aliased(Judgement), aliased(Evaluation), aliased(Judgement)
    query = (
        select(Evaluation, first, second.score, Account.office_code)
        .select_from(Evaluation)
        .join(first, (first.evaluation_id == Evaluation.id) & (first.n == _own_judgement()))
        .outerjoin(again, (again.rescore_of == Evaluation.id) & (again.state != EvaluationState.DRAFT))
        .outerjoin(second, (second.evaluation_id == again.id) & (second.n == 1))
        .where(first.author_id == Evaluation.reviewer_id)  # else he took it over and has not judged it yet
        .where(~is_judged_again())  # a mean of few would tell what must stay hidden
        .where(*within(scope), Evaluation.submitted_at >= since, Evaluation.submitted_at < until)
    )
    query = query.join(Account, Account.id == Evaluation.reviewer_id)
    return [(_one(row[0], row[1], row[2]), row[3] is not None) for row in session.execute(query)]


def _own_judgement() -> ScalarSelect[int | None]:
    """The number of the judgement by which a call was judged: the first, or the last in place of another's."""
    own = aliased(Judgement)
    judged = (own.evaluation_id == Evaluation.id) & ((own.n == 1) | own.in_place)
    return select(func.max(own.n)).where(judged).correlate(Evaluation).scalar_subquery()


def _one(evaluation: Evaluation, first: Judgement, second: int | None) -> Judged:
    drawn = evaluation.drawn_at if evaluation.kind is Kind.TICKET else None
    return Judged(
        office_code=evaluation.office_code,
        reviewer=str(evaluation.reviewer_id or uuid.UUID(int=0)),
        score=first.score,
        heard_share=min(1.0, evaluation.heard_s / evaluation.duration_s) if evaluation.duration_s else None,
        waited_s=(first.at - drawn).total_seconds() if drawn else None,
        second=second,
    )
