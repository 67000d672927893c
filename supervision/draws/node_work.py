"""On an office's node: how the work on a draw stands, as headquarters sent its tickets."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.queries import Progress, make_progress, within
from supervision.draws.rules import Party, TicketState
from supervision.draws.transcript import Worked, worked_of


def list_work_received(session: Session, scope: Scope, reviewer: Party) -> Iterator[tuple[Draw, Progress]]:
    """The draws that a side has to review and has not finished, the one due first first."""
    query = select(Draw).where(*within(scope), Draw.reviewer == reviewer, Draw.state.in_(DUE))
    for draw in session.scalars(query.where(Draw.judged_at.is_(None)).order_by(Draw.due_at, Draw.name)):
        progress = progress_received(draw, worked_of(session, draw))
        if progress is not None and not progress.met:
            yield draw, progress


def progress_received(draw: Draw, tickets: Sequence[Worked]) -> Progress | None:
    """How far the work has come; a ticket of which nothing was received waits. None: nothing is due."""
    if draw.state is DrawState.EMPTY:
        return Progress(0, 0, 0, 0)
    if draw.state not in DUE:
        return None
    counted: dict[TicketState, int] = {}
    for one in tickets:
        state = one.state or TicketState.WAITING
        counted[state] = counted.get(state, 0) + 1
    added = sum(1 for one in tickets if one.instead_of)
    return make_progress(counted, added, whole=draw.state is DrawState.WHOLE)
