"""A node compares what headquarters works on with its own draw; a difference is an incident of the node's, which
headquarters is told of and cannot heal.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from supervision.draws.models import Draw
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import entries_of, has_speech
from supervision.draws.rules import Entry, worked
from supervision.draws.ticket_rules import TicketState
from supervision.incidents.models import Cause


def check_tickets(session: Session, found: Draw, at: datetime) -> None:
    """See that headquarters works on what was drawn, or on all of a whole list, and on nothing less."""
    tickets = found.told.get("tickets") or []
    if found.root is None or found.state not in {DrawState.DRAWN, DrawState.WHOLE}:
        return
    is_known = bool(tickets) or found.state is DrawState.DRAWN  # a whole list may be so at the node's clock only
    wrong = wrong_tickets(found, entries_of(session, found.id), tickets) if is_known else []
    wrong += [
        one["call"]
        for one in tickets
        if one["state"] == TicketState.UNUSABLE and has_speech(session, uuid.UUID(one["call"]))
    ]
    if wrong:
        note_wrong(session, found, Cause.DRAW_TICKETS_DIFFER, at, {"calls": sorted(set(wrong))[:50]})
    elif is_known:
        note_over(session, found, Cause.DRAW_TICKETS_DIFFER, at)


def wrong_tickets(found: Draw, entries: Sequence[Entry], tickets: Sequence[dict[str, Any]]) -> list[str]:
    """The calls that should be worked on and are not, or are and should not be, or in another's place."""
    told = {one["call"]: one["instead_of"] or "" for one in tickets}
    ours = expected(found, entries, tickets)
    return sorted(call for call in told.keys() | ours.keys() if told.get(call) != ours.get(call))


def expected(found: Draw, entries: Sequence[Entry], tickets: Sequence[dict[str, Any]]) -> dict[str, str]:
    """What is to be worked on, each call with the one in whose place it came."""
    if found.state is DrawState.WHOLE:
        return {one.call_id: "" for one in entries}
    gone = [one for one in tickets if one["state"] == TicketState.UNUSABLE]
    unusable = [one["call"] for one in sorted(gone, key=lambda one: int(one["agreed"]))]
    kept = worked(found.seed or "", Fraction(found.rate), entries, unusable)
    return {one.call_id: instead_of for one, instead_of in kept}
