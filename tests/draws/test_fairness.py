"""No strategy makes a call less likely to be due than its rate; `python -m bench.fairness` measures it.

Here each is played once against an office's draw, and those that look at a share or go back against headquarters',
too, with secrets with which the fair draw has the chosen call: then whatever comes of the strategy has it due as
well, in the books of whoever does not play it. Of one that has another list and looks at no
share it is enough that a draw decided which anybody can run again. And never is less of a list due than its rate.
A call that headquarters keeps out of every list counts as due once the node names it in an incident that only the
node ends.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fairness.game import new_game
from bench.fairness.moves import MOVES, play_moves
from bench.fairness.strategies import GAMES, play_fairly
from supervision.draws.rules import Tier

pytestmark = pytest.mark.thorough

DRAWN_BY = {Tier.OFFICE: 1, Tier.HQ: 5}  # the number of the secrets
# These look at no share, and have another list than the fair week: whether the call is drawn of it is mere chance.
OTHER_LISTS = frozenset(
    {
        "the office tells the period before",
        "the office tells it late with others",
        "the office invents one call",
        "the office invents ten calls",
        "the office moves it by its clock",
    }
)
# Played for headquarters' tier, too: the rest is the same code for both, and the bench plays all for both.
FOR_BOTH = (
    "headquarters withholds by content",
    "the office withholds by content",
    "headquarters gives late if it suits",
    "headquarters grinds a share",
    "the office grinds its id, headquarters is back",
    "headquarters grinds the list",
    "the office tells the period after",
    "both go back if it is drawn",
    "the node is rebuilt, headquarters grinds",
    "headquarters sets its clock if it is drawn",
    "headquarters goes back to before the period",
)
PLAYED = [*((Tier.OFFICE, name) for name in GAMES), *((Tier.HQ, name) for name in FOR_BOTH)]
OTHER_DRAWS = frozenset({"invent", "office_loses_secret", "hq_loses_secret"})  # moves that make it another draw


@pytest.mark.parametrize("tier", Tier)
def test_the_fair_draw_has_the_chosen_call_with_these_secrets_and_not_with_others(tier: Tier) -> None:
    due = {}
    for number in (DRAWN_BY[tier], DRAWN_BY[tier] + 1):
        with new_game(number, tier) as game:
            play_fairly(game)
            due[number] = game.is_due
            assert not game.is_named
    assert due == {DRAWN_BY[tier]: True, DRAWN_BY[tier] + 1: False}


@pytest.mark.parametrize(("tier", "name"), PLAYED)
def test_no_strategy_spares_the_chosen_call_or_has_less_of_a_list_due_than_its_rate(tier: Tier, name: str) -> None:
    with new_game(DRAWN_BY[tier], tier) as game:
        GAMES[name](game)
        assert game.is_decided
        assert game.share_due >= game.period.rate
        assert game.is_due or (name in OTHER_LISTS and game.is_left_to_the_draw)


@settings(max_examples=16, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(MOVES), min_size=1, max_size=10), st.sampled_from(list(Tier)))
def test_what_hypothesis_makes_up_spares_no_call_either(moves: list[str], tier: Tier) -> None:
    with new_game(DRAWN_BY[tier], tier) as game:
        play_moves(game, moves)
        assert game.share_due >= game.period.rate
        assert game.is_due or game.is_left_to_the_draw
        assert game.is_due or OTHER_DRAWS & set(moves)
