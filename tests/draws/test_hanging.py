"""A draw that somebody keeps from going on is seen, and a party that asks for what must not be is not followed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
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
from supervision.draws.service import hold_for_dice
from supervision.draws.statements import HqLetter
from supervision.draws.ticket_rules import Unusable
from supervision.draws.tickets import decide_unusable, propose_unusable
from supervision.feeds.service import latest_position
from supervision.incidents.models import Cause, Incident
from supervision.outbox.service import note_received
from supervision.people.rules import Role, Scope
from tests.calls.samples import NOON, make_town, seconds
from tests.draws.made import make_drawn
from tests.draws.test_clocks import open_at_node
from tests.draws.test_exchange import HOUR, a_week, an_actor, incidents, lose_the_share, throw
from tests.draws.two_sides import CODE, MONDAY, WEEK, WEEKLY, TwoSides, two_sides
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


@pytest.mark.parametrize("dice", [False, True])
@pytest.mark.parametrize("copied_when", ["committed", "frozen"])
def test_headquarters_put_back_from_a_copy_comes_to_the_same_tickets(
    sides: TwoSides, tmp_path: Path, copied_when: str, dice: bool
) -> None:
    sides.speak(2)
    for n in range(6):
        sides.call(MONDAY + n * HOUR)
    head = an_actor(sides)
    if dice:
        with sides.hq.transaction() as session:
            hold_for_dice(session, head, Scope(), sides.draw(sides.hq).id, sides.at)
        sides.speak(2)
    sides.at = MONDAY + WEEK + timedelta(minutes=5)
    if copied_when == "frozen":
        sides.speak(1)
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(tmp_path / "hq.db", isolation_level=None)) as file:
        file.execute(f"VACUUM INTO '{copy}'")
    sides.speak(3)
    if dice:
        throw(sides, head)
        sides.speak(3)
    before = sides.transcript(sides.node)
    assert before["tickets"]
    lost, sides.hq = sides.hq, Database(f"sqlite:///{copy}")
    with sides.hq.reading() as session:
        position = latest_position(session, CODE)
    assert position
    with sides.node.transaction() as session:
        note_received(session, CODE, *position)  # as the link does, to which headquarters says less than before
    sides.speak(6)
    after = sides.transcript(sides.hq)
    assert verify(after).faults == []
    assert [after[key] for key in ("root", "seed", "tickets")] == [
        before[key] for key in ("root", "seed", "tickets")
    ]
    sides.hq.close()
    sides.hq = lost


def test_the_deadlines_of_a_supplementary_draw_run_from_its_opening(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    sides.later(days=3)
    late = sides.call_in_work(MONDAY + 20 * HOUR)
    for _ in range(4):
        sides.speak()
        sides.mind()
        sides.later(minutes=1)
    assert sides.draw(sides.node, f"{WEEKLY}+1").state is DrawState.COMMITTED, (
        "its recording is about to be sealed"
    )
    sides.seal(late)
    sides.speak(5)
    transcript = sides.transcript(sides.hq, f"{WEEKLY}+1")
    assert verify(transcript).faults == []
    assert not transcript["closed"]["by_silence"]
    assert [(one["call"], one["audio"] != "-") for one in transcript["list"]] == [(str(late), True)]
    for cause in (Cause.DRAW_NODE_SILENT, Cause.DRAW_UNCOMMITTED, Cause.DRAWN_WITHOUT_AUDIO):
        assert incidents(sides, cause) == incidents(sides, cause, healed=True) == 0
