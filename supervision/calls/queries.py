"""Looking at calls. Every query takes the scope, so that it cannot be forgotten (habit 7).

The officer of a call is never stored: the fact is the desk, and who sat there at the moment of the answer
follows from the dated assignments.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, literal, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from supervision.actor import Role, Scope
from supervision.calls.caller_rules import mask_number, number_search
from supervision.calls.models import Call, Segment
from supervision.calls.ordering import ORDERS, SecondsBetween, Sorting
from supervision.calls.rules import UNANSWERED, Disposition, SegmentKind
from supervision.database import on_days
from supervision.errors import NotFound
from supervision.offices.models import Desk, DeskAssignment, Line, Office
from supervision.paging import PAGE_SIZE, Cursor, Page, read_page
from supervision.people.models import Account

Ts = TypeVarTuple("Ts")

COUNT_LIMIT = 10_000
RINGS_IN_TIME = 3
BY_PEOPLE = (SegmentKind.OFFICER, SegmentKind.BACKUP_LEADER)
# Any segment but a call's first, said as the partial index says it: with a parameter it would not be used.
TAKEN_OVER = Segment.n > text("1")


@dataclass(frozen=True)
class CallFilter:
    """What the person looks for. Days are the bureau's, both included; lengths are of the talk, in seconds.

    `unanswered`: rang out, given up, found no desk free or was turned down.
    """

    line_key: str | None = None
    officer_id: uuid.UUID | None = None
    desk: str | None = None
    from_day: date | None = None
    to_day: date | None = None
    number: str = ""
    disposition: Disposition | None = None
    shortest_s: int | None = None
    longest_s: int | None = None
    in_progress: bool = False
    unanswered: bool = False


@dataclass(frozen=True)
class CallRow:
    """A call as the list shows it; the caller's number only masked.

    `officer` answered it; `taken_over` are those who had the caller after that, since a desk had died, in order.
    Where nobody is known to have sat at a desk, it stands for him.
    """

    id: uuid.UUID
    office_name: str
    line_name: str
    masked_number: str
    desk: str | None
    officer: str | None
    offered_at: datetime
    first_rang_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    rings: int
    rings_before_us: int
    disposition: Disposition | None
    interrupted: bool
    taken_over: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who talked on it, each once, in the order in which they came to it."""
        first = self.officer or self.desk
        return tuple(dict.fromkeys([*([first] if first else []), *self.taken_over]))

    @property
    def talk_s(self) -> float | None:
        """Length of the talk, where there was one and it is over."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.answered_at).total_seconds()

    @property
    def in_time(self) -> bool | None:
        """Answered within three rings of the first desk (domain rule 3); None where nobody answered."""
        return None if self.answered_at is None else self.rings <= RINGS_IN_TIME


def list_calls(  # noqa: PLR0913, PLR0917 - a page of a list: scope, filter, cursor, size and order
    session: Session,
    scope: Scope,
    wanted: CallFilter,
    cursor: Cursor | None = None,
    limit: int = PAGE_SIZE,
    sorting: Sorting = Sorting.NEWEST,
) -> Page[CallRow]:
    """One page, newest first unless it is sorted otherwise: the first one, or the one that a cursor leads to."""
    query = matching(session, select(Call), scope, wanted).options(joinedload(Call.line))
    page = read_page(session, query, ORDERS[sorting], cursor, limit)
    return Page(_rows(session, page.rows), page.newer, page.older)


def count_calls(session: Session, scope: Scope, wanted: CallFilter, limit: int = COUNT_LIMIT) -> int:
    """How many calls match; counting stops at `limit` + 1, so that the answer stays quick."""
    found = matching(session, select(literal(1)).select_from(Call), scope, wanted).limit(limit + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def find_call(session: Session, scope: Scope, call_id: uuid.UUID) -> Call | None:
    """The call, if it exists and lies within the scope."""
    query = matching(session, select(Call).where(Call.id == call_id), scope, CallFilter())
    return session.scalars(query.options(joinedload(Call.line))).one_or_none()


def get_call(session: Session, scope: Scope, call_id: uuid.UUID) -> Call:
    """The call. Raises NotFound where there is none or where it lies outside the scope: the same answer."""
    call = find_call(session, scope, call_id)
    if call is None:
        raise NotFound(f"call {call_id}")
    return call


def get_row(session: Session, scope: Scope, call_id: uuid.UUID) -> CallRow:
    """The call as the list shows it. Raises NotFound as `get_call` does."""
    return _rows(session, [get_call(session, scope, call_id)])[0]


def rows_by_id(session: Session, scope: Scope, call_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, CallRow]:
    """Those of these calls that lie within the scope, as the list shows them."""
    query = matching(session, select(Call).where(Call.id.in_(call_ids)), scope, CallFilter())
    calls = session.scalars(query.options(joinedload(Call.line))).all()
    return {row.id: row for row in _rows(session, calls)}


def list_lines(session: Session, scope: Scope) -> Sequence[Line]:
    """The lines to choose from."""
    query = select(Line).order_by(Line.office_code, Line.key)
    if scope.office_code is not None:
        query = query.where(Line.office_code == scope.office_code)
    return session.scalars(query).all()


def list_officers(session: Session, scope: Scope) -> Sequence[Account]:
    """The people who ever sat at a desk within the scope, to choose from."""
    sat = select(DeskAssignment.account_id).join(Desk, Desk.id == DeskAssignment.desk_id)
    if scope.office_code is not None:
        sat = sat.where(Desk.office_code == scope.office_code)
    query = select(Account).where(Account.id.in_(sat)).order_by(Account.name, Account.login)
    if scope.own is not None:
        query = query.where(Account.id == scope.own)
    return session.scalars(query).all()


def calls_by_id(session: Session, call_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Call]:
    """The calls of these ids that are here. The ids come from a scoped query."""
    return {call.id: call for call in session.scalars(select(Call).where(Call.id.in_(set(call_ids))))}


def list_desks(session: Session, scope: Scope) -> Sequence[Desk]:
    """The desks to choose from."""
    query = select(Desk).order_by(Desk.office_code, Desk.extension)
    if scope.office_code is not None:
        query = query.where(Desk.office_code == scope.office_code)
    return session.scalars(query).all()


def office_names(session: Session, codes: Iterable[str] | None = None) -> dict[str, str]:
    """The names of offices by their codes, all or some."""
    query = select(Office.code, Office.name).order_by(Office.code)
    if codes is not None:
        query = query.where(Office.code.in_(set(codes)))
    return dict(session.execute(query).all())


def sites_of_offices(session: Session, office_code: str | None) -> list[tuple[str, str]]:
    """Name and address of the offices' own sites, of one office or of all, as far as they are known."""
    query = select(Office.name, Office.site).where(Office.site != "").order_by(Office.code)
    if office_code is not None:
        query = query.where(Office.code == office_code)
    return [(name, site) for name, site in session.execute(query)]


def officer_of_call() -> ScalarSelect[uuid.UUID]:
    """Who answered, as an expression beside `Call`: whoever sat at the desk at that moment."""
    return _sat_at(Call.answered_desk, Call.answered_at).correlate(Call).scalar_subquery()


def officer_of_segment() -> ScalarSelect[uuid.UUID]:
    """Who had the caller in one segment, as an expression beside `Call` and `Segment`."""
    return _sat_at(Segment.desk, Segment.started_at).correlate(Call, Segment).scalar_subquery()


def _sat_at(desk: InstrumentedAttribute[Any], at: InstrumentedAttribute[Any]) -> Select[uuid.UUID]:
    """Should two assignments of a desk overlap, the one that began later counts, and no other."""
    return (
        select(DeskAssignment.account_id)
        .join(Desk, Desk.id == DeskAssignment.desk_id)
        .where(
            Desk.office_code == Call.office_code,
            Desk.extension == desk,
            DeskAssignment.since_at <= at,
            or_(DeskAssignment.until_at.is_(None), DeskAssignment.until_at > at),
        )
        .order_by(DeskAssignment.since_at.desc())
        .limit(1)
    )


def talked_later(call_ids: Collection[uuid.UUID]) -> Select[uuid.UUID, Account]:
    """Calls with everybody who sat at a desk that had a segment of it, the first or a later one."""
    query = select(Segment.call_id, Account).join(Call, Call.id == Segment.call_id)
    return _seated(query).where(Segment.call_id.in_(call_ids))


def talked_as(role: Role) -> ColumnElement[bool]:
    """Whether somebody of that role answered a call or talked on it later, as an expression beside `Call`."""
    answered = select(Account.id).where(Account.id == officer_of_call(), Account.role == role).exists()
    later = _seated(select(Segment.id).where(Segment.call_id == Call.id)).where(Account.role == role)
    return or_(and_(Call.answered_desk.is_not(None), answered), later.correlate(Call).exists())


def _seated(query: Select[*Ts]) -> Select[*Ts]:
    """Segments, beside their `Call`, joined to who sat at their desks of its office when they began."""
    return (
        query.join(Desk, Desk.extension == Segment.desk)
        .join(DeskAssignment, DeskAssignment.desk_id == Desk.id)
        .join(Account, Account.id == DeskAssignment.account_id)
        .where(
            Desk.office_code == Call.office_code,
            Segment.kind.in_(BY_PEOPLE),
            DeskAssignment.since_at <= Segment.started_at,
            or_(DeskAssignment.until_at.is_(None), DeskAssignment.until_at > Segment.started_at),
        )
    )


def officers_of(session: Session, call_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of those who answered calls. The ids come from a scoped query."""
    query = (
        select(Call.id, Account.name)
        .join(Account, Account.id == officer_of_call())
        .where(Call.id.in_(call_ids), Call.answered_desk.is_not(None))
    )
    return dict(session.execute(query).all())


def taken_over_by(session: Session, call_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Of calls whose first desk died: who had them after that. The ids come from a scoped query."""
    query = (
        select(Segment.call_id, func.coalesce(Account.name, Segment.desk, ""))
        .join(Call, Call.id == Segment.call_id)
        .outerjoin(Account, Account.id == officer_of_segment())
        .where(Segment.call_id.in_(call_ids), TAKEN_OVER, Segment.kind.in_(BY_PEOPLE))
        .order_by(Segment.call_id, Segment.n)
    )
    found: dict[uuid.UUID, tuple[str, ...]] = {}
    for call_id, name in session.execute(query):
        found[call_id] = (*found.get(call_id, ()), name)
    return found


def _rows(session: Session, calls: Sequence[Call]) -> list[CallRow]:
    ids = [call.id for call in calls]
    offices = office_names(session, (call.office_code for call in calls))
    officers = officers_of(session, ids)
    later = taken_over_by(session, ids)
    return [
        CallRow(
            id=call.id,
            office_name=offices.get(call.office_code, call.office_code),
            line_name=call.line.name,
            masked_number=mask_number(call.caller_number),
            desk=call.answered_desk,
            officer=officers.get(call.id),
            offered_at=call.offered_at,
            first_rang_at=call.first_rang_at,
            answered_at=call.answered_at,
            ended_at=call.ended_at,
            rings=call.rings,
            rings_before_us=call.rings_before_us,
            disposition=call.disposition,
            interrupted=call.interrupted,
            taken_over=later.get(call.id, ()),
        )
        for call in calls
    ]


def matching(session: Session, query: Select[*Ts], scope: Scope, wanted: CallFilter) -> Select[*Ts]:
    """A query over `Call`, narrowed to what lies within the scope and fits the filter."""
    conditions = [*_within(session, scope, wanted), *_in_time(wanted), *_of_length(wanted)]
    if wanted.line_key is not None:
        conditions.append(Call.line_key == wanted.line_key)
    if wanted.officer_id is not None:
        conditions.append(_answered_by(session, wanted.officer_id, wanted))
    if wanted.desk is not None:
        taken_over = select(Segment.call_id).where(TAKEN_OVER, Segment.desk == wanted.desk)
        conditions.append(_or_one_of(Call.answered_desk == wanted.desk, session.scalars(taken_over)))
    if search := number_search(wanted.number):
        number = Call.caller_number
        conditions.append(number.in_(search.whole) if search.whole else number.like(search.like, "\\"))
    if wanted.disposition is not None:
        conditions.append(Call.disposition == wanted.disposition)
    if wanted.in_progress:
        conditions.append(Call.ended_at.is_(None))
    if wanted.unanswered:
        conditions.append(Call.disposition.in_(UNANSWERED))
    return query.where(*conditions)


def _within(session: Session, scope: Scope, wanted: CallFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.office_code is not None:
        # Where another index leaves a handful, this hides the office's index, which SQLite would prefer.
        office = func.coalesce(Call.office_code, "") if _few(wanted) else Call.office_code
        conditions.append(office == scope.office_code)
    if scope.own is not None:
        conditions.append(_answered_by(session, scope.own, wanted))
    return conditions


def _few(wanted: CallFilter) -> bool:
    """Whether the filter leaves a handful of calls, found by an index of its own."""
    search = number_search(wanted.number)
    return wanted.in_progress or (search is not None and bool(search.whole))


def _answered_by(session: Session, account_id: uuid.UUID, wanted: CallFilter) -> ColumnElement[bool]:
    """Calls on which he talked: at first by the desks he ever sat at, which an index can narrow down."""
    sat = (
        select(Desk.office_code, Desk.extension)
        .join(DeskAssignment, DeskAssignment.desk_id == Desk.id)
        .where(DeskAssignment.account_id == account_id)
        .distinct()
    )
    desks: dict[str, list[str]] = {}
    for office_code, extension in session.execute(sat):
        desks.setdefault(office_code, []).append(extension)
    answered = officer_of_call() == account_id
    if not _few(wanted):
        there = [
            and_(Call.office_code == office_code, Call.answered_desk.in_(sorted(extensions)))
            for office_code, extensions in sorted(desks.items())
        ]
        answered = and_(or_(false(), *there), answered)
    taken_over = (
        select(Segment.call_id)
        .join(Call, Call.id == Segment.call_id)
        .where(TAKEN_OVER, Segment.desk.in_(sorted({one for some in desks.values() for one in some})))
        .where(Segment.kind.in_(BY_PEOPLE), officer_of_segment() == account_id)
    )
    return _or_one_of(answered, session.scalars(taken_over) if desks else ())


def _or_one_of(answered: ColumnElement[bool], taken_over: Iterable[uuid.UUID]) -> ColumnElement[bool]:
    """Calls that were answered so, or are among those few that were taken over; where there are none, as quick."""
    later = list(taken_over)
    return or_(answered, Call.id.in_(later)) if later else answered


def _of_length(wanted: CallFilter) -> list[ColumnElement[bool]]:
    talk_s = SecondsBetween(Call.answered_at, Call.ended_at)
    conditions: list[ColumnElement[bool]] = []
    if wanted.shortest_s is not None:
        conditions.append(talk_s >= wanted.shortest_s)
    if wanted.longest_s is not None:
        conditions.append(talk_s <= wanted.longest_s)
    return conditions


def _in_time(wanted: CallFilter) -> list[ColumnElement[bool]]:
    conditions = on_days(Call.offered_at, wanted.from_day, wanted.to_day)
    return conditions
