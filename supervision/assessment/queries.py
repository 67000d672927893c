"""Looking at assessments. Every query takes the scope: an officer sees himself, a leader his office.

A closed month's figures are sums of its entries; those of a month that is open are gathered as it is now.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from supervision.actor import Scope, narrowed
from supervision.assessment.gathering import items_of
from supervision.assessment.models import AssessmentEntry, AssessmentMonth, AssessmentWeights
from supervision.assessment.rules import (
    NOTHING,
    Entry,
    Figure,
    Figures,
    Period,
    Points,
    Tally,
    Weights,
    add,
    close_objection,
    figures_of,
    half_width,
    is_enough,
    points_of,
    ranks_of,
)
from supervision.calls.models import Call
from supervision.calls.queries import list_officers
from supervision.clock import local
from supervision.errors import NotFound
from supervision.paging import PAGE_SIZE, Cursor, Page, RowKey
from supervision.people.models import Account

Row = TypeVar("Row")

REMINDED_MONTHS = 6
MOST_OPEN = 2  # a month is closed from the 16th of the next one on
FIRST_ID = uuid.UUID(int=0)


@dataclass(frozen=True)
class Wanted:
    """What is looked at: a period, of offices or of people, at a moment."""

    period: Period
    at: datetime
    offices: bool


@dataclass(frozen=True)
class Assessed:
    """One person's or office's figures of a period: as they were closed, and with later corrections.

    What is not closed yet is in both. `enough`: there are enough calls for a place in the ranking, `rank`: which.
    """

    key: str
    closed: Figures
    figures: Figures
    weights: Weights
    office: bool
    enough: bool = False
    rank: int | None = None

    @property
    def points(self) -> Points | None:
        """What the figures come to with corrections."""
        return points_of(self.figures, self.weights, office=self.office)

    @property
    def points_closed(self) -> Points | None:
        """What they came to when they were closed."""
        return points_of(self.closed, self.weights, office=self.office)

    @property
    def is_corrected(self) -> bool:
        """Whether something changed since."""
        return self.closed != self.figures

    @property
    def half_width(self) -> float | None:
        """How sure the mean score is, being that of a sample."""
        answered = self.figures.get(Figure.RINGS, NOTHING).n
        return half_width(self.figures.get(Figure.SCORE, NOTHING), answered)

    def tally(self, figure: Figure) -> Tally:
        """One figure."""
        return self.figures.get(figure, NOTHING)


@dataclass
class _Sums:
    closed: dict[str, Figures] = field(default_factory=dict)
    figures: dict[str, Figures] = field(default_factory=dict)

    def add(self, key: str, figures: Figures, *, correction: bool) -> None:
        """Add to what stands, and to what was closed unless it is a correction."""
        self.figures[key] = add(self.figures.get(key, {}), figures)
        self.closed.setdefault(key, {})
        if not correction:
            self.closed[key] = add(self.closed[key], figures)


def assess(session: Session, scope: Scope, wanted: Wanted, *, ranked: bool = True) -> list[Assessed]:
    """Every office's or person's figures of a period, the best first; those with too few calls last.

    A scope of one office has nothing to compare it with: it gets no place.
    """
    sums, closed = _Sums(), closed_months(session, wanted.period)
    _add_closed(session, scope, list(closed), sums, offices=wanted.offices)
    for month in open_months(wanted.period, closed, wanted.at):
        entries = live_entries(session, scope, month, wanted.at)
        for name, own in _grouped(entries, _key_of(offices=wanted.offices)).items():
            sums.add(name, figures_of(own), correction=False)
    weights = weights_of(session, wanted.period, closed)
    found = [
        Assessed(key, sums.closed[key], figures, weights, wanted.offices, is_enough(figures, weights))
        for key, figures in sums.figures.items()
        if any(tally != NOTHING for tally in (*figures.values(), *sums.closed[key].values()))
    ]
    is_compared = not (wanted.offices and scope.office_code is not None)
    return _ranked(found) if ranked and is_compared else found


def _ranked(found: Sequence[Assessed]) -> list[Assessed]:
    points = {one.key: one.points.total for one in found if one.enough and one.points is not None}
    places = ranks_of(points)
    ranked = [
        Assessed(one.key, one.closed, one.figures, one.weights, one.office, one.enough, places.get(one.key))
        for one in found
    ]
    return sorted(ranked, key=lambda one: (one.rank or len(found) + 1, one.key))


def assess_one(session: Session, scope: Scope, wanted: Wanted, key: str) -> Assessed:
    """One person's or office's figures; empty ones where there is nothing within the scope."""
    rows = assess(session, narrow(scope, key, offices=wanted.offices), wanted, ranked=False)
    found = next((one for one in rows if one.key == key), None)
    weights = weights_of(session, wanted.period, closed_months(session, wanted.period))
    return found or Assessed(key, {}, {}, weights, wanted.offices)


def figures_by_month(session: Session, scope: Scope, wanted: Wanted, key: str) -> dict[date, Figures]:
    """One person's or office's figures of each month; of the open ones the latest only, which are gathered now."""
    within, closed = narrow(scope, key, offices=wanted.offices), closed_months(session, wanted.period)
    sign, value = AssessmentEntry.sign, AssessmentEntry.value
    query = (
        select(
            AssessmentEntry.month,
            AssessmentEntry.figure,
            func.sum(sign),
            func.sum(sign * value),
            func.sum(sign * value * value),
        )
        .where(AssessmentEntry.month.in_(closed), *_within(within))
        .group_by(AssessmentEntry.month, AssessmentEntry.figure)
    )
    found: dict[date, Figures] = {}
    for month, figure, *sums in session.execute(query):
        found[month] = add(found.get(month, {}), {figure: Tally(*map(int, sums))})
    for month in open_months(wanted.period, closed, wanted.at)[-MOST_OPEN:]:
        entries = _grouped(live_entries(session, within, month, wanted.at), _key_of(offices=wanted.offices))
        found[month] = figures_of(entries.get(key, []))
    return found


def narrow(scope: Scope, key: str, *, offices: bool) -> Scope:
    """The part of a scope that one office or person is. Never wider."""
    return narrowed(scope, key) if offices else Scope(scope.office_code, scope.own or uuid.UUID(key))


def weights_of(session: Session, period: Period, closed: Mapping[date, AssessmentMonth]) -> Weights:
    """The weights that a period is looked at with: those of its last month, as they were if it is closed."""
    last = period.months[-1]
    if last in closed:
        return Weights(**closed[last].weights)
    version = weights_for(session, last)
    return version.weights if version else Weights()


def weights_for(session: Session, month: date) -> AssessmentWeights | None:
    """The version in force in a month; None: those that the system came with."""
    query = select(AssessmentWeights).where(AssessmentWeights.since <= month)
    return session.scalars(query.order_by(AssessmentWeights.n.desc()).limit(1)).one_or_none()


def list_weights(session: Session) -> Sequence[AssessmentWeights]:
    """Every version, the latest first."""
    query = select(AssessmentWeights).options(selectinload(AssessmentWeights.decider))
    return session.scalars(query.order_by(AssessmentWeights.n.desc())).all()


def closed_months(session: Session, period: Period) -> dict[date, AssessmentMonth]:
    """The months of a period that are closed."""
    query = select(AssessmentMonth).where(AssessmentMonth.month.in_(period.months))
    return {one.month: one for one in session.scalars(query.options(selectinload(AssessmentMonth.closer)))}


def open_months(period: Period, closed: Mapping[date, AssessmentMonth], at: datetime) -> list[date]:
    """Those that have begun and are not closed."""
    today = local(at).date()
    return [one for one in period.months if one <= today and one not in closed]


def first_month(session: Session) -> date | None:
    """The month of the first call."""
    first = session.scalar(select(func.min(Call.offered_at)))
    return None if first is None else local(first).date().replace(day=1)


def months_to_close(session: Session, at: datetime) -> list[date]:
    """The months of the last half year that had calls and can be closed, and are not."""
    first, today = first_month(session), local(at).date()
    month, found = today.replace(day=1), list[date]()
    for _ in range(REMINDED_MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        if first is None or month < first:
            break
        if close_objection(month, today, closed=session.get(AssessmentMonth, month) is not None) is None:
            found.append(month)
    return found[::-1]


def get_person(session: Session, scope: Scope, account_id: uuid.UUID) -> Account:
    """Whom figures are about. Raises NotFound outside the scope: an office's are its people and who sat there."""
    found = session.get(Account, account_id)
    if found is None or (scope.own is not None and scope.own != account_id):
        raise NotFound(f"person {account_id}")
    moved = scope.office_code is not None and found.office_code != scope.office_code
    if moved and account_id not in {one.id for one in list_officers(session, scope)}:
        raise NotFound(f"person {account_id}")
    return found


def live_entries(session: Session, scope: Scope, month: date, at: datetime) -> list[Entry]:
    """What the figures of an open month rest on, within a scope."""
    items = items_of(session, month, at, scope.office_code)
    return [Entry(one) for one in items if scope.own is None or one.person == scope.own]


def entries_of(session: Session, month: date) -> Sequence[AssessmentEntry]:
    """Every entry of a closed month, in its order."""
    query = select(AssessmentEntry).where(AssessmentEntry.month == month)
    return session.scalars(query.order_by(AssessmentEntry.n)).all()


def entries_within(
    session: Session, scope: Scope, month: date, at: datetime, figure: Figure | None = None
) -> list[Entry]:
    """What one month's figures rest on within a scope, closed or not, corrections last."""
    if session.get(AssessmentMonth, month) is None:
        found = live_entries(session, scope, month, at)
        return [one for one in found if figure in {None, one.item.figure}]
    query = select(AssessmentEntry).where(AssessmentEntry.month == month, *_within(scope))
    if figure is not None:
        query = query.where(AssessmentEntry.figure == figure)
    return [one.entry for one in session.scalars(query.order_by(AssessmentEntry.n))]


def corrections_within(session: Session, scope: Scope, month: date) -> list[Entry]:
    """What was entered after a month was closed, within a scope; nothing where it is open."""
    query = select(AssessmentEntry).where(AssessmentEntry.month == month, *_within(scope))
    query = query.where(AssessmentEntry.noted_at.is_not(None)).order_by(AssessmentEntry.n)
    return [one.entry for one in session.scalars(query)]


def page_of(rows: Sequence[Row], cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[Row]:
    """One page of what is worked out as a whole, by the place in the list."""
    at = cursor.row.at if cursor is not None and isinstance(cursor.row.at, int) else 0
    first = max(0, at - size if cursor is not None and cursor.newer else at)
    last = min(len(rows), first + size)
    return Page(
        rows[first:last],
        newer=Cursor(RowKey(first, FIRST_ID), newer=True) if first > 0 else None,
        older=Cursor(RowKey(last, FIRST_ID)) if last < len(rows) else None,
    )


def _add_closed(session: Session, scope: Scope, months: Sequence[date], sums: _Sums, *, offices: bool) -> None:
    by = AssessmentEntry.office_code if offices else AssessmentEntry.person_id
    sign, value = AssessmentEntry.sign, AssessmentEntry.value
    correction = AssessmentEntry.noted_at.is_not(None)
    query = select(
        by,
        AssessmentEntry.figure,
        correction,
        func.sum(sign),
        func.sum(sign * value),
        func.sum(sign * value * value),
    ).where(AssessmentEntry.month.in_(months), *_within(scope))
    for key, figure, corrected, n, total, squares in session.execute(
        query.group_by(by, AssessmentEntry.figure, correction)
    ):
        if key is not None:
            sums.add(str(key), {figure: Tally(int(n), int(total), int(squares))}, correction=bool(corrected))


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.office_code is not None:
        conditions.append(AssessmentEntry.office_code == scope.office_code)
    if scope.own is not None:
        conditions.append(AssessmentEntry.person_id == scope.own)
    return conditions


def _key_of(*, offices: bool) -> Callable[[Entry], str | None]:
    if offices:
        return lambda one: one.item.office_code
    return lambda one: str(one.item.person) if one.item.person else None


def _grouped(entries: Iterable[Entry], key: Callable[[Entry], str | None]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for one in entries:
        name = key(one)
        if name is not None:
            found.setdefault(name, []).append(one)
    return found
