"""What a person may mean by a piece of a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.calls.caller_rules import number_search


@pytest.mark.parametrize("text", ["13812345678", "013812345678", "+86 138-1234-5678", "8613812345678"])
def test_a_whole_mobile_number_is_sought_in_every_spelling_of_the_exchanges(text: str) -> None:
    search = number_search(text)
    assert search is not None
    assert search.whole == ("13812345678", "013812345678", "8613812345678", "+8613812345678")


def test_a_masked_number_can_be_pasted() -> None:
    search = number_search("138****5678")
    assert search is not None
    assert search.like == "138%5678"


def test_anything_else_is_a_part() -> None:
    search = number_search("5678")
    assert search is not None
    assert search.like == "%5678%"


@pytest.mark.parametrize("text", ["", "   ", "****", "* *"])
def test_nothing_is_no_search(text: str) -> None:
    assert number_search(text) is None


@given(st.text(max_size=40))
def test_what_like_treats_specially_is_taken_as_it_stands(text: str) -> None:
    search = number_search(text)
    if search is None or search.whole:
        return
    bare = search.like.replace("\\\\", "").replace("\\%", "").replace("\\_", "")
    assert "\\" not in bare
    assert "_" not in bare
