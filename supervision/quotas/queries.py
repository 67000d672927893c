"""Looking at quotas: one of each draw that is made, with how it stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import Progress, progress_of, within
from supervision.people.rules import Scope
from supervision.quotas.rules import Urgency, urgency

MOST = 1000


@dataclass(frozen=True)
class Quota:
    """One office's quota of one period and tier."""

    draw: Draw
    progress: Progress
    urgency: Urgency

    @property
    def unconfirmed(self) -> bool:
        """Whether there were no calls, and a party has not given its word for it yet."""
        return self.draw.calls == 0 and not (self.draw.none_by_office and self.draw.none_by_hq)


def list_quotas(session: Session, scope: Scope, at: datetime, *, since: datetime | None = None) -> list[Quota]:
    """The quotas of what is drawn, overdue first, then by their end. `since`: of periods that ended since then,
    and whatever is still to be done.
    """
    query = (
        select(Draw).where(*within(scope), Draw.state == DrawState.DRAWN).order_by(Draw.ends_at.desc(), Draw.id)
    )
    draws = session.scalars(query.limit(MOST)).all()
    done = progress_of(session, draws)
    quotas = [quota_of(one, done[one.id], at) for one in draws]
    kept = [one for one in quotas if since is None or one.draw.ends_at >= since or one.urgency is not Urgency.MET]
    order = [Urgency.OVERDUE, Urgency.DUE_SOON, Urgency.IN_TIME, Urgency.MET]
    return sorted(kept, key=lambda one: order.index(one.urgency))


def quota_of(draw: Draw, progress: Progress, at: datetime) -> Quota:
    """How one draw's quota stands. An empty one is met once both parties have given their word."""
    quota = Quota(draw, progress, Urgency.IN_TIME)
    met = progress.met and not quota.unconfirmed
    return Quota(draw, progress, urgency(draw.due_at or draw.ends_at, at, met=met))
