"""A node compares what headquarters works on with its own draw; a difference is an incident of the node's, which
reported to headquarters, which cannot heal it. Only that a draw cannot be checked may be settled on either side.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.draws.check_rules import is_all_judged, is_compared, is_unreported, was_asked_long, wrong_tickets
from supervision.draws.messages import NodeState, SentTicket
from supervision.draws.models import Draw
from supervision.draws.node_lists import remember
from supervision.draws.party import note_over, note_wrong, protocol_of
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.queries import entries_of, has_speech
from supervision.draws.rules import TicketState
from supervision.exchange.queries import headquarters_reached_at
from supervision.incidents.rules import Cause
from supervision.incidents.service import is_open

MOST_FOLLOWED = 40


def follow_tickets(session: Session, office_code: str, at: datetime) -> list[str]:
    """The draws of which something is due, and not all judged as far as is known here: how does the work stand?

    They are followed for as long as that takes. Where headquarters sent nothing for two days, the node says so.
    """
    query = select(Draw).where(
        Draw.office_code == office_code,
        Draw.state.in_(DUE | {DrawState.EMPTY}),
        Draw.calls > 0,
        Draw.judged_at.is_(None),
    )
    rows = session.scalars(query.order_by(Draw.ends_at.desc(), Draw.name)).all()
    reached_at = headquarters_reached_at(session)
    for row in rows:
        _check_reported(session, row, reached_at, at)
    first = int(at.timestamp()) // 60 % len(rows) if len(rows) > MOST_FOLLOWED else 0
    return [row.name for row in (*rows[first:], *rows[:first])[:MOST_FOLLOWED]]


def _check_reported(session: Session, found: Draw, reached_at: datetime | None, at: datetime) -> None:
    """Headquarters that does not say what it works on could work on anything.

    Its two days run by this node's clock from when something of a list that stood first was due, or it last said
    so; no list that is made anew puts that off. While it cannot be reached, it is not said to be silent.
    """
    if found.root is not None and NodeState.of(found).due_since is None:
        remember(found, due_since=at)
    node_state = NodeState.of(found)
    last = node_state.tickets_at or node_state.due_since
    if last is None or reached_at is None or not is_unreported(last, reached_at):
        return
    if node_state.asked_since is None:
        remember(found, asked_since=at)
    elif was_asked_long(node_state.asked_since, reached_at):
        note_wrong(session, found, Cause.DRAW_TICKETS_UNREPORTED, at, {"since": last.isoformat()})


def note_unchecked(session: Session, found: Draw, at: datetime) -> None:
    """Say once that this node has no draw of its own to compare with: it was made anew after its share was given.

    Where headquarters works on all of the list, there is nothing to compare.
    """
    remember(found, unchecked=True)
    node_state = NodeState.of(found)
    if node_state.unchecked_said:
        return
    if not node_state.tickets or _wrong(session, found, node_state.tickets):
        remember(found, unchecked_said=True)
        note_wrong(session, found, Cause.DRAW_UNCHECKED, at, {"said": "made_anew"})


def _has_settled(session: Session, found: Draw) -> bool:
    """Whether a person has settled that this node cannot check; healed by the machine, it counts as never said."""
    return NodeState.of(found).unchecked_said and not is_open(
        session, found.office_code, Cause.DRAW_UNCHECKED, found.name
    )


def check_tickets(session: Session, found: Draw, sent: Sequence[SentTicket], at: datetime) -> None:
    """See that headquarters works on what was drawn, or on all of a whole list, and on nothing less."""
    _remember_tickets(session, found, sent, at)
    tickets = NodeState.of(found).tickets
    if not is_compared(protocol_of(found)):
        return
    is_known = bool(tickets) or found.state is DrawState.DRAWN  # a whole list may be so at the node's clock only
    wrong = _wrong(session, found, tickets) if is_known else []
    is_unchecked = bool(wrong) and found.state is DrawState.WHOLE and NodeState.of(found).unchecked
    if is_unchecked:
        wrong = []  # they may be what was drawn: there is no draw here to compare with
    elif is_known:
        note_over(session, found, Cause.DRAW_UNCHECKED, at)
        remember(found, unchecked_said=False)
    wrong += [
        str(one.call) for one in tickets if one.state is TicketState.UNUSABLE and has_speech(session, one.call)
    ]
    if wrong:
        note_wrong(session, found, Cause.DRAW_TICKETS_DIFFER, at, {"calls": sorted(set(wrong))[:50]})
    elif is_known and not is_unchecked:
        note_over(session, found, Cause.DRAW_TICKETS_DIFFER, at)
    if (
        is_all_judged(one.state for one in tickets)
        and not wrong
        and (not is_unchecked or _has_settled(session, found))
    ):
        found.judged_at = at


def _wrong(session: Session, found: Draw, tickets: Sequence[SentTicket]) -> list[str]:
    """The calls of which headquarters works on another ticket than was drawn here."""
    received = [one.ticket for one in tickets]
    return wrong_tickets(protocol_of(found), found.seed or "", entries_of(session, found.id), received)


def _remember_tickets(session: Session, found: Draw, sent: Sequence[SentTicket], at: datetime) -> None:
    """Keep what was received, and to the hour when; what is compared with no list says nothing.

    Of a list that headquarters has just made anew nothing is due here yet, and nothing compared: to tell of
    tickets together with each new list puts nothing off.
    """
    last = NodeState.of(found).tickets_at
    if is_compared(protocol_of(found)) and (sent or found.state is DrawState.DRAWN):
        if last is None or not timedelta() <= at - last < timedelta(hours=1):
            remember(found, tickets_at=at)
        remember(found, asked_since=None)
        note_over(session, found, Cause.DRAW_TICKETS_UNREPORTED, at)
    remember(found, tickets=tuple(sent))
