"""Looking at draws and tickets. Every query takes the scope, so that it cannot be forgotten (habit 7)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from supervision.actor import Role, Scope
from supervision.calls.models import Call
from supervision.calls.queries import talked_as
from supervision.draws.messages import NodeState
from supervision.draws.models import Draw, DrawEntry, Ticket
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.rules import Entry, Party, TicketState, Tier, is_speech
from supervision.errors import NotFound
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paging import PAGE_SIZE, Cursor, Order, Page, read_page
from supervision.recordings.messages import measured_speech_ms
from supervision.recordings.models import OfficeCopy, Recording

OPEN = Ticket.state.in_((TicketState.WAITING, TicketState.TAKEN))
MOST_OF_OFFICE = 100
BY_PERIOD: Order[Draw] = Order(Draw.ends_at, Draw.id)


@dataclass(frozen=True)
class DrawFilter:
    """What the person looks for; None: all."""

    tier: Tier | None = None
    office_code: str | None = None
    state: DrawState | None = None


@dataclass(frozen=True)
class Progress:
    """How far the work on a draw has come. `exhausted`: there was nothing to add in place of what was unusable."""

    required: int
    done: int
    waiting: int
    unusable: int

    @property
    def left(self) -> int:
        """How many tickets still have to be done."""
        return max(0, self.required - self.done)

    @property
    def exhausted(self) -> bool:
        """Whether so many were unusable that the list has no more."""
        return self.done + self.waiting < self.required

    @property
    def met(self) -> bool:
        """Whether all is done that can be."""
        return self.waiting == 0 and (self.left == 0 or self.exhausted)


@dataclass(frozen=True)
class DrawnIn:
    """A draw in which a call was drawn."""

    draw_id: uuid.UUID
    tier: Tier


def drawn_in(session: Session, call_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[DrawnIn]]:
    """In which draws these calls were drawn, the office's first. The ids come from a scoped query.

    At headquarters by its tickets, on a node by what it received of them.
    """
    query = select(Ticket.call_id, Draw.id, Draw.tier).join(Draw, Draw.id == Ticket.draw_id)
    query = query.where(Ticket.call_id.in_(call_ids), Ticket.state != TicketState.RELEASED)
    rows = [(call_id, DrawnIn(draw_id, tier)) for call_id, draw_id, tier in session.execute(query)]
    listed = select(DrawEntry.draw_id).where(DrawEntry.call_id.in_(call_ids))
    for draw in session.scalars(select(Draw).where(Draw.id.in_(listed))):
        reviewed = {one.call for one in NodeState.of(draw).tickets if one.state is not TicketState.RELEASED}
        rows += [(one, DrawnIn(draw.id, draw.tier)) for one in call_ids if one in reviewed]
    found: dict[uuid.UUID, list[DrawnIn]] = {}
    for call_id, one in sorted(rows, key=lambda row: row[1].tier is not Tier.OFFICE):
        found.setdefault(call_id, []).append(one)
    return found


def list_draws(
    session: Session, scope: Scope, chosen: DrawFilter, cursor: Cursor | None = None, limit: int = PAGE_SIZE
) -> Page[Draw]:
    """One page of draws, the latest period first."""
    query = select(Draw).where(*within(scope), *_matching(chosen))
    return read_page(session, query, BY_PERIOD, cursor, limit)


def get_draw(session: Session, scope: Scope, draw_id: uuid.UUID) -> Draw:
    """The draw. Raises NotFound where there is none or where it lies outside the scope."""
    found = session.scalars(select(Draw).where(*within(scope), Draw.id == draw_id)).one_or_none()
    if found is None:
        raise NotFound(f"draw {draw_id}")
    return found


def entries_of(session: Session, draw_id: uuid.UUID, *, added: bool | None = None) -> list[Entry]:
    """The list of a draw, in no order; `added`: only the lines that only the office had, or only the others."""
    query = select(DrawEntry.call_id, DrawEntry.stratum, DrawEntry.audio).where(DrawEntry.draw_id == draw_id)
    if added is not None:
        query = query.where(DrawEntry.added.is_(added))
    return [Entry(str(row.call_id), row.stratum, row.audio) for row in session.execute(query)]


def tickets_of_draw(session: Session, scope: Scope, draw_id: uuid.UUID) -> Sequence[Ticket]:
    """The tickets of a draw in the order of work; one that came in place of another last."""
    query = select(Ticket).join(Draw, Draw.id == Ticket.draw_id).where(*within(scope), Ticket.draw_id == draw_id)
    return session.scalars(query.order_by(Ticket.place)).all()


def get_ticket(session: Session, scope: Scope, ticket_id: uuid.UUID) -> Ticket:
    """The ticket. Raises NotFound where there is none or where it lies outside the scope."""
    query = select(Ticket).join(Draw, Draw.id == Ticket.draw_id).where(*within(scope), Ticket.id == ticket_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"ticket {ticket_id}")
    return found


def list_work(
    session: Session, scope: Scope, reviewer: Party, limit: int = 500, answered_by: Role | None = None
) -> Sequence[Ticket]:
    """The tickets that a side has to review and that wait or are in somebody's hands: the draw due first, in its
    order of work.

    `answered_by`: only those of calls on which somebody of that role talked. Of those that wait, who sees all
    offices has no more than a hundred of each before him: one with calls without end hides no other's.
    """
    order = Draw.due_at, Draw.id, Ticket.place
    rank = func.row_number().over(partition_by=Draw.office_code, order_by=order)
    query = select(Ticket.id, rank.label("rank")).join(Draw, Draw.id == Ticket.draw_id)
    query = query.where(*within(scope), Draw.reviewer == reviewer, OPEN)
    if answered_by is not None:
        query = query.join(Call, Call.id == Ticket.call_id).where(talked_as(answered_by))
    ranked, most = query.subquery(), MOST_OF_OFFICE if scope.office_code is None else limit
    found = select(Ticket).join(ranked, ranked.c.id == Ticket.id).join(Draw, Draw.id == Ticket.draw_id)
    found = found.where((ranked.c.rank <= most) | (Ticket.state == TicketState.TAKEN))
    return session.scalars(found.order_by(*order).limit(limit)).all()


def list_draws_with_work(session: Session, scope: Scope, reviewer: Party) -> Sequence[Draw]:
    """The draws of which a ticket of that side's waits or is in somebody's hands, the one due first first."""
    open_ones = select(Ticket.draw_id).where(OPEN)
    query = select(Draw).where(*within(scope), Draw.reviewer == reviewer, Draw.id.in_(open_ones))
    return session.scalars(query.order_by(Draw.due_at, Draw.office_code)).all()


def list_unnamed(session: Session, office_code: str, named: Collection[str], limit: int) -> Sequence[Draw]:
    """The draws of an office of which work is left, and of which its node does not speak."""
    query = select(Draw).where(Draw.office_code == office_code, Draw.state.in_(DUE))
    is_left = OPEN | (Ticket.state == TicketState.PROPOSED)
    query = query.where(Draw.id.in_(select(Ticket.draw_id).where(is_left)), Draw.name.not_in(named))
    return session.scalars(query.order_by(Draw.ends_at.desc(), Draw.name).limit(limit)).all()


def list_differing(session: Session, scope: Scope) -> Sequence[Draw]:
    """The draws of which the two sides have different lists or tickets, as an open incident says; by name."""
    causes = Cause.DRAW_LISTS_DIFFER, Cause.DRAW_TICKETS_DIFFER
    named = select(Incident.subject).where(Incident.cause.in_(causes), Incident.healed_at.is_(None))
    query = select(Draw).where(*within(scope), Draw.name.in_(named))
    return session.scalars(query.order_by(Draw.name)).all()


def list_proposed(session: Session, scope: Scope, limit: int = 100) -> Sequence[Ticket]:
    """The tickets that somebody found unusable and another person has to decide on, the oldest proposal first."""
    query = select(Ticket).join(Draw, Draw.id == Ticket.draw_id)
    query = query.where(*within(scope), Ticket.state == TicketState.PROPOSED)
    return session.scalars(query.order_by(Ticket.proposed_at, Ticket.id).limit(limit)).all()


def progress_of(session: Session, draws: Sequence[Draw]) -> dict[uuid.UUID, Progress]:
    """How far the work on these draws has come; those of which nothing is due yet are left out."""
    empty = {one.id: Progress(0, 0, 0, 0) for one in draws if one.state is DrawState.EMPTY}
    whole = {one.id: one.state is DrawState.WHOLE for one in draws if one.state in DUE}
    if not whole:
        return empty
    known = Ticket.draw_id.in_(whole), Ticket.state != TicketState.RELEASED
    query = select(Ticket.draw_id, Ticket.state, func.count()).where(*known)
    counted: dict[uuid.UUID, dict[TicketState, int]] = {one: {} for one in whole}
    for draw_id, state, number in session.execute(query.group_by(Ticket.draw_id, Ticket.state)):
        counted[draw_id][state] = number
    replaced = select(Ticket.draw_id, func.count()).where(*known, Ticket.successor_of.is_not(None))
    added = dict(session.execute(replaced.group_by(Ticket.draw_id)).all())
    found = {one: make_progress(states, added.get(one, 0), whole=whole[one]) for one, states in counted.items()}
    return empty | found


def is_reviewed(session: Session, draw: Draw) -> bool:
    """Whether something of this draw is due at headquarters, and each ticket is done or unusable."""
    progress = progress_of(session, [draw]).get(draw.id)
    return progress is not None and progress.waiting == 0


def make_progress(states: Mapping[TicketState, int], added: int, *, whole: bool) -> Progress:
    """Progress by how many tickets are in which state. A list drawn whole requires all that are not unusable."""
    unusable = states.get(TicketState.UNUSABLE, 0)
    done = states.get(TicketState.DONE, 0)
    total = sum(states.values())
    required = total - (unusable if whole else added)
    return Progress(required, done, total - done - unusable, unusable)


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions of a scope on draws. Who sees only his own calls sees no draw."""
    conditions: list[ColumnElement[bool]] = []
    if scope.office_code is not None:
        conditions.append(Draw.office_code == scope.office_code)
    if scope.own is not None:
        conditions.append(Draw.id.is_(None))
    return conditions


def _matching(chosen: DrawFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.tier is not None:
        conditions.append(Draw.tier == chosen.tier)
    if chosen.office_code is not None:
        conditions.append(Draw.office_code == chosen.office_code)
    if chosen.state is not None:
        conditions.append(Draw.state == chosen.state)
    return conditions


def strata_of(session: Session, draw_id: uuid.UUID) -> dict[str, int]:
    """How many calls of a draw's list each person answered."""
    query = select(DrawEntry.stratum, func.count()).where(DrawEntry.draw_id == draw_id)
    return dict(session.execute(query.group_by(DrawEntry.stratum).order_by(DrawEntry.stratum)).all())


def has_speech(session: Session, call_id: uuid.UUID) -> bool:
    """Whether speech was measured in the copy that is here, or at headquarters in the office's, as it reported."""
    copy = session.get(OfficeCopy, call_id)
    if copy is not None and is_speech(copy.speech_ms):
        return True
    own = session.get(Recording, call_id)
    return own is not None and is_speech(measured_speech_ms(own))
