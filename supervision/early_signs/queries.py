"""Counting evaluated calls and those with a finding, by week; and looking at the signs."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.actor import Role, Scope
from supervision.clock import day_bounds
from supervision.early_signs.models import BUREAU, EarlySign
from supervision.early_signs.rules import BEFORE_WEEKS, NONE, UNFINISHED, SignState, Span, Tally, spread, weeks_of
from supervision.errors import NotFound
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import is_judged_again
from supervision.evaluations.rules import Category, EvaluationState, Kind
from supervision.findings.models import Treatment
from supervision.findings.rules import Standing
from supervision.paging import Cursor, Order, Page, read_page
from supervision.people.models import Account

WEEK = timedelta(weeks=1)
SIGNS: Order[EarlySign] = Order(EarlySign.marked_at, EarlySign.id)


@dataclass(frozen=True)
class Tallies:
    """Evaluated drawn calls by office, and those with a finding by office and category, for each of the weeks.

    The weeks are those before the window and then those of the window.
    """

    calls: Mapping[str, Sequence[int]]
    found: Mapping[tuple[str, Category], Sequence[int]]

    def span(self, office_code: str, category: Category) -> Span:
        """What the rule looks at: the window, and the weeks before."""
        weeks = self._weeks(office_code, category)
        return Span(sum(weeks[BEFORE_WEEKS:], NONE), sum(weeks[:BEFORE_WEEKS], NONE))

    def spread(self, office_code: str, category: Category) -> float:
        """How many times as much the weeks before the window differ as by chance, in all offices together."""
        of_offices = spread([self._weeks(code, category)[:BEFORE_WEEKS] for code in self.calls])
        if office_code != BUREAU:
            return of_offices
        return max(of_offices, spread([self._weeks(BUREAU, category)[:BEFORE_WEEKS]]))

    def _weeks(self, office_code: str, category: Category) -> list[Tally]:
        if office_code == BUREAU:
            offices = [self._weeks(code, category) for code in self.calls]
            return [sum(week, NONE) for week in zip(*offices, strict=True)]
        calls, found = self.calls[office_code], self.found.get((office_code, category))
        return [Tally(*both) for both in zip(calls, found or [0] * len(calls), strict=True)]


def count_for(session: Session, last: date) -> Tallies:
    """The weeks before the window that ends with a week, and those of the window."""
    window, before = weeks_of(last)
    spans = [(week, week + WEEK) for week in (*before, *window)]
    calls = _counted(session, Evaluation.office_code, spans)
    found = _found(session, spans, Treatment.office_code, Treatment.category)
    return Tallies(
        {str(key[0]): numbers for key, numbers in calls.items()},
        {(str(key[0]), Category(key[1])): numbers for key, numbers in found.items()},
    )


class By(enum.StrEnum):
    """By what findings are counted."""

    CATEGORY = "category"
    OFFICE = "office"
    PERSON = "person"


_COLUMNS: Mapping[By, InstrumentedAttribute[Any]] = {
    By.CATEGORY: Treatment.category,
    By.OFFICE: Treatment.office_code,
    By.PERSON: Treatment.person_id,
}


@dataclass(frozen=True)
class Trend:
    """For each of some weeks: how many calls were evaluated, and in how many there was a finding, by a key."""

    weeks: Sequence[date]
    calls: Sequence[int]
    rows: Mapping[str, Sequence[int]]


def trend(
    session: Session,
    scope: Scope,
    by: By,
    weeks: Sequence[date],
    category: Category | None,
) -> Trend:
    """These weeks, by category, office or person; of one category, or of all."""
    spans = [(week, week + WEEK) for week in weeks]
    mine = [Evaluation.office_code == scope.office_code] if scope.office_code else []
    of_category = [Treatment.category == category] if category else []
    calls = _counted(session, None, spans, *mine)
    rows = _found(session, spans, _COLUMNS[by], None, *mine, *of_category)
    total = next(iter(calls.values()), [0] * len(weeks))
    return Trend(weeks, total, {str(key[0]): numbers for key, numbers in rows.items() if any(numbers)})


def list_signs(session: Session, scope: Scope, cursor: Cursor | None = None) -> Page[EarlySign]:
    """One page of what was marked, the latest first; an office's leaders see their office's."""
    return read_page(session, select(EarlySign).where(*_within(scope)), SIGNS, cursor)


def list_unfinished(session: Session, scope: Scope) -> Sequence[EarlySign]:
    """The signs that wait for a measure, or whose measure is not done."""
    query = select(EarlySign).where(*_within(scope), EarlySign.state.in_(UNFINISHED))
    return session.scalars(query.order_by(EarlySign.marked_at, EarlySign.id)).all()


def get_sign(session: Session, scope: Scope, sign_id: uuid.UUID, *, lock: bool = False) -> EarlySign:
    """One sign. Raises NotFound outside the scope."""
    query = select(EarlySign).where(EarlySign.id == sign_id, *_within(scope))
    found = session.scalars(query.with_for_update(of=EarlySign) if lock else query).one_or_none()
    if found is None:
        raise NotFound(f"sign {sign_id}")
    return found


def list_owners(session: Session, office_code: str) -> Sequence[Account]:
    """Who may be given the measure of a sign: the section, and the office's leaders."""
    section = Account.role.in_((Role.SUPERVISOR, Role.SUPERVISION_HEAD))
    leads = (Account.role == Role.OFFICE_LEADER) & (Account.office_code == office_code)
    query = select(Account).where(Account.active, section | leads)
    return session.scalars(query.order_by(Account.name, Account.id)).all()


def list_measures(
    session: Session, scope: Scope, owner_id: uuid.UUID | None = None
) -> Sequence[tuple[EarlySign, Account]]:
    """The measures that are not done yet, each with its owner; of one person, or of all."""
    query = select(EarlySign, Account).join(Account, Account.id == EarlySign.owner_id)
    query = query.where(*_within(scope), EarlySign.state == SignState.MEASURE)
    if owner_id is not None:
        query = query.where(Account.id == owner_id)
    return [(row[0], row[1]) for row in session.execute(query)]


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    return [] if scope.office_code is None else [EarlySign.office_code == scope.office_code]


def _bounds(start: date, end: date) -> tuple[datetime, datetime]:
    return day_bounds(start)[0], day_bounds(end)[0]


def _counting(spans: Sequence[tuple[date, date]]) -> tuple[list[ColumnElement[bool]], ColumnElement[bool]]:
    """For each span whether a call was evaluated in it; and what holds for all that is counted.

    What headquarters may judge once more is hidden from it until then, in figures as well.
    """
    moments = [_bounds(*one) for one in spans]
    inside = [and_(Evaluation.submitted_at >= start, Evaluation.submitted_at < end) for start, end in moments]
    first, last = min(start for start, _ in moments), max(end for _, end in moments)
    counted = and_(
        Evaluation.kind == Kind.TICKET,
        Evaluation.state != EvaluationState.DRAFT,
        Evaluation.submitted_at >= first,
        Evaluation.submitted_at < last,
        ~is_judged_again(),
    )
    return inside, counted


def _counted(
    session: Session,
    by: InstrumentedAttribute[Any] | None,
    spans: Sequence[tuple[date, date]],
    *more: ColumnElement[bool],
) -> dict[tuple[Any, ...], list[int]]:
    inside, counted = _counting(spans)
    keys = [by] if by is not None else []
    query = select(*keys, *(func.count(Evaluation.id).filter(one) for one in inside)).where(counted, *more)
    return _by_key(session.execute(query.group_by(*keys)).all(), len(keys))


def _found(
    session: Session,
    spans: Sequence[tuple[date, date]],
    by: InstrumentedAttribute[Any],
    and_by: InstrumentedAttribute[Any] | None,
    *more: ColumnElement[bool],
) -> dict[tuple[Any, ...], list[int]]:
    inside, counted = _counting(spans)
    keys = [by] if and_by is None else [by, and_by]
    numbers = (func.count(Evaluation.id.distinct()).filter(one) for one in inside)
    query = select(*keys, *numbers).join(Treatment, Treatment.evaluation_id == Evaluation.id)
    query = query.where(counted, Treatment.state != Standing.GONE, *more).group_by(*keys)
    return _by_key(session.execute(query).all(), len(keys))


def _by_key(rows: Sequence[Any], keys: int) -> dict[tuple[Any, ...], list[int]]:
    return {tuple(row[:keys]): [int(one) for one in row[keys:]] for row in rows}
