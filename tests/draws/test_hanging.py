"""A draw that somebody keeps from going on is seen, and a party that asks for what must not be is not followed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.database import Database
from supervision.draws.models import DrawEntry
from supervision.draws.node import write_letter
from supervision.draws.period_rules import parse_name
from supervision.draws.protocol_rules import STALLED_AFTER, DrawState
from supervision.draws.queries import tickets_of_draw
from supervision.draws.statements import HqLetter
from supervision.draws.ticket_rules import Unusable
from supervision.draws.tickets import decide_unusable, propose_unusable
from supervision.incidents.models import Cause, Incident
from supervision.people.rules import Role, Scope
from tests.calls.samples import NOON, make_town, seconds
from tests.draws.made import make_drawn
from tests.draws.test_clocks import open_at_node
from tests.draws.test_exchange import a_week, an_actor, incidents, lose_the_share, throw
from tests.draws.two_sides import CODE, WEEKLY, TwoSides, two_sides
from verify_draw import verify


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def test_a_node_that_closes_and_then_says_nothing_is_seen_a_day_later(sides: TwoSides) -> None:
    a_week(sides)
    with sides.node.transaction() as session:
        write_letter(session, CODE, sides.at)
    sides.tell()
    frozen_at = sides.draw(sides.hq).frozen_at
    assert frozen_at
    sides.at = frozen_at + STALLED_AFTER - timedelta(seconds=1)
    sides.mind()
    assert incidents(sides, Cause.DRAW_STALLED) == 0
    sides.later(seconds=1)
    sides.mind()
    assert incidents(sides, Cause.DRAW_STALLED) == 1
    sides.speak(4)
    assert sides.draw(sides.hq).state is DrawState.DRAWN
    assert incidents(sides, Cause.DRAW_STALLED) == 0


def test_dice_that_nobody_throws_are_missed_and_each_withheld_share_is_noted(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(2)
    head = an_actor(sides)
    for attempt in (1, 2):
        lose_the_share(sides)
        sides.speak(3)
        sides.later(hours=24, minutes=1)
        sides.speak(4)
        assert incidents(sides, Cause.DRAW_SHARE_WITHHELD) == attempt
        sides.later(hours=25)
        sides.mind()
        assert incidents(sides, Cause.DRAW_STALLED) == 1
        if attempt == 1:
            lose_the_share(sides)
        throw(sides, head)
        sides.speak(3)
    assert sides.draw(sides.hq).state is DrawState.DRAWN
    assert incidents(sides, Cause.DRAW_STALLED) == 0
    assert verify(sides.transcript(sides.hq)).faults == []


def test_a_node_follows_no_rate_under_the_floor(sides: TwoSides) -> None:
    a_week(sides)
    sides.write()
    sides.tell()
    letter = HqLetter.model_validate_json(sides.take(sides.write()))
    low = tuple(one.model_copy(update={"rate": "1/100"}) for one in letter.answers)
    sides.read(HqLetter(answers=low).model_dump_json())
    assert sides.draw(sides.node).state is DrawState.CLOSED
    assert open_at_node(sides, Cause.DRAW_OUT_OF_ORDER) == len(low)
    sides.speak(4)
    assert sides.draw(sides.node).state is DrawState.DRAWN
    assert sides.draw(sides.node, WEEKLY).rate == "1/5"


def test_a_successor_without_a_recording_is_an_incident_too(store: Database) -> None:
    with store.transaction() as session:
        town = make_town(session)
        town.person("head", "沈科长", Role.SUPERVISION_HEAD)
        for n in range(3):
            town.call(NOON + seconds(60 * n))
        draw = make_drawn(session, "office:01:2026-W11", NOON + timedelta(days=6))
        assert {one.audio for one in session.scalars(select(DrawEntry))} == {"-"}
        (ticket,) = tickets_of_draw(session, Scope(), draw.id)
        who = session, town.actor("leader"), Scope()
        propose_unusable(*who, ticket.id, reason=Unusable.NO_AUDIO, note="没有录音", at=NOON)
        added = decide_unusable(session, town.actor("head"), Scope(), ticket.id, agrees=True, at=NOON)
        assert added
        query = select(Incident.call_id).where(Incident.cause == Cause.DRAWN_WITHOUT_AUDIO)
        assert set(session.scalars(query)) == {ticket.call_id, added.call_id}


@pytest.mark.parametrize("text", ["hq:3101:9999-12", "office:3101:9999-W52"])
def test_a_period_that_no_calendar_has_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="no draw"):
        parse_name(text)
