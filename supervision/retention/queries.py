"""Looking at what is kept, held, proposed and deleted. All of it is headquarters', which sees all offices."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Exists, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from supervision.calls.models import Call
from supervision.clock import day_bounds
from supervision.draws.models import Ticket
from supervision.draws.rules import TICKET_MOVES
from supervision.paging import PAGE_SIZE, Cursor, Order, Page, read_page
from supervision.retention.models import (
    Deletion,
    DeletionItem,
    DeletionOrder,
    Hold,
    RetentionTerm,
)
from supervision.retention.rules import (
    DEFAULT_DAYS,
    DeletionCause,
    DeletionState,
    HoldReason,
    HoldTimes,
    ItemState,
    kept_until,
)

DELETIONS: Order[Deletion] = Order(Deletion.proposed_at, Deletion.id)
HOLDS: Order[Hold] = Order(Hold.placed_at, Hold.id)
ITEMS: Order[DeletionItem] = Order(DeletionItem.offered_at, DeletionItem.call_id)
WAITING = (DeletionState.PROPOSED, DeletionState.AGREED_ONCE)
OPEN_TICKET = tuple(state for state, moves in TICKET_MOVES.items() if moves)


@dataclass(frozen=True)
class DeletionFilter:
    """Which deletions are looked for."""

    office_code: str | None = None
    state: DeletionState | None = None


@dataclass(frozen=True)
class HoldFilter:
    """Which holds are looked for; `holding` None: released ones, too. `today` is the bureau's."""

    today: date
    office_code: str | None = None
    reason: HoldReason | None = None
    holding: bool | None = None


@dataclass(frozen=True)
class ProofFilter:
    """Which proofs are looked for, by the day of the call."""

    office_code: str | None = None
    from_day: date | None = None
    to_day: date | None = None
    call_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Counts:
    """The recordings of one deletion by their states; `at_office` of the deleted are gone there as well."""

    waiting: int = 0
    spared: int = 0
    deleted: int = 0
    at_office: int = 0


@dataclass(frozen=True)
class Proof:
    """That a recording was deleted: when, why, by whose agreement, and what it was."""

    call_id: uuid.UUID
    deletion_id: uuid.UUID
    cause: DeletionCause
    agreed_by: tuple[str, ...]
    pcm_sha256: str | None
    deleted_at: datetime | None


@dataclass(frozen=True)
class Keeping:
    """Until when a recording is kept, and what holds it longer; `drawn`: it has a ticket that is open."""

    until: datetime
    holds: Sequence[Hold]
    drawn: bool = False


def list_deletions(session: Session, wanted: DeletionFilter, cursor: Cursor | None = None) -> Page[Deletion]:
    """One page, the latest proposed first."""
    query = select(Deletion)
    if wanted.office_code is not None:
        query = query.where(Deletion.office_code == wanted.office_code)
    if wanted.state is not None:
        query = query.where(Deletion.state == wanted.state)
    return read_page(session, query, DELETIONS, cursor)


def count_open_deletions(session: Session) -> int:
    """How many deletions wait for somebody's agreement."""
    return session.scalar(select(func.count()).where(Deletion.state.in_(WAITING))) or 0


def list_open_deletions(session: Session) -> Sequence[Deletion]:
    """The deletions that wait for somebody's agreement, with those who have agreed."""
    query = select(Deletion).where(Deletion.state.in_(WAITING)).options(selectinload(Deletion.agreements))
    return session.scalars(query).all()


def counts_of(session: Session, deletion_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Counts]:
    """The recordings of these deletions, counted."""
    ids = list(deletion_ids)
    found: dict[uuid.UUID, dict[ItemState, tuple[int, int]]] = {one: {} for one in ids}
    query = (
        select(
            DeletionItem.deletion_id,
            DeletionItem.state,
            func.count().label("number"),
            func.count(DeletionItem.office_deleted_at).label("at_office"),
        )
        .where(DeletionItem.deletion_id.in_(ids))
        .group_by(DeletionItem.deletion_id, DeletionItem.state)
    )
    for row in session.execute(query):
        found[row.deletion_id][row.state] = row.number, row.at_office

    def number(one: uuid.UUID, *states: ItemState) -> int:
        return sum(found[one].get(state, (0, 0))[0] for state in states)

    return {
        one: Counts(
            waiting=number(one, ItemState.WAITING, ItemState.DELETING),
            spared=number(one, ItemState.SPARED),
            deleted=number(one, ItemState.DELETED),
            at_office=found[one].get(ItemState.DELETED, (0, 0))[1],
        )
        for one in ids
    }


def items_of(session: Session, deletion_id: uuid.UUID, cursor: Cursor | None = None) -> Page[DeletionItem]:
    """The recordings of one deletion, page by page."""
    return read_page(session, select(DeletionItem).where(DeletionItem.deletion_id == deletion_id), ITEMS, cursor)


def deletions_for(session: Session, subject: str) -> Sequence[Deletion]:
    """The deletions that were proposed for one subject."""
    return session.scalars(
        select(Deletion).where(Deletion.subject == subject).order_by(Deletion.proposed_at, Deletion.id)
    ).all()


def list_holds(session: Session, wanted: HoldFilter, cursor: Cursor | None = None) -> Page[Hold]:
    """One page, the latest placed first."""
    query = select(Hold).join(Call, Call.id == Hold.call_id).options(joinedload(Hold.call))
    if wanted.office_code is not None:
        query = query.where(Call.office_code == wanted.office_code)
    if wanted.reason is not None:
        query = query.where(Hold.reason == wanted.reason)
    if wanted.holding is not None:
        query = query.where(holding(wanted.today) if wanted.holding else ~holding(wanted.today))
    return read_page(session, query, HOLDS, cursor)


def count_holding(session: Session, today: date) -> int:
    """How many holds hold."""
    return session.scalar(select(func.count()).select_from(Hold).where(holding(today))) or 0


def list_proofs(
    session: Session, wanted: ProofFilter, cursor: Cursor | None = None, limit: int = PAGE_SIZE
) -> Page[DeletionItem]:
    """One page of what was deleted, the latest call first."""
    query = (
        select(DeletionItem)
        .join(Deletion, Deletion.id == DeletionItem.deletion_id)
        .options(joinedload(DeletionItem.deletion).selectinload(Deletion.agreements))
        .where(DeletionItem.state == ItemState.DELETED, *_proofs(wanted))
    )
    return read_page(session, query, ITEMS, cursor, limit)


def _proofs(wanted: ProofFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.office_code is not None:
        conditions.append(Deletion.office_code == wanted.office_code)
    if wanted.from_day is not None:
        conditions.append(DeletionItem.offered_at >= day_bounds(wanted.from_day)[0])
    if wanted.to_day is not None:
        conditions.append(DeletionItem.offered_at < day_bounds(wanted.to_day)[1])
    if wanted.call_id is not None:
        conditions.append(DeletionItem.call_id == wanted.call_id)
    return conditions


def proof_of(session: Session, call_id: uuid.UUID) -> Proof | None:
    """The proof that a recording was deleted: headquarters' own, or on a node what it was ordered."""
    gone = (ItemState.DELETING, ItemState.DELETED)
    query = select(DeletionItem).where(DeletionItem.call_id == call_id, DeletionItem.state.in_(gone))
    item = session.scalars(query).one_or_none()
    if item is not None:
        names = tuple(one.name for one in item.deletion.agreements)
        what = item.deletion.cause, names, item.pcm_sha256, item.deleted_at
        return Proof(call_id, item.deletion_id, *what)
    order = session.get(DeletionOrder, call_id)
    if order is None:
        return None
    names = tuple(str(one["name"]) for one in order.agreed_by)
    return Proof(call_id, order.deletion_id, order.cause, names, order.pcm_sha256, order.done_at)


def keeping_of(session: Session, call_id: uuid.UUID) -> Keeping:
    """Until when the recording of a call is kept. The id comes from a scoped query."""
    call = session.get_one(Call, call_id)
    until = kept_until(call.offered_at, term_in_force(session))
    return Keeping(until, holds_of(session, call.id), has_open_ticket(session, call.id))


def term_in_force(session: Session) -> int:
    """For how many days recordings are kept now."""
    newest = session.scalar(select(RetentionTerm.days).order_by(RetentionTerm.n.desc()).limit(1))
    return newest or DEFAULT_DAYS


def list_terms(session: Session) -> list[RetentionTerm]:
    """Every version, the newest first."""
    return list(session.scalars(select(RetentionTerm).order_by(RetentionTerm.n.desc())))


def holds_of(session: Session, call_id: uuid.UUID) -> Sequence[Hold]:
    """All holds of one recording, the earliest first."""
    return session.scalars(select(Hold).where(Hold.call_id == call_id).order_by(Hold.placed_at, Hold.id)).all()


def times_of(holds: Iterable[Hold]) -> list[HoldTimes]:
    """Holds as the rules see them."""
    return [HoldTimes(hold.until, hold.released_at is not None) for hold in holds]


def holding(today: date) -> ColumnElement[bool]:
    """The condition that a hold holds on the bureau's day, as `rules.holds_on` says it."""
    return Hold.released_at.is_(None) & or_(Hold.until.is_(None), Hold.until >= today)


def is_deletion_open(session: Session, subject: str) -> bool:
    """Whether a deletion for this subject is still to be agreed or carried out."""
    query = select(Deletion.id).where(
        Deletion.subject == subject, Deletion.state.not_in((DeletionState.DONE, DeletionState.DECLINED))
    )
    return session.scalar(query.limit(1)) is not None


def waiting(session: Session, deletion_id: uuid.UUID) -> Sequence[DeletionItem]:
    """The recordings of a deletion that wait for it."""
    query = select(DeletionItem).where(
        DeletionItem.deletion_id == deletion_id, DeletionItem.state == ItemState.WAITING
    )
    return session.scalars(query.order_by(DeletionItem.offered_at, DeletionItem.call_id)).all()


def ticket_open(call_id: uuid.UUID | InstrumentedAttribute[uuid.UUID] | ColumnElement[uuid.UUID]) -> Exists:
    """The condition that a call has a ticket that is neither done, found unusable nor released."""
    return exists().where(Ticket.call_id == call_id, Ticket.state.in_(OPEN_TICKET))


def has_open_ticket(session: Session, call_id: uuid.UUID) -> bool:
    """Whether a call has one."""
    return bool(session.scalar(select(ticket_open(call_id))))
