"""Looking at findings and their treatment. Every query takes the scope.

Headquarters' people see no finding of an evaluation that they may judge once more: the second judgement is blind.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from supervision.actor import Actor, Scope
from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call
from supervision.database import on_days
from supervision.errors import NotFound
from supervision.evaluations.models import Evaluation, Finding, Judgement
from supervision.evaluations.queries import is_judged_again
from supervision.evaluations.rules import Category, EvaluationState, FindingKind, Kind
from supervision.findings.models import Treatment
from supervision.findings.rules import UNFINISHED, UNTREATED, Standing, acts_of
from supervision.paging import Cursor, Order, Page, read_page
from supervision.people.models import Account
from supervision.people.rules import ALLOWED, Act

BY_TIME: Order[Treatment] = Order(Treatment.found_at, Treatment.id)


@dataclass(frozen=True)
class FindingFilter:
    """What the person looks for; None: all. `unfinished`: nothing that is treated, `overdue`: late on that day.

    `to_agree`: that nothing is needed waits for this person's agreement, being neither his word nor about himself.
    `nobody`: only where nobody is known to have sat at the desk. `evaluated_from` and `evaluated_to`: only what
    the figures of the early signs count, which is the findings of drawn calls by the day of their evaluation.
    """

    office_code: str | None = None
    category: Category | None = None
    person_id: uuid.UUID | None = None
    nobody: bool = False
    state: Standing | None = None
    unfinished: bool = False
    overdue: date | None = None
    to_agree: uuid.UUID | None = None
    from_day: date | None = None
    to_day: date | None = None
    evaluated_from: date | None = None
    evaluated_to: date | None = None


def list_treatments(
    session: Session,
    scope: Scope,
    wanted: FindingFilter,
    cursor: Cursor | None = None,
    me: uuid.UUID | None = None,
) -> Page[Treatment]:
    """One page, the latest first; what an amendment took back only where it is asked for. `me`: see `within`."""
    query = select(Treatment).where(*within(scope, me), *_matching(wanted))
    return read_page(session, query, BY_TIME, cursor)


def get_treatment(
    session: Session, scope: Scope, treatment_id: uuid.UUID, *, me: uuid.UUID | None = None, lock: bool = False
) -> Treatment:
    """One finding with its treatment. Raises NotFound outside the scope. `me`: see `within`."""
    query = select(Treatment).where(Treatment.id == treatment_id, *within(scope, me))
    found = session.scalars(query.with_for_update(of=Treatment) if lock else query).one_or_none()
    if found is None:
        raise NotFound(f"finding {treatment_id}")
    return found


def treatments_of(session: Session, scope: Scope, ids: Sequence[uuid.UUID]) -> Sequence[Treatment]:
    """Those of these findings that lie within the scope, the earliest first."""
    query = select(Treatment).where(Treatment.id.in_(ids), *within(scope))
    return session.scalars(query.order_by(Treatment.found_at, Treatment.id)).all()


@dataclass(frozen=True)
class Untreated:
    """How many findings are untreated, how many of them overdue, and the first day on which one is due.

    `known_due_on`: the first of them that was counted with known holidays only.
    """

    number: int
    overdue: int
    first_due_on: date | None
    known_due_on: date | None = None

    @property
    def provisional(self) -> bool:
        """Whether the first day was counted with a year whose holidays are not known yet."""
        return self.first_due_on != self.known_due_on


def count_untreated(session: Session, scope: Scope, today: date, office_code: str | None = None) -> Untreated:
    """The untreated findings within a scope, of one office or of all."""
    late = func.count().filter(Treatment.due_on < today)
    known = func.min(Treatment.due_on).filter(~Treatment.provisional)
    query = select(func.count(), late, func.min(Treatment.due_on), known)
    query = query.where(*within(scope), Treatment.state.in_(UNTREATED))
    if office_code is not None:
        query = query.where(Treatment.office_code == office_code)
    return Untreated(*session.execute(query).one())


def list_overdue(session: Session, office_code: str, today: date) -> Sequence[Treatment]:
    """An office's overdue findings, as far as headquarters knows of them: incidents are shown there."""
    late = Treatment.office_code == office_code, Treatment.state.in_(UNTREATED), Treatment.due_on < today
    return session.scalars(select(Treatment).where(*within(Scope()), *late)).all()


def list_to_treat(session: Session, actor: Actor, scope: Scope, today: date) -> Sequence[Treatment]:
    """The untreated findings whose next step is this person's, those due first before the others.

    The next level up has no step of a finding that its office still has the time for, but to agree.
    """
    query = select(Treatment).where(*within(scope), Treatment.state.in_(UNTREATED))
    if actor.office_code is None:
        query = query.where((Treatment.state == Standing.AWAITING_AGREEMENT) | (Treatment.due_on < today))
    found = session.scalars(query.order_by(Treatment.due_on, Treatment.id))
    return [one for one in found if acts_of(actor, one.given, one.office_code)]


def list_untreated(session: Session, office_code: str, *, lock: bool = False) -> Sequence[Treatment]:
    """An office's untreated findings, in the order of their making."""
    mine = Treatment.office_code == office_code, Treatment.state.in_(UNTREATED)
    query = select(Treatment).where(*mine).order_by(Treatment.id)
    return session.scalars(query.with_for_update(of=Treatment) if lock else query).all()


def offices_with_untreated(session: Session) -> Sequence[str]:
    """The offices in which a finding is untreated."""
    query = select(Treatment.office_code).where(Treatment.state.in_(UNTREATED)).distinct()
    return session.scalars(query.order_by(Treatment.office_code)).all()


@dataclass(frozen=True)
class Waiting:
    """How many findings wait for somebody, and the one that is due first."""

    number: int = 0
    first_due_on: date | None = None
    first_id: uuid.UUID | None = None


def waiting_for_confirmation(session: Session, account_id: uuid.UUID) -> Waiting:
    """The findings about a person that wait for his own confirmation, wherever he is by now."""
    his = Treatment.person_id == account_id, Treatment.state.in_(UNFINISHED)
    unconfirmed = Treatment.measure.is_not(None), Treatment.confirmed_at.is_(None)
    query = select(func.count().over(), Treatment.due_on, Treatment.id).where(*his, *unconfirmed)
    row = session.execute(query.order_by(Treatment.due_on, Treatment.id).limit(1)).first()
    return Waiting(*row) if row is not None else Waiting()


def within(scope: Scope, me: uuid.UUID | None = None) -> list[ColumnElement[bool]]:
    """What a person sees: his office's, his own wherever he is by now, or all but what is judged once more.

    `me`: the findings about this person as well, which he confirms in whatever role and office he is.
    """
    if scope.own is not None:
        return [Treatment.person_id == scope.own]
    if scope.office_code is not None:
        seen = Treatment.office_code == scope.office_code
    else:
        again = select(Evaluation.id).where(Evaluation.id == Treatment.evaluation_id, is_judged_again())
        seen = ~again.exists()
    return [seen if me is None else or_(seen, Treatment.person_id == me)]


def _is_unfinished() -> ColumnElement[bool]:
    """Whether something is still to come: not of who has left, or came into a role that has nothing to confirm."""
    stays = Account.active, Account.role.in_(ALLOWED[Act.CONFIRM_TREATMENTS])
    confirms = select(Account.id).where(Account.id == Treatment.person_id, *stays).exists()
    return or_(Treatment.state.in_(UNTREATED), and_(Treatment.state == Standing.AWAITING_CONFIRMATION, confirms))


def _matching(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    equal = {
        Treatment.office_code: wanted.office_code,
        Treatment.category: wanted.category,
        Treatment.person_id: wanted.person_id,
        Treatment.state: wanted.state,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.state is None:
        conditions.append(Treatment.state != Standing.GONE)
    if wanted.unfinished:
        conditions.append(_is_unfinished())
    if wanted.overdue is not None:
        conditions.append(and_(Treatment.state.in_(UNTREATED), Treatment.due_on < wanted.overdue))
    if wanted.to_agree is not None:
        his = (Treatment.person_id == wanted.to_agree) & Treatment.person_id.is_not(None)
        others = Treatment.prevention_by != wanted.to_agree, ~his
        conditions += [Treatment.state == Standing.AWAITING_AGREEMENT, *others]
    if wanted.nobody:
        conditions.append(Treatment.person_id.is_(None))
    if wanted.evaluated_from or wanted.evaluated_to:
        days = on_days(Evaluation.submitted_at, wanted.evaluated_from, wanted.evaluated_to)
        counted = Evaluation.kind == Kind.TICKET, Evaluation.state != EvaluationState.DRAFT, ~is_judged_again()
        conditions.append(Treatment.evaluation_id.in_(select(Evaluation.id).where(*counted, *days)))
    return conditions + on_days(Treatment.found_at, wanted.from_day, wanted.to_day)


@dataclass(frozen=True)
class Breach:
    """A breach as the latest version of its evaluation has it."""

    finding: Finding
    evaluation: Evaluation
    person_id: uuid.UUID | None


def breaches_of(
    session: Session, evaluation_ids: Sequence[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, uuid.UUID], Breach]:
    """The breaches of the latest versions of evaluations, by evaluation and key; re-scores have none to treat."""
    newer = aliased(Judgement)
    is_newer = and_(newer.evaluation_id == Judgement.evaluation_id, newer.n > Judgement.n)
    query = (
        select(Finding, Evaluation, officer_of_call())
        .select_from(Finding)
        .join(Judgement, Judgement.id == Finding.judgement_id)
        .join(Evaluation, Evaluation.id == Judgement.evaluation_id)
        .join(Call, Call.id == Evaluation.call_id)
        .where(
            Evaluation.id.in_(evaluation_ids),
            Evaluation.kind != Kind.RESCORE,
            Evaluation.state != EvaluationState.DRAFT,
            Evaluation.set_aside_at.is_(None),
            Finding.kind == FindingKind.BREACH,
            ~select(newer.id).where(is_newer).correlate(Judgement).exists(),
        )
    )
    return {(row[1].id, row[0].key): Breach(row[0], row[1], row[2]) for row in session.execute(query)}
