"""Nothing hangs: with the other side gone for ever, whatever happened before, a list is drawn or whole in time.

Within eight days, that is; and the reviewers are notified. `test_put_back.py` has the same after each step.
"""

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bench.fairness.game import PERIODS, PlayedPeriod, new_game
from bench.fairness.moves import MOVES, make_moves
from supervision.draws.models import Draw
from supervision.draws.node import MOST
from supervision.draws.party import open_draw, protocol_of
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.rules import Party, Tier, parse_name
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.draws.test_exchange import a_week
from tests.draws.two_sides import TwoSides, two_sides

pytestmark = pytest.mark.thorough

FLOOR = Fraction(1, 5)
WITHIN = timedelta(days=8)
STEP = timedelta(hours=12)


def be_alone(sides: TwoSides, gone: Party, period: PlayedPeriod) -> None:
    """The other side is gone for ever: eight days of what this one does by itself, after the end of the period."""
    sides.cut = True
    sides.at = max(sides.at, period.over - (sides.hq_off if gone is Party.OFFICE else sides.node_off))
    for _ in range(WITHIN // STEP):
        if gone is Party.OFFICE:
            sides.mind()
        else:
            sides.write()
        sides.later(hours=12)


def check_ended(sides: TwoSides, gone: Party, period: PlayedPeriod) -> None:
    """All lists that were to be made by then are there, and the reviewers are notified."""
    side, at = (sides.hq, sides.hq_at) if gone is Party.OFFICE else (sides.node, sides.node_at)
    with side.reading() as session:
        query = select(Incident).where(Incident.cause == Cause.DRAW_WHOLE, ~Incident.received)
        reviewers = {one.subject: one.detail["reviewer"] for one in session.scalars(query)}
        found = session.scalars(select(Draw).where(Draw.ends_at <= at - WITHIN)).all()
        assert period.name in {one.name for one in found}
        for one in found:
            assert one.state in DUE | {DrawState.EMPTY}, (one.name, one.state)
            if one.state in DUE:
                assert one.reviewer is not None
            if one.state is DrawState.WHOLE and not protocol_of(one).is_small:
                assert reviewers[one.name] == one.reviewer


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(MOVES), min_size=3, max_size=12),
    st.sampled_from(list(Party)),
    st.sampled_from(list(PERIODS)),
)
def test_whatever_happened_before_a_side_that_is_left_alone_comes_to_an_end(
    moves: list[str], gone: Party, tier: Tier
) -> None:
    with new_game(1, tier) as game:
        make_moves(game, moves)
        be_alone(game.sides, gone, game.period)
        check_ended(game.sides, gone, game.period)


def test_a_node_acts_on_all_of_its_draws_however_many_headquarters_has_had_it_open(tmp_path: Path) -> None:
    with two_sides(tmp_path) as sides:
        a_week(sides)
        with sides.node.transaction() as session:
            for week in range(1, MOST + 2):
                open_draw(session, parse_name(f"office:3101:2020-W{week:02}"), FLOOR, sides.at)
        sides.write()
        assert sides.draw(sides.node).closed_at == sides.at
