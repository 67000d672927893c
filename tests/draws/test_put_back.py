"""A node rebuilt, headquarters put back, and both put back, at each step: the same tickets, or the whole list.

And with the other side gone for ever, from each step: drawn or whole within eight days, and who reviews is told.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervision.actor import Scope
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import Party, TicketState, parse_name
from supervision.exchange.service import begin_epoch
from supervision.incidents.rules import Cause
from tests.draws.test_exchange import HOUR, OVER, faults, incidents, states
from tests.draws.two_sides import CODE, MONDAY, WEEKLY, TwoSides, furnished, two_sides

CALLS = 7


def open_week(sides: TwoSides) -> None:
    sides.speak()


def call(sides: TwoSides) -> None:
    for n in range(CALLS):
        sides.call(MONDAY + n * HOUR, audio=False)
    sides.speak()


def end_week(sides: TwoSides) -> None:
    sides.at = OVER
    sides.write()


def close(sides: TwoSides) -> None:
    sides.tell()


def answer(sides: TwoSides) -> None:
    sides.read(sides.take(sides.write()))
    sides.tell()


def reveal(sides: TwoSides) -> None:
    sides.read(sides.take(sides.write()))
    sides.tell()


def give(sides: TwoSides) -> None:
    sides.mind()


STEPS: tuple[Callable[[TwoSides], None], ...] = (open_week, call, end_week, close, answer, reveal, give)


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def due(sides: TwoSides) -> set[str]:
    """The calls that headquarters has to have reviewed."""
    with sides.hq.reading() as session:
        rows = tickets_of_draw(session, Scope(), sides.draw(sides.hq).id)
        return {str(one.call_id) for one in rows if one.state is not TicketState.RELEASED}


def go_on(sides: TwoSides) -> None:
    """Everything works from here on, for as long as a draw can take."""
    sides.speak(2)
    sides.at = max(sides.at, OVER)
    for _ in range(8):
        sides.speak(3)
        if states(sides) == (DrawState.DRAWN, DrawState.DRAWN):
            break
        sides.later(hours=25)
    sides.speak(2)


def put_back_to(sides: TwoSides, step: int, *which: str) -> None:
    """Copies are made after that step, all goes on to the end, and then they are put back."""
    copies = {side: sides.copy(side, f"{side}-copy") for side in which}
    for one in STEPS[step:]:
        one(sides)
    sides.speak(2)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    for side, copy in copies.items():
        sides.put_back(side, copy)
    sides.find_position()


@pytest.mark.parametrize("step", range(2, len(STEPS) + 1))
@pytest.mark.parametrize("which", [("node",), ("hq",), ("node", "hq")], ids="+".join)
def test_who_is_put_back_from_a_copy_comes_to_the_same_tickets_or_to_the_whole_list(
    sides: TwoSides, step: int, which: tuple[str, ...]
) -> None:
    for one in STEPS[:step]:
        one(sides)
    put_back_to(sides, step, *which)
    drawn_before = sides.node_files.paths.given_for(parse_name(WEEKLY).id).read_text()
    go_on(sides)
    found = sides.draw(sides.hq)
    assert found.state in DUE
    assert len(due(sides)) == (CALLS if found.state is DrawState.WHOLE else 2)
    assert sides.node_files.paths.given_for(found.id).read_text() == drawn_before, "given for nothing else"
    if found.state is DrawState.DRAWN:
        assert faults(sides) == []


@pytest.mark.parametrize("step", range(2, len(STEPS)))
def test_a_node_that_was_rebuilt_leaves_the_whole_list_due_or_what_was_drawn(
    sides: TwoSides, tmp_path: Path, step: int
) -> None:
    for one in STEPS[:step]:
        one(sides)
    sides.put_back("node", furnished() / "node.db")
    shutil.rmtree(tmp_path / "node")
    with sides.node.transaction() as session:
        begin_epoch(session, CODE)  # as a database that was made anew begins one of its own
    go_on(sides)
    found = sides.draw(sides.hq)
    whole = found.state is DrawState.WHOLE
    assert whole or found.state is DrawState.DRAWN
    assert len(due(sides)) == (CALLS if whole else 2)
    assert found.reviewer is Party.OFFICE


@pytest.mark.parametrize("gone", list(Party))
@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_with_the_other_side_gone_for_ever_it_ends_within_eight_days_and_who_reviews_is_told(
    sides: TwoSides, step: int, gone: Party
) -> None:
    for one in STEPS[:step]:
        one(sides)
    sides.cut = True
    sides.at = max(sides.at, OVER)
    side = sides.hq if gone is Party.OFFICE else sides.node
    for _ in range(8):
        if gone is Party.OFFICE:
            sides.mind()
        else:
            sides.write()
        sides.later(days=1)
    found = sides.draw(side)
    assert found.state in DUE | {DrawState.EMPTY}
    if found.state is DrawState.WHOLE:
        assert found.reviewer is not None
        assert incidents(sides, Cause.DRAW_WHOLE, side=side) == 1
