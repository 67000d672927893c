"""A period that headquarters missed wholly: its calls are in the list of their receipt, and both sides say so."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.draws.models import Draw, DrawEntry
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Tier
from supervision.incidents.rules import Cause
from supervision.quotas.queries import is_unconfirmed
from tests.draws.test_exchange import HOUR, a_week, faults, incidents, states
from tests.draws.two_sides import MONDAY, WEEK, TwoSides, two_sides

MISSED = "office:3101:2026-W49"
RECEIPT = "office:3101:2026-W51"


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def test_of_a_period_that_headquarters_missed_wholly_both_sides_say_the_same(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    for week in (2, 3):  # headquarters is not there at all
        sides.at = MONDAY + week * WEEK + HOUR
        sides.write()
        sides.call(sides.at, audio=False)
    sides.at = MONDAY + 4 * WEEK + timedelta(days=1)
    sides.write()
    assert sides.draw(sides.node, MISSED).state is DrawState.WHOLE
    sides.speak(5)
    assert states(sides, MISSED) == (DrawState.EMPTY, DrawState.EMPTY)
    assert faults(sides, MISSED) == ["the two differ in: commitments"], "headquarters never heard of any"
    assert incidents(sides, Cause.EVENT_REFUSED) == 0
    missed = sides.draw(sides.hq, MISSED)
    assert not is_unconfirmed(missed), "nobody is asked to say that no call came: they are in another list"
    sides.at = MONDAY + 5 * WEEK + timedelta(minutes=6)
    sides.speak(5)
    assert states(sides, RECEIPT) == (DrawState.DRAWN, DrawState.DRAWN)
    for side in (sides.node, sides.hq):
        with side.reading() as session:
            query = select(DrawEntry.call_id).join(Draw, Draw.id == DrawEntry.draw_id)
            listed = Counter(session.scalars(query.where(Draw.tier == Tier.OFFICE, Draw.root.is_not(None))))
        assert set(missed.moved["elsewhere"]) <= {str(one) for one in listed}
        assert set(listed.values()) == {1}
