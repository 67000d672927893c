"""Laws of the rule that says which seconds were heard."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.listening import rules
from supervision.listening.rules import (
    Stretch,
    add_heard,
    allowed_seconds,
    heard_seconds,
    merge_stretches,
    served_seconds,
    stretches_from,
    talk_from,
)

seconds = st.floats(min_value=-10, max_value=500, allow_nan=False).map(lambda s: round(s, 3))
measured = st.floats(min_value=0, max_value=500).map(lambda s: round(s, 3))  # in the sound itself: never before it
stretches = st.lists(st.tuples(seconds, seconds), max_size=12)
durations = st.floats(min_value=0, max_value=300).map(lambda s: round(s, 3))
waits = st.floats(min_value=0, max_value=400)


def milliseconds(found: list[Stretch]) -> set[int]:
    return {ms for start, end in found for ms in range(round(start * 1000), round(end * 1000))}


@given(stretches, durations, st.none() | seconds, st.none() | measured)
def test_what_is_heard_of_the_talk_lies_in_it_and_is_all_that_was_heard_of_it(
    found: list[Stretch], duration_s: float, on_s: float | None, talks_s: float | None
) -> None:
    from_s = talk_from(on_s, talks_s, duration_s)
    assert 0 <= from_s <= duration_s
    assert from_s in {0, on_s, talks_s}
    assert talks_s is None or from_s <= talks_s, (
        "what is reported takes nothing from from the talk that is measured"
    )
    merged = merge_stretches(found, duration_s)
    talk = milliseconds(stretches_from(merged, from_s))
    assert talk == {ms for ms in milliseconds(merged) if ms >= round(from_s * 1000)}


def test_two_stretches_that_touch_become_one() -> None:
    assert merge_stretches([(5, 8), (0, 5)], 100) == [(0, 8)]


def test_a_replayed_stretch_counts_once() -> None:
    assert add_heard([(0, 10)], [(2, 12)], 60, 60) == [(0, 12)]


def test_what_lies_after_the_end_of_the_recording_is_not_heard() -> None:
    assert merge_stretches([(50, 70), (-3, 2)], 60) == [(0, 2), (50, 60)]


def test_nobody_hears_a_minute_in_ten_seconds() -> None:
    assert add_heard([], [(0, 60)], 60, allowed_seconds(10)) == [(0, 20)]


def test_a_long_silence_allows_no_more_than_half_a_minute() -> None:
    assert (allowed_seconds(30), allowed_seconds(3600), allowed_seconds(-5)) == (60, 60, 0)


def test_what_was_written_down_stays_when_the_clock_seems_to_have_stood() -> None:
    assert add_heard([(0, 30)], [(40, 50)], 60, 0) == [(0, 30)]


def test_of_too_much_the_earliest_new_seconds_are_kept() -> None:
    assert add_heard([(10, 12)], [(0, 60)], 60, 6) == [(0, 6), (10, 12)]


def test_what_was_served_is_its_share_of_the_recording_and_never_more_than_all() -> None:
    assert [served_seconds(sent, 200, 60) for sent in (-1, 0, 50, 200, 1000)] == [0, 0, 15, 60, 60]
    assert served_seconds(5, 0, 60) == 0


@given(stretches, durations)
def test_merged_stretches_are_in_order_apart_and_inside(given_: list[Stretch], duration: float) -> None:
    merged = merge_stretches(given_, duration)
    assert all(0 <= start < end <= duration for start, end in merged)
    assert all(one[1] < two[0] for one, two in pairwise(merged))


@given(stretches, durations)
def test_merging_again_changes_nothing(given_: list[Stretch], duration: float) -> None:
    merged = merge_stretches(given_, duration)
    assert merge_stretches(merged, duration) == merged


@given(st.permutations([(1.0, 4.0), (3.5, 6.0), (9.0, 12.0), (11.0, 11.5), (6.0, 7.25)]))
def test_the_order_of_reports_does_not_matter(given_: list[Stretch]) -> None:
    assert merge_stretches(given_, 100) == [(1, 7.25), (9, 12)]


@given(stretches, stretches, durations)
def test_with_time_enough_all_that_is_reported_counts_and_nothing_else(
    known: list[Stretch], reported: list[Stretch], duration: float
) -> None:
    before = merge_stretches(known, duration)
    after = add_heard(before, reported, duration, 1_000_000)
    assert after == merge_stretches([*before, *reported], duration)


@given(stretches, stretches, durations, waits)
def test_seconds_never_outrun_the_clock_and_never_shrink(
    known: list[Stretch], reported: list[Stretch], duration: float, passed: float
) -> None:
    before = merge_stretches(known, duration)
    after = add_heard(before, reported, duration, allowed_seconds(passed))
    assert heard_seconds(after) <= heard_seconds(before) + allowed_seconds(passed) + 0.002 * (len(reported) + 1)
    assert milliseconds(before) <= milliseconds(after)
    assert milliseconds(after) <= milliseconds(before) | milliseconds(merge_stretches(reported, duration))


def in_pieces(number: int, after_s: float = 0) -> list[Stretch]:
    return [(after_s + n, after_s + n + 0.5) for n in range(number)]


def test_a_report_in_pieces_without_end_costs_one_look_at_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, merge = [], rules.merge_stretches

    def counted(stretches_: Iterable[Stretch], longest_s: float) -> list[Stretch]:
        looks.append(longest_s)
        return merge(stretches_, longest_s)

    monkeypatch.setattr(rules, "merge_stretches", counted)
    assert len(add_heard(in_pieces(100), in_pieces(100, 200), 3600, 3600)) == 200
    assert len(looks) <= 3, "each goes through all pieces"


def test_a_listening_falls_into_no_more_pieces_than_one_report_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_STRETCHES", 10, raising=False)
    heard = add_heard([], in_pieces(10), 60, 60)
    assert heard == in_pieces(10)
    assert add_heard(heard, in_pieces(11), 60, 60) == heard
    assert add_heard(heard, [(0, 9.5)], 60, 60) == [(0, 9.5)], "what joins them counts"
