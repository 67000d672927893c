"""A clock that is off moves no draw: neither side freezes a list before the period is over by its own clock."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from supervision.draws.statements import HqLetter

from supervision.audit.models import AuditEntry
from supervision.draws.protocol_rules import DrawState
from supervision.incidents.models import Cause, Incident
from tests.draws.test_exchange import HOUR, a_week, incidents
from tests.draws.two_sides import MONDAY, WEEK, WEEKLY, TwoSides, two_sides
from verify_draw import verify

OVER = MONDAY + WEEK


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def speak_ahead(sides: TwoSides, **ahead: float) -> None:
    """One letter from a node whose clock is so much ahead; what it tells comes, too."""
    sides.later(**ahead)
    letter = sides.write()
    sides.later(**{unit: -much for unit, much in ahead.items()})
    sides.tell()
    answer = sides.take(letter)
    sides.later(**ahead)
    sides.read(answer)
    sides.later(**{unit: -much for unit, much in ahead.items()})
    sides.mind()


def test_a_close_before_the_periods_end_is_held_until_the_end_and_reported(sides: TwoSides) -> None:
    sides.speak()
    for n in range(3):
        sides.call(MONDAY + n * HOUR)
    sides.at = MONDAY + timedelta(days=1)
    for _ in range(3):
        speak_ahead(sides, days=6, minutes=6)
    found = sides.draw(sides.hq)
    assert (found.state, found.frozen_at) == (DrawState.COMMITTED, None)
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == 1
    sides.call(MONDAY + timedelta(days=4))
    sides.tell()
    sides.at = OVER + timedelta(minutes=4, seconds=59)
    sides.mind()
    assert sides.draw(sides.hq).state is DrawState.COMMITTED
    sides.later(seconds=1)
    sides.speak(5)
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == 0, "it has frozen by itself"
    transcript = sides.transcript(sides.node)
    assert verify(transcript).faults == []
    assert len(transcript["list"]) == 4, "the calls after the false close are in it"
    assert not transcript["closed"]["by_silence"]


def test_a_list_is_frozen_at_headquarters_time_whatever_the_node_says(sides: TwoSides) -> None:
    a_week(sides)
    speak_ahead(sides, hours=3)
    assert sides.draw(sides.hq).frozen_at == sides.at == sides.draw(sides.hq).closed_at
    with sides.hq.reading() as session:
        entries = session.scalars(select(AuditEntry.at).where(AuditEntry.act == "draw_frozen")).all()
    assert entries == [sides.at]


@pytest.mark.parametrize("ahead", ["headquarters", "headquarters' word"])
def test_a_node_takes_no_list_that_was_frozen_before_the_end(sides: TwoSides, ahead: str) -> None:
    a_week(sides)
    sides.write()
    sides.tell()
    (said,) = [
        one for one in HqLetter.model_validate_json(sides.take(sides.write())).answers if one.draw == WEEKLY
    ]
    assert said.frozen is not None
    before = OVER - timedelta(seconds=1)
    if ahead == "headquarters":
        sides.at = before
    else:
        said = said.model_copy(update={"frozen": said.frozen.model_copy(update={"at": before})})
    sides.read(HqLetter(answers=(said,)).model_dump_json())
    assert sides.draw(sides.node).state is DrawState.CLOSED
    assert open_at_node(sides, Cause.DRAW_OUT_OF_ORDER) == 1
    sides.at = OVER + timedelta(minutes=6)
    sides.speak(3)
    assert sides.draw(sides.node).state is DrawState.DRAWN
    assert open_at_node(sides, Cause.DRAW_OUT_OF_ORDER) == 0


def open_at_node(sides: TwoSides, cause: Cause) -> int:
    """How many incidents of that cause are open on the node."""
    with sides.node.reading() as session:
        return len(
            session.scalars(select(Incident).where(Incident.cause == cause, Incident.healed_at.is_(None))).all()
        )
