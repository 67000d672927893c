"""Looking at complaints. The register is the supervision section's; the figures take the scope."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Actor, Scope
from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call
from supervision.clock import local
from supervision.complaints.models import Complaint, ComplaintCall, ZeroMonth
from supervision.complaints.rules import (
    OPEN,
    SECTION,
    Case,
    Channel,
    ComplaintKind,
    ComplaintState,
    MonthFigures,
    Move,
    Verdict,
    objection,
)
from supervision.errors import Conflict, NotFound
from supervision.paging import Cursor, Order, Page, read_page
from supervision.people.models import Account
from supervision.people.sign_ins import actor_of

REGISTER: Order[Complaint] = Order(Complaint.registered_at, Complaint.id)
REMINDED_MONTHS = 6
HANDLING_MOVES = (Move.TAKE, Move.PROPOSE)
DECIDING_MOVES = (Move.RETURN, Move.DECIDE)


@dataclass(frozen=True)
class ComplaintFilter:
    """What the person looks for; None: all. `open`: not answered yet, `overdue`: late on that day."""

    office_code: str | None = None
    kind: ComplaintKind | None = None
    channel: Channel | None = None
    state: ComplaintState | None = None
    verdict: Verdict | None = None
    open: bool = False
    overdue: date | None = None
    from_day: date | None = None
    to_day: date | None = None


def list_complaints(session: Session, wanted: ComplaintFilter, cursor: Cursor | None = None) -> Page[Complaint]:
    """One page of the register, the latest entered first."""
    query = select(Complaint).where(*_matching(wanted)).options(selectinload(Complaint.handler))
    return read_page(session, query, REGISTER, cursor)


def get_complaint(session: Session, complaint_id: uuid.UUID, *, lock: bool = False) -> Complaint:
    """One of them. Raises NotFound; locked, Conflict where somebody changed it since it was looked at here."""
    try:
        found = session.get(Complaint, complaint_id, with_for_update=lock or None)
    except StaleDataError as error:
        raise Conflict(f"complaint {complaint_id}") from error
    if found is None:
        raise NotFound(f"complaint {complaint_id}")
    return found


def case_of(session: Session, complaint: Complaint) -> Case:
    """As the rule of who may what looks at it."""
    return cases_of(session, [complaint])[complaint.id]


def cases_of(session: Session, complaints: Sequence[Complaint]) -> Mapping[uuid.UUID, Case]:
    """The same of many, by their ids: the start page asks it of all that are open."""
    people = people_of(session, complaints)
    return {one.id: _case(one, people[one.id]) for one in complaints}


def _case(complaint: Complaint, people: set[uuid.UUID]) -> Case:
    handled = {one.by for one in complaint.steps if one.move in HANDLING_MOVES}
    decided = {one.by for one in complaint.steps if one.move in DECIDING_MOVES}
    return Case(complaint.handler_id, frozenset(people), frozenset(handled), frozenset(decided))


def people_of(session: Session, complaints: Sequence[Complaint]) -> Mapping[uuid.UUID, set[uuid.UUID]]:
    """The person complained of and whoever answered one of the calls, by the complaints' ids."""
    found = {one.id: set() if one.person_id is None else {one.person_id} for one in complaints}
    tied = select(ComplaintCall.complaint_id, officer_of_call()).join(Call, Call.id == ComplaintCall.call_id)
    for complaint_id, person_id in session.execute(tied.where(ComplaintCall.complaint_id.in_(found))):
        if person_id is not None:
            found[complaint_id].add(person_id)
    return found


def about(session: Session, account_id: uuid.UUID, complaints: Sequence[Complaint]) -> frozenset[uuid.UUID]:
    """Which of these complaints are about a person: he learns nothing of who complained."""
    ids = [one.id for one in complaints if one.person_id != account_id]
    answered = select(ComplaintCall.complaint_id).join(Call, Call.id == ComplaintCall.call_id)
    answered = answered.where(ComplaintCall.complaint_id.in_(ids), officer_of_call() == account_id)
    named = {one.id for one in complaints if one.person_id == account_id}
    return frozenset({*named, *session.scalars(answered)})


def list_persons(session: Session, complaint: Complaint) -> Sequence[Account]:
    """Who can be named as the person complained of: the office's people, and whoever answered one of the calls."""
    there = (Account.office_code == complaint.office_code) & Account.active
    answered = people_of(session, [complaint])[complaint.id]
    query = select(Account).where(there | Account.id.in_(answered)).order_by(Account.name, Account.login)
    return session.scalars(query).all()


def list_waiting(session: Session, actor: Actor) -> Sequence[Complaint]:
    """What waits for this person: to be taken, handled, decided or answered; by their days."""
    query = select(Complaint).where(Complaint.state.in_(OPEN)).options(selectinload(Complaint.steps))
    rows = session.scalars(query.order_by(Complaint.due_on, Complaint.id)).all()
    cases = cases_of(session, rows)
    return [one for one in rows if (move := next_move(one)) and objection(actor, move, cases[one.id]) is None]


def list_in_hand(session: Session, handler_id: uuid.UUID | None = None) -> Sequence[tuple[Complaint, Account]]:
    """The complaints that somebody has in hand, each with that person; of one person, or of all."""
    query = select(Complaint, Account).join(Account, Account.id == Complaint.handler_id)
    query = query.where(Complaint.state == ComplaintState.HANDLING).options(selectinload(Complaint.steps))
    if handler_id is not None:
        query = query.where(Account.id == handler_id)
    return [(row[0], row[1]) for row in session.execute(query)]


def handlers_of(session: Session, complaints: Sequence[Complaint]) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Who could handle each of these complaints, as if nobody had it in hand; by their ids."""
    section = session.scalars(select(Account).where(Account.role.in_(SECTION), Account.active)).all()
    actors = [actor_of(one) for one in section] if complaints else []
    cases = {key: replace(case, handler=None) for key, case in cases_of(session, complaints).items()}
    return {
        key: frozenset(one.account_id for one in actors if objection(one, Move.TAKE, case) is None)
        for key, case in cases.items()
    }


def next_move(complaint: Complaint) -> Move | None:
    """What it waits for."""
    return {
        ComplaintState.REGISTERED: Move.TAKE,
        ComplaintState.HANDLING: Move.PROPOSE,
        ComplaintState.PROPOSED: Move.DECIDE,
        ComplaintState.DECIDED: Move.CLOSE,
    }.get(complaint.state)


def count_open(session: Session, today: date) -> tuple[int, int]:
    """How many complaints are open, and how many of them are overdue."""
    late = func.count().filter(Complaint.due_on < today)
    row = session.execute(select(func.count(), late).where(Complaint.state.in_(OPEN))).one()
    return row[0], row[1]


def complaints_of_call(session: Session, call_id: uuid.UUID) -> Sequence[Complaint]:
    """The complaints that are about a call. The id comes from a scoped query."""
    tied = select(ComplaintCall.complaint_id).where(ComplaintCall.call_id == call_id)
    return session.scalars(select(Complaint).where(Complaint.id.in_(tied)).order_by(Complaint.registered_at)).all()


def complaints_of_record(session: Session, discipline_id: uuid.UUID) -> Sequence[Complaint]:
    """The complaints of which a discipline record came."""
    query = select(Complaint).where(Complaint.discipline_id == discipline_id)
    return session.scalars(query.order_by(Complaint.registered_at)).all()


def month_figures(
    session: Session, scope: Scope, year: int, today: date, live_on: date | None = None
) -> list[MonthFigures]:
    """The months of a year up to this one. A complaint counts in the month in which it came in.

    `live_on`: the day on which the system went live; None: the day of the first call.
    """
    received = _by_month(session, scope, year)
    upheld = _by_month(session, scope, year, Complaint.verdict == Verdict.UPHELD)
    still = _by_month(session, scope, year, Complaint.state.in_(OPEN))
    attested = {one.month for one in zero_months(session, year)}
    live = live_on or first_day(session)
    months = [date(year, n, 1) for n in range(1, 13) if date(year, n, 1) <= today]
    return [
        MonthFigures(
            month,
            received=received.get(month.month, 0),
            upheld=upheld.get(month.month, 0),
            open=still.get(month.month, 0),
            attested=month in attested,
            before=live is not None and (month.year, month.month) < (live.year, live.month),
            live=live is not None and (month.year, month.month) == (live.year, live.month),
        )
        for month in months
    ]


def _by_month(session: Session, scope: Scope, year: int, *conditions: ColumnElement[bool]) -> Mapping[int, int]:
    query = select(Complaint.received_on, func.count()).where(
        Complaint.received_on >= date(year, 1, 1), Complaint.received_on < date(year + 1, 1, 1), *conditions
    )
    if scope.office_code is not None:
        query = query.where(Complaint.office_code == scope.office_code)
    found: dict[int, int] = {}
    for day, number in session.execute(query.group_by(Complaint.received_on)):
        found[day.month] = found.get(day.month, 0) + number
    return found


def first_day(session: Session) -> date | None:
    """The bureau's day of the first call that is here."""
    first = session.scalar(select(func.min(Call.offered_at)))
    return None if first is None else local(first).date()


def first_year(session: Session) -> int | None:
    """The year of the first complaint or call, whichever is earlier."""
    days = [session.scalar(select(func.min(Complaint.received_on))), first_day(session)]
    return min((one.year for one in days if one is not None), default=None)


def zero_months(session: Session, year: int) -> Sequence[ZeroMonth]:
    """The months of a year that are attested to have had no complaint."""
    within = ZeroMonth.month >= date(year, 1, 1), ZeroMonth.month < date(year + 1, 1, 1)
    query = (
        select(ZeroMonth).where(*within, ZeroMonth.revoked_at.is_(None)).options(selectinload(ZeroMonth.author))
    )
    return session.scalars(query.order_by(ZeroMonth.month)).all()


def find_zero(session: Session, month: date) -> ZeroMonth | None:
    """The attestation of a month that stands."""
    query = select(ZeroMonth).where(ZeroMonth.month == month, ZeroMonth.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def months_to_attest(session: Session, today: date) -> list[date]:
    """The months of the last half year that are over, had no complaint, and of which nobody has said so.

    Only those since the first call: what was before the system is not for it to ask for.
    """
    first, month, over = first_day(session), today.replace(day=1), list[date]()
    for _ in range(REMINDED_MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        if first is not None and month >= first.replace(day=1):
            over.append(month)
    if not over:
        return []
    standing = ZeroMonth.month >= over[-1], ZeroMonth.revoked_at.is_(None)
    known = set(session.scalars(select(ZeroMonth.month).where(*standing)))
    days = session.scalars(select(Complaint.received_on).where(Complaint.received_on >= over[-1]).distinct())
    known |= {day.replace(day=1) for day in days}
    return [one for one in reversed(over) if one not in known]


def count_received(session: Session, first: date, before: date) -> int:
    """How many complaints came in from one day to before another, in all offices."""
    within = Complaint.received_on >= first, Complaint.received_on < before
    return session.scalar(select(func.count()).where(*within)) or 0


def _matching(wanted: ComplaintFilter) -> list[ColumnElement[bool]]:
    equal = {
        Complaint.office_code: wanted.office_code,
        Complaint.kind: wanted.kind,
        Complaint.channel: wanted.channel,
        Complaint.state: wanted.state,
        Complaint.verdict: wanted.verdict,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.open or wanted.overdue is not None:
        conditions.append(Complaint.state.in_(OPEN))
    if wanted.overdue is not None:
        conditions.append(Complaint.due_on < wanted.overdue)
    if wanted.from_day is not None:
        conditions.append(Complaint.received_on >= wanted.from_day)
    if wanted.to_day is not None:
        conditions.append(Complaint.received_on <= wanted.to_day)
    return conditions
