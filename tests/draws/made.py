"""Draws as a page meets them: made by hand, consistent enough to be verified."""

from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.clock import local
from supervision.draws.book import open_draw, protocol_of, save
from supervision.draws.hq import make_draw
from supervision.draws.lists import of_headquarters, store
from supervision.draws.models import Draw, Ticket
from supervision.draws.period_rules import DrawName, parse_name, week_of
from supervision.draws.protocol_rules import answer, close, commit, freeze, reveal
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import FLOOR_PERCENT, Party, commitment_of, root_of
from supervision.people.rules import Scope

SHARES = {Party.OFFICE: "11" * 32, Party.HQ: "22" * 32}


def make_committed(session: Session, text: str, at: datetime) -> Draw:
    """A draw whose period goes on, both committed."""
    name: DrawName = parse_name(text)
    draw = open_draw(session, name, Fraction(FLOOR_PERCENT[name.tier], 100))
    protocol = protocol_of(session, draw)
    for party, share in SHARES.items():
        protocol = commit(protocol, party, commitment_of(draw.name, party, share), at)
    save(session, draw, protocol, at)
    return draw


def make_drawn(session: Session, text: str, at: datetime) -> Draw:
    """A draw of the calls that are there, all the way to its tickets."""
    draw = make_committed(session, text, at)
    entries = of_headquarters(session, draw)
    store(session, draw, entries)
    draw.frozen_at = draw.closed_at = max(at, draw.ends_at)
    protocol = freeze(close(protocol_of(session, draw)), root_of(entries))
    protocol = answer(protocol, root_of(entries), at + timedelta(minutes=1))
    draw.office_root = protocol.root
    save(session, draw, protocol, at + timedelta(minutes=1))
    for party, share in SHARES.items():
        protocol = reveal(protocol, party, share)
    save(session, draw, protocol, at + timedelta(minutes=2))
    make_draw(session, draw, protocol, at + timedelta(minutes=2))
    session.flush()
    return draw


def ticket_of(session: Session, call: Call, at: datetime) -> Ticket:
    """The first ticket of the week of a call."""
    week = week_of(local(call.offered_at).date())
    draw = make_drawn(session, f"office:{call.office_code}:{week.name}", at)
    return tickets_of_draw(session, Scope(), draw.id)[0]
