"""The figures about reviewers, gathered for a stretch of days. Every query takes the scope (habit 7)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from supervision.actor import Scope
from supervision.evaluations.drift_rules import Figures, Judged, figures_by
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.queries import is_judged_again, within
from supervision.evaluations.rules import EvaluationState, Kind
from supervision.people.models import Account


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


def names_of(session: Session, reviewers: Sequence[Figures]) -> dict[str, str]:
    """The names of reviewers, by the keys of their figures."""
    ids = [uuid.UUID(one.key) for one in reviewers]
    query = select(Account.id, Account.name).where(Account.id.in_(ids))
    return {str(key): name for key, name in session.execute(query)}


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
