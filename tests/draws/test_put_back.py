"""A node rebuilt, headquarters put back, and both put back, at each step: the same tickets, or the whole list.

And with the other side gone for ever, from each step: drawn or whole within eight days, and who reviews is told.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.actor import Scope
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import Party, TicketState, parse_name
from supervision.exchange.service import begin_epoch
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.draws.test_exchange import HOUR, OVER, faults, incidents, states
from tests.draws.two_sides import CODE, MONDAY, WEEKLY, TwoSides, furnished, two_sides

CALLS = 7
NEXT_WEEK = "office:3101:2026-W48"
SUPPLEMENT = f"{WEEKLY}+1"


def open_week(sides: TwoSides) -> None:
    sides.speak()


def call(sides: TwoSides) -> None:
    for n in range(CALLS):
        sides.call(MONDAY + n * HOUR, audio=False)
    sides.at = MONDAY + CALLS * HOUR
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


def put_back_to(sides: TwoSides, step: int, *which: str) -> set[str]:
    """Copies are made after that step; all goes on to the end, where they are put back. What was due then."""
    for one in STEPS[:step]:
        one(sides)
    copies = {side: sides.copy(side, f"{side}-copy") for side in which}
    for one in STEPS[step:]:
        one(sides)
    sides.speak(2)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    drawn = due(sides)
    for side, copy in copies.items():
        sides.put_back(side, copy)
    sides.find_position()
    return drawn


def given_for(sides: TwoSides) -> str:
    return sides.node_files.paths.given_for(parse_name(WEEKLY).id).read_text()


BEFORE_WEEK, BEFORE_CALLS, AFTER_CALLS = 0, 1, 2
ALONE = [(step, one) for step in range(len(STEPS) + 1) for one in (("node",), ("hq",))]
BOTH = [(step, ("node", "hq")) for step in range(AFTER_CALLS, len(STEPS) + 1)]  # before, no call is in any book
IN_ORDER = [one for one in [*ALONE, *BOTH] if one not in {(BEFORE_WEEK, ("node",)), (BEFORE_WEEK, ("hq",))}]


@pytest.mark.parametrize(
    ("step", "which"), IN_ORDER, ids=lambda one: one if isinstance(one, int) else "+".join(one)
)
def test_who_is_put_back_from_a_copy_comes_to_the_same_tickets_or_to_the_whole_list(
    sides: TwoSides, step: int, which: tuple[str, ...]
) -> None:
    drawn = put_back_to(sides, step, *which)
    drawn_before = given_for(sides)
    go_on(sides)
    found = sides.draw(sides.hq)
    assert found.state in DUE
    assert len(due(sides)) == (CALLS if found.state is DrawState.WHOLE else 2)
    assert given_for(sides) == drawn_before, "given for nothing else"
    if found.state is DrawState.DRAWN:
        assert due(sides) == drawn
        assert faults(sides) == []
        assert incidents(sides, Cause.DRAW_TICKETS_DIFFER, side=sides.node) == 0


def test_headquarters_put_back_to_before_the_week_draws_its_calls_elsewhere_and_the_node_says_so_for_ever(
    sides: TwoSides,
) -> None:
    put_back_to(sides, BEFORE_WEEK, "hq")
    before = given_for(sides)
    go_on(sides)
    assert states(sides) == (DrawState.DRAWN, DrawState.EMPTY)
    assert states(sides, NEXT_WEEK) == (DrawState.DRAWN, DrawState.DRAWN)
    assert sides.draw(sides.hq, NEXT_WEEK).calls == CALLS, (
        "by their receipt: the week was over when it heard of it"
    )
    assert given_for(sides) == before
    assert incidents(sides, Cause.DRAW_TICKETS_DIFFER, side=sides.node) == 1
    with sides.hq.reading() as session:
        incident = session.scalars(select(Incident).where(Incident.cause == Cause.DRAW_TICKETS_DIFFER)).one()
        assert (incident.received, incident.healed_at, incident.subject) == (True, None, WEEKLY), (
            "headquarters cannot heal it"
        )


def test_a_node_put_back_to_before_the_week_hears_of_its_draw_and_says_that_it_cannot_check_it(
    sides: TwoSides,
) -> None:
    drawn = put_back_to(sides, BEFORE_WEEK, "node")
    before = given_for(sides)
    go_on(sides)
    assert due(sides) == drawn
    assert given_for(sides) == before
    assert (sides.draw(sides.node).state, sides.draw(sides.node).calls) == (DrawState.WHOLE, CALLS)
    assert incidents(sides, Cause.DRAW_UNCHECKED, side=sides.node) == 1


@pytest.mark.parametrize("step", range(len(STEPS) + 1))
def test_a_node_that_was_rebuilt_leaves_the_whole_list_due_or_what_was_drawn(sides: TwoSides, step: int) -> None:
    for one in STEPS[:step]:
        one(sides)
    drawn = due(sides) if step == len(STEPS) else set()
    rebuild(sides)
    for one in STEPS[step:AFTER_CALLS]:
        one(sides)
    go_on(sides)
    found = sides.draw(sides.hq)
    whole = found.state is DrawState.WHOLE
    assert whole or found.state is DrawState.DRAWN
    assert len(due(sides)) == (CALLS if whole else 2)
    assert found.reviewer is Party.OFFICE
    if drawn:
        assert due(sides) == drawn
    if states(sides) == (DrawState.DRAWN, DrawState.DRAWN):
        assert faults(sides) == []
    elif not whole:
        assert incidents(sides, Cause.DRAW_UNCHECKED, side=sides.node) == 1


def test_a_node_that_was_rebuilt_hears_of_late_calls_that_are_whole_without_shares(sides: TwoSides) -> None:
    for one in STEPS:
        one(sides)
    late = sides.call(MONDAY + CALLS * HOUR, audio=False)
    for _ in range(4):
        sides.speak(2)
        sides.later(hours=25)
    assert states(sides, SUPPLEMENT) == (DrawState.WHOLE, DrawState.WHOLE)
    rebuild(sides)
    sides.speak(3)
    assert [one["call"] for one in sides.transcript(sides.node, SUPPLEMENT)["list"]] == [str(late)]


def rebuild(sides: TwoSides) -> None:
    """The node's database and its files are made anew."""
    sides.put_back("node", furnished() / "node.db")
    shutil.rmtree(sides.folder / "node", ignore_errors=True)  # before the week there are no secrets
    with sides.node.transaction() as session:
        begin_epoch(session, CODE)  # as a database that was made anew begins one of its own


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
