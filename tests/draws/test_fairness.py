"""No strategy makes a call less likely to be due than its rate; `python -m bench.fairness` measures it.

Here each is played with the same two sets of secrets as a fair week: if the fair draw has the chosen call, so has
whatever comes of the strategy, and never is less of a list due than its rate.
"""

import pytest

from bench.fairness import RATE, new_game, search
from bench.fairness_games import GAMES, play_fairly

NUMBERS = (3, 4)
# These have another list than the fair week: what is drawn of it is as good as any other draw.
OTHER_LISTS = frozenset(
    {
        "the office tells the week before",
        "the office tells it late with others",
        "the office invents one call",
        "the office invents ten calls",
    }
)


def drawn_fairly() -> dict[int, bool]:
    """Of each number, whether the chosen call is due where nobody does anything."""
    found = {}
    for number in NUMBERS:
        with new_game(number) as game:
            play_fairly(game)
            found[number] = game.is_due
    return found


@pytest.fixture(scope="module")
def fair() -> dict[int, bool]:
    return drawn_fairly()


def test_the_chosen_call_is_drawn_in_one_of_the_weeks_and_not_in_the_other(fair: dict[int, bool]) -> None:
    assert sorted(fair.values()) == [False, True]


@pytest.mark.parametrize("name", GAMES)
def test_no_strategy_spares_the_chosen_call_or_has_less_of_a_list_due_than_its_rate(
    name: str, fair: dict[int, bool]
) -> None:
    for number in NUMBERS if name not in OTHER_LISTS else NUMBERS[:1]:
        with new_game(number) as game:
            GAMES[name](game)
            assert game.is_decided
            assert game.share_due >= RATE
            if name not in OTHER_LISTS:
                assert game.is_due or not fair[number]


def test_what_hypothesis_makes_up_spares_no_call_either(fair: dict[int, bool]) -> None:
    worst = search(programs=4, runs=1, first=next(number for number, due in fair.items() if due))
    assert worst is not None
    moves, found = worst
    assert found.least >= RATE, moves
    assert found.due == found.runs or "invent" in moves, moves
