"""Draws as a page meets them: made by hand, consistent enough to be verified."""

import uuid
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.calls.models import Call
from supervision.clock import local
from supervision.draws.hq_lists import draw_whole, freeze_list, make_draw, stand_if_due
from supervision.draws.lists import answered_call
from supervision.draws.models import AnsweredCall, Draw, Ticket
from supervision.draws.party import open_draw, protocol_of, save
from supervision.draws.protocol_rules import close, commit, give, reveal
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import FLOOR_PERCENT, Party, commitment_of, parse_name, week_of

SHARES = {Party.OFFICE: "11" * 32, Party.HQ: "22" * 32}
EPOCH = uuid.UUID(int=7)


def make_committed(session: Session, text: str, at: datetime) -> Draw:
    """A draw whose period goes on, both committed."""
    name = parse_name(text)
    draw = open_draw(session, name, Fraction(FLOOR_PERCENT[name.tier], 100), at)
    protocol = protocol_of(draw)
    for party, share in SHARES.items():
        protocol = commit(
            protocol, party, commitment_of(draw.name, party, share), draw.ends_at - timedelta(days=1)
        )
    save(draw, protocol)
    return draw


def note_all_answered(session: Session, office_code: str, at: datetime) -> None:
    """Have headquarters know the office's calls as if facts had come of them, all in one go."""
    known = set(session.scalars(select(AnsweredCall.call_id)))
    calls = session.scalars(select(Call).where(Call.office_code == office_code, Call.answered_at.is_not(None)))
    session.add_all(
        answered_call(session, office_code, _fact_of(call), at) for call in calls.all() if call.id not in known
    )
    session.flush()


def _fact_of(call: Call) -> dict[str, str | None]:
    answered = call.answered_at.isoformat() if call.answered_at else None
    said = {"id": str(call.id), "answered_at": answered, "answered_desk": call.answered_desk}
    return {**said, "offered_at": call.offered_at.isoformat()}


def make_agreed(session: Session, text: str, at: datetime) -> Draw:
    """A draw of the calls that are there, whose list stands."""
    draw = make_committed(session, text, at)
    at = max(at, draw.ends_at)
    note_all_answered(session, draw.office_code, at)
    save(draw, close(protocol_of(draw), at))
    draw.said = {
        "office_commitment": draw.office_commitment, "hq_commitment": draw.hq_commitment, "rate": draw.rate
    }  # fmt: skip
    freeze_list(session, draw, (EPOCH, 1), at)
    draw.answered_at, draw.office_root = at, draw.frozen_root
    stand_if_due(session, draw, at + timedelta(minutes=1))
    return draw


def make_drawn(session: Session, text: str, at: datetime) -> Draw:
    """A draw of the calls that are there, all the way to its tickets."""
    draw = make_agreed(session, text, at)
    if draw.calls:
        give_both(session, draw, max(at, draw.ends_at) + timedelta(minutes=2))
    session.flush()
    return draw


def give_both(session: Session, draw: Draw, at: datetime) -> None:
    """Both shares are given."""
    revealed = reveal(protocol_of(draw), SHARES[Party.OFFICE])
    draw.office_revealed_at = draw.hq_revealed_at = at
    make_draw(session, draw, give(revealed, SHARES[Party.HQ]), at)


def make_whole(session: Session, text: str, at: datetime, *, failed: Party) -> Draw:
    """A draw whose list is due whole, since a party gave no share."""
    draw = make_agreed(session, text, at)
    at = max(at, draw.ends_at)
    if failed is Party.HQ:
        save(draw, reveal(protocol_of(draw), SHARES[Party.OFFICE]))
        draw.office_revealed_at = at + timedelta(hours=1)
    draw_whole(session, draw, protocol_of(draw), at + timedelta(hours=49))
    return draw


def ticket_of(session: Session, call: Call, at: datetime) -> Ticket:
    """The first ticket of the week of a call."""
    week = week_of(local(call.offered_at).date())
    draw = make_drawn(session, f"office:{call.office_code}:{week.name}", at)
    return tickets_of_draw(session, Scope(), draw.id)[0]
