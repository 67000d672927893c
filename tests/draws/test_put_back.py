"""A node rebuilt, headquarters put back, and both put back, at each step: the same tickets, or the whole list.

And with the other side gone for ever, from each step: drawn or whole within eight days, and the reviewers are
notified.
"""

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.actor import Scope
from supervision.database import Database
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import Party, TicketState, Tier, parse_name
from supervision.exchange.service import begin_epoch
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.draws.test_exchange import HOUR, OVER, faults, incidents, states
from tests.draws.two_sides import (
    CODE,
    MONDAY,
    MONTH_END,
    MONTHLY,
    WEEKLY,
    TwoSides,
    furnished,
    two_sides,
)

pytestmark = pytest.mark.thorough

CALLS = 7
SIDES = ("node", "hq")
NEXT_WEEK = "office:3101:2026-W48"
SUPPLEMENT = f"{WEEKLY}+1"


@dataclass(frozen=True)
class Period:
    """A draw that is played: an office's week, or headquarters' month, and how many of its calls are drawn."""

    name: str
    over: datetime
    drawn: int
    reviewer: Party


PERIODS = {
    Tier.OFFICE: Period(WEEKLY, OVER, 2, Party.OFFICE),
    Tier.HQ: Period(MONTHLY, MONTH_END + timedelta(minutes=5), 1, Party.HQ),
}


@pytest.fixture(params=list(Tier))
def period(request: pytest.FixtureRequest) -> Period:
    return PERIODS[request.param]


def open_week(sides: TwoSides) -> None:
    sides.speak()


def call(sides: TwoSides) -> None:
    for n in range(CALLS):
        sides.call(MONDAY + n * HOUR, audio=False)
    sides.at = MONDAY + CALLS * HOUR
    sides.speak()


def end_period(sides: TwoSides, period: Period) -> None:
    sides.at = period.over
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


def steps(period: Period) -> tuple[Callable[[TwoSides], None], ...]:
    return (open_week, call, functools.partial(end_period, period=period), close, answer, reveal, give)


def speak_on(sides: TwoSides) -> None:
    sides.speak(2)


STEPS = len(steps(PERIODS[Tier.OFFICE]))


@dataclass(frozen=True)
class Stage:
    """Both sides as they stand after a step: their databases, their files, and the time."""

    folder: Path
    at: datetime

    def copy_of(self, side: str) -> Path:
        """A copy of a side's database, as a backup made it then."""
        return self.folder / f"{side}.db"


@functools.cache
def stages(period: Period) -> tuple[Stage, ...]:
    """A period as it should be, played once: before it, after each of its steps, and at its end."""
    folder = Path(tempfile.mkdtemp(prefix="stages-"))
    with two_sides(folder) as sides:
        kept = [keep(sides, folder / "0")]
        for n, one in enumerate((*steps(period), speak_on), start=1):
            one(sides)
            kept.append(keep(sides, folder / str(n)))
    return tuple(kept)


def keep(sides: TwoSides, folder: Path) -> Stage:
    folder.mkdir()
    for side in SIDES:
        shutil.move(sides.copy(side, f"{side}-copy"), folder / f"{side}.db")
        if (sides.folder / side).exists():
            shutil.copytree(sides.folder / side, folder / side)
    return Stage(folder, sides.at)


def begin_at(sides: TwoSides, stage: Stage) -> None:
    """Both stand as they did after that step."""
    for side in SIDES:
        sides.put_back(side, stage.copy_of(side))
        if (stage.folder / side).exists():
            shutil.copytree(stage.folder / side, sides.folder / side)
    sides.at = stage.at


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def due(sides: TwoSides, name: str = WEEKLY) -> set[str]:
    """The calls that headquarters has to have reviewed."""
    with sides.hq.reading() as session:
        rows = tickets_of_draw(session, Scope(), sides.draw(sides.hq, name).id)
        return {str(one.call_id) for one in rows if one.state is not TicketState.RELEASED}


def go_on(sides: TwoSides, period: Period) -> None:
    """Everything works from here on, for as long as a draw can take."""
    sides.speak(2)
    sides.at = max(sides.at, period.over)
    for _ in range(8):
        sides.speak(3)
        if states(sides, period.name) == (DrawState.DRAWN, DrawState.DRAWN):
            break
        sides.later(hours=25)
    sides.speak(2)


def put_back_to(sides: TwoSides, period: Period, step: int, *which: str) -> set[str]:
    """Copies are made after that step; all goes on to the end, where they are put back. What was due then."""
    *before, end = stages(period)
    begin_at(sides, end)
    assert states(sides, period.name) == (DrawState.DRAWN, DrawState.DRAWN)
    drawn = due(sides, period.name)
    for side in which:
        sides.put_back(side, before[step].copy_of(side))
    sides.find_position()
    return drawn


def of_draw(side: Database, cause: Cause, name: str) -> int:
    """How many open incidents of that cause a side itself has about that draw."""
    with side.reading() as session:
        found = session.scalars(select(Incident).where(Incident.cause == cause, Incident.subject == name))
        return sum(not one.received and one.healed_at is None for one in found)


def unchecked(sides: TwoSides, name: str) -> int:
    return of_draw(sides.node, Cause.DRAW_UNCHECKED, name)


def given_for(sides: TwoSides, name: str = WEEKLY) -> str:
    return sides.node_files.paths.given_for(parse_name(name).id).read_text()


BEFORE_WEEK, BEFORE_CALLS, AFTER_CALLS = 0, 1, 2
ALONE = [(step, one) for step in range(STEPS + 1) for one in (("node",), ("hq",))]
BOTH = [(step, ("node", "hq")) for step in range(AFTER_CALLS, STEPS + 1)]  # before, no call is in any book
IN_ORDER = [one for one in [*ALONE, *BOTH] if one not in {(BEFORE_WEEK, ("node",)), (BEFORE_WEEK, ("hq",))}]


@pytest.mark.parametrize(
    ("step", "which"), IN_ORDER, ids=lambda one: one if isinstance(one, int) else "+".join(one)
)
def test_who_is_put_back_from_a_copy_comes_to_the_same_tickets_or_to_the_whole_list(
    sides: TwoSides, period: Period, step: int, which: tuple[str, ...]
) -> None:
    drawn = put_back_to(sides, period, step, *which)
    drawn_before = given_for(sides, period.name)
    go_on(sides, period)
    found = sides.draw(sides.hq, period.name)
    assert found.state in DUE
    assert len(due(sides, period.name)) == (CALLS if found.state is DrawState.WHOLE else period.drawn)
    assert given_for(sides, period.name) == drawn_before, "given for nothing else"
    if found.state is DrawState.DRAWN:
        assert due(sides, period.name) == drawn
        assert faults(sides, period.name) == []
        assert incidents(sides, Cause.DRAW_TICKETS_DIFFER, side=sides.node) == 0


def test_headquarters_put_back_to_before_the_week_draws_its_calls_elsewhere_and_the_node_says_so_for_ever(
    sides: TwoSides,
) -> None:
    week = PERIODS[Tier.OFFICE]
    put_back_to(sides, week, BEFORE_WEEK, "hq")
    before = given_for(sides)
    go_on(sides, week)
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


def test_a_node_put_back_to_before_the_period_hears_of_its_draw_and_says_that_it_cannot_check_it(
    sides: TwoSides, period: Period
) -> None:
    drawn = put_back_to(sides, period, BEFORE_WEEK, "node")
    before = given_for(sides, period.name)
    go_on(sides, period)
    assert due(sides, period.name) == drawn
    assert given_for(sides, period.name) == before
    found = sides.draw(sides.node, period.name)
    assert (found.state, found.calls) == (DrawState.WHOLE, CALLS)
    assert unchecked(sides, period.name) == 1


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_a_node_that_was_rebuilt_leaves_the_whole_list_due_or_what_was_drawn(
    sides: TwoSides, period: Period, step: int
) -> None:
    begin_at(sides, stages(period)[step])
    drawn = due(sides, period.name) if step == STEPS else set()
    rebuild(sides)
    for one in steps(period)[step:AFTER_CALLS]:
        one(sides)
    go_on(sides, period)
    found = sides.draw(sides.hq, period.name)
    whole = found.state is DrawState.WHOLE
    assert whole or found.state is DrawState.DRAWN
    assert len(due(sides, period.name)) == (CALLS if whole else period.drawn)
    assert found.reviewer is period.reviewer
    if drawn:
        assert due(sides, period.name) == drawn
    if states(sides, period.name) == (DrawState.DRAWN, DrawState.DRAWN):
        assert faults(sides, period.name) == []
    elif not whole:
        assert unchecked(sides, period.name) == 1


def test_a_node_that_was_rebuilt_hears_of_late_calls_that_are_whole_without_shares(sides: TwoSides) -> None:
    begin_at(sides, stages(PERIODS[Tier.OFFICE])[STEPS])
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
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_with_the_other_side_gone_for_ever_it_ends_within_eight_days_and_who_reviews_is_notified(
    sides: TwoSides, period: Period, step: int, gone: Party
) -> None:
    begin_at(sides, stages(period)[step])
    sides.cut = True
    sides.at = max(sides.at, period.over)
    side = sides.hq if gone is Party.OFFICE else sides.node
    for _ in range(8):
        if gone is Party.OFFICE:
            sides.mind()
        else:
            sides.write()
        sides.later(days=1)
    found = sides.draw(side, period.name)
    assert found.state in DUE | {DrawState.EMPTY}
    if found.state is DrawState.WHOLE:
        assert found.reviewer is not None
        assert of_draw(side, Cause.DRAW_WHOLE, period.name) == 1
