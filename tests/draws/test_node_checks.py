"""A node compares what headquarters works on with its own draw, and headquarters cannot heal what it finds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.draws.models import Draw, DrawEntry, Ticket
from supervision.draws.ticket_rules import TicketState, Unusable
from supervision.draws.tickets import _add_successor
from supervision.incidents.models import Cause, Incident
from supervision.incidents.service import acknowledge
from supervision.people.rules import Scope
from supervision.recordings.models import Recording
from tests.draws.test_exchange import a_week, an_actor, incidents, tickets
from tests.draws.two_sides import TwoSides, two_sides


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        a_week(both)
        both.speak(4)
        yield both


def differing(sides: TwoSides) -> int:
    return incidents(sides, Cause.DRAW_TICKETS_DIFFER, side=sides.node)


def swap(sides: TwoSides) -> None:
    """Headquarters works on another call than was drawn."""
    drawn = {one.call_id for one in tickets(sides)}
    with sides.hq.transaction() as session:
        query = select(DrawEntry.call_id).where(DrawEntry.draw_id == sides.draw(sides.hq).id)
        other = next(one for one in session.scalars(query) if one not in drawn)
        session.get_one(Ticket, tickets(sides)[0].id).call_id = other


def test_a_ticket_that_was_swapped_is_an_incident_that_headquarters_cannot_heal(sides: TwoSides) -> None:
    assert differing(sides) == 0
    kept = tickets(sides)[0].call_id
    swap(sides)
    sides.speak(2)
    assert differing(sides) == 1
    sides.tell()
    head = an_actor(sides.hq)
    with sides.hq.transaction() as session:
        told = session.scalars(select(Incident).where(Incident.cause == Cause.DRAW_TICKETS_DIFFER)).one()
        assert told.told
        acknowledge(session, head, Scope(), told.id, note="已阅", version=told.version, at=sides.at)
        assert told.healed_at is None
    with sides.hq.transaction() as session:
        session.get_one(Ticket, tickets(sides)[0].id).call_id = kept
    sides.speak(2)
    assert differing(sides) == 0, "the node has seen it over"


def test_a_ticket_that_was_dropped_is_an_incident(sides: TwoSides) -> None:
    with sides.hq.transaction() as session:
        session.delete(session.get_one(Ticket, tickets(sides)[0].id))
    sides.speak(2)
    assert differing(sides) == 1


@pytest.mark.parametrize("speaks", [False, True])
def test_an_unusable_ticket_in_which_the_node_measured_speech_is_an_incident(
    sides: TwoSides, speaks: bool
) -> None:
    first = tickets(sides)[0]
    proposer, head = an_actor(sides.hq), an_actor(sides.hq)
    with sides.node.transaction() as session:
        session.get_one(Recording, first.call_id).caller_silence_ms = 20_000 if speaks else 60_000
    with sides.hq.transaction() as session:
        row = session.get_one(Ticket, first.id)
        row.state, row.reason, row.agreed_n = TicketState.UNUSABLE, Unusable.NO_SPEECH, 1
        row.proposed_by, row.agreed_by = proposer.account_id, head.account_id
    sides.speak(2)
    assert differing(sides) == 1, "its successor is missing"
    with sides.hq.transaction() as session:
        draw = session.get_one(Draw, first.draw_id)
        _add_successor(session, draw, session.get_one(Ticket, first.id), sides.at)
    sides.speak(2)
    assert differing(sides) == speaks
