"""What is drawn and not judged yet is held by its ticket; nobody has to place that hold (rule 11)."""

import uuid

from sqlalchemy import ColumnElement, Exists, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.draws.models import Ticket
from supervision.draws.rules import TICKET_MOVES

OPEN = tuple(state for state, moves in TICKET_MOVES.items() if moves)


def ticket_open(call_id: uuid.UUID | InstrumentedAttribute[uuid.UUID] | ColumnElement[uuid.UUID]) -> Exists:
    """The condition that a call has a ticket that is neither done, found unusable nor released."""
    return exists().where(Ticket.call_id == call_id, Ticket.state.in_(OPEN))


def has_open_ticket(session: Session, call_id: uuid.UUID) -> bool:
    """Whether a call has one."""
    return bool(session.scalar(select(ticket_open(call_id))))
