"""Tickets that somebody found unusable, for another person of headquarters to decide on."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.calls.queries import CallRow, get_row
from supervision.draws.models import Ticket
from supervision.draws.queries import list_proposed
from supervision.people.queries import names_of
from supervision.people.rules import Act, may


@dataclass(frozen=True)
class Proposal:
    """One ticket with its call and who proposed it; `mine`: I did, so another decides."""

    ticket: Ticket
    row: CallRow
    by: str
    mine: bool


def proposals_for(session: Session, actor: Actor, scope: Scope) -> Sequence[Proposal]:
    """What waits for a decision; nothing for whoever may not decide."""
    if not may(actor.role, Act.JUDGE_TICKETS):
        return ()
    tickets = list_proposed(session, scope)
    names = names_of(session, [one.proposed_by for one in tickets if one.proposed_by])
    return [_proposal(session, actor, scope, one, names) for one in tickets]


def _proposal(
    session: Session, actor: Actor, scope: Scope, ticket: Ticket, names: dict[uuid.UUID, str]
) -> Proposal:
    by = names.get(ticket.proposed_by, "–") if ticket.proposed_by else "–"
    return Proposal(ticket, get_row(session, scope, ticket.call_id), by, ticket.proposed_by == actor.account_id)
