"""What an answer that was late or lost must not lead to: two sides that each wait for the other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import entries_of
from supervision.draws.rules import NO_AUDIO, root_of
from supervision.draws.statements import HqLetter, OfficeLetter, SaidEntry
from supervision.incidents.models import Cause
from tests.draws.test_exchange import HOUR, a_week, an_actor, incidents, throw
from tests.draws.two_sides import MONDAY, WEEK, WEEKLY, TwoSides, two_sides
from verify_draw import compare, verify


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def faults(sides: TwoSides) -> list[str]:
    """What somebody finds wrong who has both transcripts."""
    ours, theirs = sides.transcript(sides.node), sides.transcript(sides.hq)
    check = verify(ours)
    compare(check, ours, theirs)
    return check.faults


@pytest.mark.parametrize("sealed_again_before", ["the answer", "its letter is sent once more"])
def test_both_agree_on_the_list_that_headquarters_agreed_to_though_audio_was_sealed_meanwhile(
    sides: TwoSides, sealed_again_before: str
) -> None:
    sides.speak()
    early, late = sides.call_in_work(MONDAY + HOUR), sides.call_in_work(MONDAY + 2 * HOUR)
    sides.call(MONDAY + 3 * HOUR)
    sides.at = MONDAY + WEEK + HOUR + timedelta(minutes=1)
    sides.write()
    sides.tell()
    sides.seal(early)
    sides.read(sides.take(sides.write()))
    before = sides.take(sides.write())
    sides.read(before)
    sides.tell()
    agreed = sides.take(sides.write())
    assert sides.draw(sides.hq).state is DrawState.AGREED
    sides.seal(late)
    if sealed_again_before == "the answer":
        sides.read(agreed)
    else:
        sides.read(before)  # the answer before comes once more, and the list is built again
        sides.read(sides.take(sides.write()))
    assert sides.draw(sides.node).state is DrawState.AGREED
    sides.speak(3)
    assert sides.draw(sides.hq).state is DrawState.DRAWN is sides.draw(sides.node).state
    assert faults(sides) == []
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 0


def test_headquarters_cannot_leave_out_audio_that_it_had_been_told_of(sides: TwoSides) -> None:
    a_week(sides, 2, 0)
    sides.write()
    sides.tell()
    answer = HqLetter.model_validate_json(sides.take(sides.write()))
    (said,) = [one for one in answer.answers if one.draw == WEEKLY]
    assert said.frozen is not None
    with sides.hq.reading() as session:
        silenced = [replace(one, audio=NO_AUDIO) for one in entries_of(session, sides.draw(sides.hq).id)]
    lines = tuple(SaidEntry.of(one) for one in silenced)
    frozen = said.frozen.model_copy(update={"root": root_of(silenced), "entries": lines})
    said = said.model_copy(update={"state": DrawState.AGREED, "frozen": frozen, "ready": True})
    sides.read(HqLetter(answers=(said,)).model_dump_json())
    assert sides.draw(sides.node).state is DrawState.DISPUTED


def test_a_share_that_came_after_its_attempt_was_over_is_published_on_both_sides(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(2)
    sides.write()  # the share is in it, and it is lost, each time
    sides.cut = True
    sides.later(hours=25)
    sides.speak()
    sides.cut = False
    sides.read(sides.take(OfficeLetter(statements=()).model_dump_json()))
    sides.speak(2)
    throw(sides, an_actor(sides))
    sides.speak(3)
    assert [one.withheld_by for one in sides.attempts(sides.hq)] == ["office", None]
    assert faults(sides) == []
