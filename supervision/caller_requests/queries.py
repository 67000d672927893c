"""Looking at the register of callers' requests, which is headquarters'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.caller_requests.models import CallerRequest
from supervision.caller_requests.rules import OPEN, RequestKind, RequestState
from supervision.calls.models import Call
from supervision.paging import Cursor, Order, Page, read_page

MOST_FOUND = 50
REGISTER: Order[CallerRequest] = Order(CallerRequest.registered_at, CallerRequest.id)


@dataclass(frozen=True)
class RequestFilter:
    """Which requests are looked for; `overdue`: only those past their day, `today` being the bureau's."""

    today: date
    kind: RequestKind | None = None
    state: RequestState | None = None
    office_code: str | None = None
    overdue: bool = False
    open: bool = False


def list_requests(session: Session, wanted: RequestFilter, cursor: Cursor | None = None) -> Page[CallerRequest]:
    """One page, the latest entered first."""
    query = select(CallerRequest)
    if wanted.kind is not None:
        query = query.where(CallerRequest.kind == wanted.kind)
    if wanted.state is not None:
        query = query.where(CallerRequest.state == wanted.state)
    if wanted.office_code is not None:
        query = query.where(CallerRequest.office_code == wanted.office_code)
    if wanted.open or wanted.overdue:
        query = query.where(CallerRequest.state.in_(OPEN))
    if wanted.overdue:
        query = query.where(CallerRequest.due_on < wanted.today)
    return read_page(session, query, REGISTER, cursor)


def count_open(session: Session, today: date) -> tuple[int, int]:
    """How many requests are open, and how many of them are overdue."""
    late = func.count().filter(CallerRequest.due_on < today)
    row = session.execute(select(func.count(), late).where(CallerRequest.state.in_(OPEN))).one()
    return row[0], row[1]


def calls_of_caller(session: Session, asked: CallerRequest) -> Sequence[Call]:
    """The answered calls from the number of who asks, in all offices, the latest first; without those tied."""
    query = select(Call).where(
        Call.caller_number == asked.caller_number,
        Call.answered_at.is_not(None),
        Call.id.not_in([tied.call_id for tied in asked.calls]),
    )
    return session.scalars(query.order_by(Call.offered_at.desc()).limit(MOST_FOUND)).all()
