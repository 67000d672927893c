"""No strategy makes a call less likely to be due than its rate; `python -m bench.fairness` measures it.

Here each is played once, with secrets with which the fair week draws the chosen call: then whatever comes of the
strategy has it due as well, in the books of whoever does not play it. Of one that has another list and looks at no
share it is enough that a draw decided which anybody can run again. And never is less of a list due than its rate.
A call that headquarters keeps out of every list counts as due once the node names it in an incident that only the
node ends.
"""

import pytest

from bench.fairness import RATE, new_game, search
from bench.fairness_games import GAMES, play_fairly

DRAWN_BY = 1  # the number of the secrets
# These look at no share, and have another list than the fair week: whether the call is drawn of it is mere chance.
OTHER_LISTS = frozenset(
    {
        "the office tells the week before",
        "the office tells it late with others",
        "the office invents one call",
        "the office invents ten calls",
        "the office moves it by its clock",
    }
)
OTHER_DRAWS = frozenset({"invent", "office_loses_secret", "hq_loses_secret"})  # moves that make it another draw


def test_the_fair_week_draws_the_chosen_call_with_these_secrets_and_not_with_others() -> None:
    due = {}
    for number in (DRAWN_BY, DRAWN_BY + 1):
        with new_game(number) as game:
            play_fairly(game)
            due[number] = game.is_due
            assert not game.is_named
    assert due == {DRAWN_BY: True, DRAWN_BY + 1: False}


@pytest.mark.parametrize("name", GAMES)
def test_no_strategy_spares_the_chosen_call_or_has_less_of_a_list_due_than_its_rate(name: str) -> None:
    with new_game(DRAWN_BY) as game:
        GAMES[name](game)
        assert game.is_decided
        assert game.share_due >= RATE
        assert game.is_due or (name in OTHER_LISTS and game.is_left_to_the_draw)


def test_what_hypothesis_makes_up_spares_no_call_either() -> None:
    tried = search(programs=4, runs=1, first=DRAWN_BY)
    assert len(tried) == 4
    for moves, found in tried:
        assert found.least >= RATE, moves
        assert found.spared == 0, moves
        assert found.due == found.runs or OTHER_DRAWS & set(moves), moves
