"""A node compares what headquarters works on with its own draw; a difference is an incident of the node's, which
headquarters is told of and cannot heal.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.draws.models import Draw
from supervision.draws.node_lists import remember
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.queries import entries_of, has_speech
from supervision.draws.rules import Entry, worked
from supervision.draws.ticket_rules import TicketState
from supervision.incidents.rules import Cause

MOST_FOLLOWED = 40
UNTOLD_FOR = timedelta(days=2)
JUDGED = frozenset({TicketState.DONE.value, TicketState.UNUSABLE.value})


def follow_tickets(session: Session, office_code: str, at: datetime) -> list[str]:
    """The draws of which something is due, and not all judged as far as is known here: how does the work stand?

    They are followed for as long as that takes. Where headquarters told nothing for two days, the node says so.
    """
    query = select(Draw).where(
        Draw.office_code == office_code,
        Draw.state.in_(DUE | {DrawState.EMPTY}),
        Draw.calls > 0,
        Draw.judged_at.is_(None),
    )
    rows = session.scalars(query.order_by(Draw.ends_at.desc(), Draw.name)).all()
    for row in rows:
        _check_told(session, row, at)
    first = int(at.timestamp()) // 60 % len(rows) if len(rows) > MOST_FOLLOWED else 0
    return [row.name for row in (*rows[first:], *rows[:first])[:MOST_FOLLOWED]]


def _check_told(session: Session, found: Draw, at: datetime) -> None:
    """Headquarters that does not say what it works on could work on anything."""
    last = found.told.get("tickets_at")
    since = datetime.fromisoformat(last) if last else found.drawn_at or found.whole_at
    if found.root is not None and since is not None and at >= since + UNTOLD_FOR:
        note_wrong(session, found, Cause.DRAW_TICKETS_UNTOLD, at, {"since": since.isoformat()})


def note_unchecked(session: Session, found: Draw, at: datetime) -> None:
    """Say that this node has no draw of its own to compare with: it was made anew after its share was given."""
    remember(found, unchecked=True)
    note_wrong(session, found, Cause.DRAW_UNCHECKED, at, {"said": "made_anew"})


def check_tickets(session: Session, found: Draw, told: list[dict[str, Any]], at: datetime) -> None:
    """See that headquarters works on what was drawn, or on all of a whole list, and on nothing less."""
    _remember_tickets(session, found, told, at)
    tickets = found.told.get("tickets") or []
    if found.root is None or found.state not in DUE:
        return
    is_known = bool(tickets) or found.state is DrawState.DRAWN  # a whole list may be so at the node's clock only
    compares = is_known and not found.told.get("unchecked")
    wrong = wrong_tickets(found, entries_of(session, found.id), tickets) if compares else []
    wrong += [
        one["call"]
        for one in tickets
        if one["state"] == TicketState.UNUSABLE and has_speech(session, uuid.UUID(one["call"]))
    ]
    if wrong:
        note_wrong(session, found, Cause.DRAW_TICKETS_DIFFER, at, {"calls": sorted(set(wrong))[:50]})
    elif is_known:
        note_over(session, found, Cause.DRAW_TICKETS_DIFFER, at)
    if tickets and not wrong and {one["state"] for one in tickets} <= JUDGED:
        found.judged_at = at
        note_over(session, found, Cause.DRAW_UNCHECKED, at)


def _remember_tickets(session: Session, found: Draw, told: list[dict[str, Any]], at: datetime) -> None:
    """Keep what was told, and to the hour when."""
    last = found.told.get("tickets_at")
    if told or found.state is DrawState.DRAWN:
        if last is None or not timedelta() <= at - datetime.fromisoformat(last) < timedelta(hours=1):
            remember(found, tickets_at=at.isoformat())
        note_over(session, found, Cause.DRAW_TICKETS_UNTOLD, at)
    remember(found, tickets=told)


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
