"""The order of facts: each exactly once, none left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.exchange.rules import Gap, new_ones


@pytest.mark.parametrize(
    ("held", "came", "known"),
    [(0, [1, 2], 0), (2, [3], 0), (2, [1, 2], 2), (2, [2, 3, 4], 1), (5, [], 0), (9, [1, 2], 2)],
)
def test_of_what_comes_the_front_that_is_held_is_passed_over(held: int, came: list[int], known: int) -> None:
    assert new_ones(held, came) == known


@pytest.mark.parametrize(
    ("held", "came"), [(0, [2]), (2, [4]), (2, [3, 5]), (2, [3, 3]), (2, [4, 3]), (0, [0, 1])]
)
def test_a_gap_or_a_disorder_is_refused_and_the_next_one_named(held: int, came: list[int]) -> None:
    with pytest.raises(Gap) as gap:
        new_ones(held, came)
    assert gap.value.wanted == held + 1


@given(st.integers(0, 40), st.data())
def test_whatever_is_sent_again_in_whatever_pieces_each_number_is_taken_once(
    last: int, data: st.DataObject
) -> None:
    taken: list[int] = []
    for _ in range(30):
        first = data.draw(st.integers(1, last + 2))
        came = list(range(first, data.draw(st.integers(first, last + 3))))
        try:
            taken += came[new_ones(len(taken), came) :]
        except Gap:
            assert came[0] > len(taken) + 1
    assert taken == list(range(1, len(taken) + 1))
