"""Quotas: one of each draw whose period is over or that is made, with its progress."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.clock import day_bounds, local
from supervision.draws.models import Draw, Ticket
from supervision.draws.party import name_of, protocol_of
from supervision.draws.protocol_rules import DUE, OVER, DrawState, reviewer_of
from supervision.draws.queries import Progress, progress_of, within
from supervision.draws.rules import Party, TicketState, last_day
from supervision.quotas.rules import Urgency, urgency

MOST_MET = 1000
_UNDONE = Ticket.state.in_((TicketState.WAITING, TicketState.TAKEN, TicketState.PROPOSED))


@dataclass(frozen=True)
class Quota:
    """One office's quota of one period and tier; no progress: its period is over, and it is not drawn yet."""

    draw: Draw
    progress: Progress | None
    due_at: datetime
    urgency: Urgency

    @property
    def unconfirmed(self) -> bool:
        """Whether there were no calls, and a party has not given its word for it yet."""
        return self.progress is not None and is_unconfirmed(self.draw)

    @property
    def reviewer(self) -> Party:
        """Whose it is to review; of what is not due yet, the tier's own."""
        return self.draw.reviewer or reviewer_of(protocol_of(self.draw))

    @property
    def waits_for_office(self) -> bool:
        """Whether the office itself has something to do before headquarters' draw can be worked on."""
        if self.reviewer is Party.OFFICE:
            return False
        return self.progress is None or (self.unconfirmed and not self.draw.none_by_office)

    @property
    def left(self) -> int:
        """How many recordings are still to be reviewed, as far as is known."""
        return self.progress.left if self.progress else 0


def list_quotas(session: Session, scope: Scope, at: datetime, *, since: datetime | None = None) -> list[Quota]:
    """The quotas of all that is not met, overdue first, then by their end, and the latest that are met.

    A draw that nobody brings to its tickets is due like any other: to avoid it must not pay. `since`: of what is
    met, only periods that ended since then.
    """
    wanted = select(Draw).where(*within(scope)).order_by(Draw.ends_at.desc(), Draw.id)
    draws = {one.id: one for one in session.scalars(wanted.where(_is_unmet(at)))}
    draws |= {one.id: one for one in session.scalars(wanted.where(Draw.state.in_(OVER | DUE)).limit(MOST_MET))}
    done = progress_of(session, list(draws.values()))
    quotas = [quota_of(one, done.get(one.id), at) for one in draws.values()]
    kept = [one for one in quotas if since is None or one.draw.ends_at >= since or one.urgency is not Urgency.MET]
    order = [Urgency.OVERDUE, Urgency.DUE_SOON, Urgency.IN_TIME, Urgency.MET]
    kept.sort(key=lambda one: one.draw.ends_at, reverse=True)
    return sorted(kept, key=lambda one: order.index(one.urgency))


def list_unmet(session: Session, scope: Scope, at: datetime) -> list[Quota]:
    """Only those that are not met, by their end: what each page asks for."""
    query = select(Draw).where(*within(scope), _is_unmet(at))
    draws = session.scalars(query).all()
    done = progress_of(session, draws)
    quotas = (quota_of(one, done.get(one.id), at) for one in draws)
    return sorted((one for one in quotas if one.urgency is not Urgency.MET), key=lambda one: one.due_at)


def _is_unmet(at: datetime) -> ColumnElement[bool]:
    """Whether a draw is not made though its period is over, or not all of it is done or confirmed."""
    undrawn = Draw.state.not_in(OVER | DUE) & (Draw.ends_at <= at)
    unmet = or_(
        Draw.id.in_(select(Ticket.draw_id).where(_UNDONE)),
        (Draw.state == DrawState.EMPTY) & or_(Draw.none_by_office == "", Draw.none_by_hq == ""),
    )
    return or_(undrawn, Draw.state.in_(OVER | DUE) & unmet)


def quota_of(draw: Draw, progress: Progress | None, at: datetime) -> Quota:
    """How one draw's quota stands. An empty one is met once both parties have given their word."""
    met = progress is not None and progress.met and not is_unconfirmed(draw)
    return Quota(draw, progress, due_of(draw), urgency(due_of(draw), at, met=met))


def is_unconfirmed(draw: Draw) -> bool:
    """Whether a draw without calls lacks a party's word for it; not where its calls are in another list."""
    given = draw.none_by_office and draw.none_by_hq
    return draw.state is DrawState.EMPTY and not given and not draw.moved.get("elsewhere")


def due_of(draw: Draw) -> datetime:
    """When all of a draw must be reviewed; of one that is not drawn yet, from its period alone."""
    if draw.due_at is not None:
        return draw.due_at
    return day_bounds(last_day(name_of(draw), local(draw.frozen_at or draw.ends_at).date()))[1]
