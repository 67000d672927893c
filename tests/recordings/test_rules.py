from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.recordings.rules import (
    FRAMES_PER_MS,
    Gap,
    PartSpan,
    Piece,
    Sound,
    Timeline,
    back_off_s,
    busy_tone_at_end_ms,
    dead_air_ms,
    frames_to_ms,
    holds_all,
    join_parts,
    officer_on_ms,
    one_side_only,
    one_sided_ms,
    same_duration,
)
from tests.recordings.factories import OFFERED, seconds

S = 8000
LATE = seconds(86_400)


def part(name: str, at_s: float, length_s: float) -> PartSpan:
    return PartSpan(name, seconds(at_s), round(length_s * S))


def sides(text: str) -> tuple[list[bool], list[bool]]:
    """Both sides, a word for each second: `c` the caller is heard, `o` the officer, `b` both, `-` neither."""
    still = {"b": (False, False), "c": (False, True), "o": (True, False), "-": (True, True)}
    caller, officer = zip(*[still[letter] for letter in text for _ in range(50)], strict=True)
    return list(caller), list(officer)


@pytest.mark.parametrize(
    ("talk", "caller_ms", "officer_ms"),
    [
        ("bbbbbbbbbbbb", 0, 0),
        ("cccccccccccc", 0, 12_000),
        ("oooooooooooo", 12_000, 0),
        ("bbbcccccccccbb", 0, 9000),
        ("bcccbcccbcccb", 0, 0),
        ("ccccb", 0, 0),
        ("------------", 0, 0),
        ("------ccccbb", 0, 10_000),
        ("----------cb", 0, 0),
        ("ccc--ccc", 0, 8000),
    ],
)
def test_one_way_is_a_long_stretch_of_nothing_from_one_side_while_the_other_is_heard(
    talk: str, caller_ms: int, officer_ms: int
) -> None:
    caller, officer = sides(talk)
    assert one_sided_ms(caller, officer, 0) == caller_ms
    assert one_sided_ms(officer, caller, 0) == officer_ms


@pytest.mark.parametrize(
    ("found_ms", "waited_ms", "whole"),
    [
        (10_000, 0, True),
        (9400, 0, False),
        (9400, 200, True),
        (5600, 4000, True),
        (5400, 4000, False),
        (10_600, 4000, False),
    ],
)
def test_what_lacks_of_a_recording_may_be_the_callers_wait_and_no_more(
    found_ms: int, waited_ms: int, whole: bool
) -> None:
    assert holds_all(found_ms, 10_000, waited_ms) is whole


@pytest.mark.parametrize(
    ("talk", "alone"), [("ccc", True), ("o-o", True), ("ccb", False), ("---", False), ("", False), ("bbcc", True)]
)
def test_one_side_alone_is_heard_where_the_other_is_still_all_through_the_talk(talk: str, alone: bool) -> None:
    caller, officer = sides(talk) if talk else ([], [])
    assert one_side_only(caller, officer, 2000 if talk == "bbcc" else 0) is alone


def test_before_the_officer_came_on_nothing_is_one_way() -> None:
    caller, officer = sides("ccccccccccbbbb")
    assert one_sided_ms(officer, caller, 10_000) == 0
    assert one_sided_ms(officer, caller, 4000) == 6000


def test_one_part_is_the_recording() -> None:
    joined = join_parts([part("a", 1, 10)], seconds(11))
    assert joined == Timeline(seconds(1), (Piece("a", 0, 10 * S),), (), 10 * S, 0)


def test_what_two_parts_hold_is_taken_from_the_earlier_until_its_end() -> None:
    joined = join_parts([part("later", 6, 10), part("earlier", 0, 10)], seconds(16))
    assert joined.pieces == (Piece("earlier", 0, 10 * S), Piece("later", 4 * S, 6 * S))
    assert joined.gaps == ()


def test_a_part_that_lies_within_another_gives_nothing() -> None:
    joined = join_parts([part("a", 0, 10), part("b", 2, 5), part("c", 9, 2)], seconds(11))
    assert joined.pieces == (Piece("a", 0, 10 * S), Piece("c", S, S))


def test_time_that_nobody_recorded_is_silence_and_listed() -> None:
    joined = join_parts([part("a", 0, 2), part("b", 5, 1)], seconds(6))
    assert joined.pieces == (Piece("a", 0, 2 * S), Piece(None, 0, 3 * S), Piece("b", 0, S))
    assert joined.gaps == (Gap(2000, 3000),)


@pytest.mark.parametrize(("between_ms", "gaps"), [(60, ()), (61, (Gap(2000, 61),))])
def test_up_to_60_ms_between_parts_are_no_gap_but_keep_their_time(between_ms: int, gaps: tuple[Gap, ...]) -> None:
    joined = join_parts([part("a", 0, 2), part("b", 2 + between_ms / 1000, 1)], seconds(4))
    assert joined.gaps == gaps
    assert joined.duration_ms == 3000 + between_ms


def test_empty_parts_leave_no_trace() -> None:
    assert join_parts([part("a", 0, 0), part("b", 5, 1)], seconds(6)).started_at == seconds(5)
    assert join_parts([part("a", 0, 0)], seconds(6)) == Timeline(None, (), (), 0, 0)
    assert join_parts([], seconds(6)).frames == 0


def test_a_clock_that_was_set_makes_no_hours_of_silence() -> None:
    joined = join_parts([part("a", 0, 2), part("b", 86_400, 1)], seconds(5))
    assert joined.duration_ms == 6000
    assert joined.gaps == (Gap(2000, 3000),)


def test_a_call_end_before_the_parts_changes_nothing_but_is_not_waited_for() -> None:
    assert join_parts([part("a", 0, 2)], seconds(-5)) == join_parts([part("a", 0, 2)], seconds(2))


def test_what_is_missing_at_the_end_is_reported() -> None:
    assert join_parts([part("a", 0, 2)], seconds(3.25)).tail_ms == 1250


PARTS = st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 20_000)), min_size=1, max_size=6)


def _spans(parts: list[tuple[int, int]]) -> list[PartSpan]:
    return [
        PartSpan(f"p{n}", OFFERED + timedelta(milliseconds=at), frames) for n, (at, frames) in enumerate(parts)
    ]


@given(PARTS)
def test_the_length_is_that_from_the_first_start_to_the_last_end(parts: list[tuple[int, int]]) -> None:
    joined = join_parts(_spans(parts), LATE)
    first = min(at for at, _ in parts)
    assert joined.frames == max((at - first) * FRAMES_PER_MS + frames for at, frames in parts)
    assert joined.frames == sum(piece.frames for piece in joined.pieces)


@given(PARTS)
def test_no_frame_is_used_twice_and_none_lies_outside_its_part(parts: list[tuple[int, int]]) -> None:
    spans = {span.name: span.frames for span in _spans(parts)}
    names = [piece.name for piece in join_parts(_spans(parts), LATE).pieces if piece.name is not None]
    assert len(names) == len(set(names))
    for piece in join_parts(_spans(parts), LATE).pieces:
        assert piece.frames > 0
        assert piece.name is None or 0 <= piece.first <= piece.first + piece.frames <= spans[piece.name]


@given(PARTS)
def test_every_frame_lies_where_its_part_says(parts: list[tuple[int, int]]) -> None:
    spans = {span.name: span for span in _spans(parts)}
    joined = join_parts(_spans(parts), LATE)
    cursor = 0
    for piece in joined.pieces:
        if piece.name is not None:
            assert joined.started_at is not None
            started_ms = (spans[piece.name].started_at - joined.started_at) // timedelta(milliseconds=1)
            assert started_ms * FRAMES_PER_MS + piece.first == cursor
        cursor += piece.frames


@given(PARTS)
def test_parts_come_in_the_order_of_their_start_however_they_are_given(parts: list[tuple[int, int]]) -> None:
    spans = _spans(parts)
    joined = join_parts(spans, LATE)
    assert joined == join_parts(reversed(spans), LATE)
    started = {span.name: span.started_at for span in spans}
    order = [started[piece.name] for piece in joined.pieces if piece.name is not None]
    assert order == sorted(order)


@given(PARTS)
def test_silence_is_exactly_what_no_part_holds(parts: list[tuple[int, int]]) -> None:
    joined = join_parts(_spans(parts), LATE)
    first = min(at for at, _ in parts)
    held = sorted(((at - first) * FRAMES_PER_MS, (at - first) * FRAMES_PER_MS + frames) for at, frames in parts)
    uncovered, cursor, listed = 0, 0, []
    for start, end in held:
        if start > cursor:
            uncovered += start - cursor
            if start - cursor > 60 * FRAMES_PER_MS:
                listed.append(Gap(frames_to_ms(cursor), frames_to_ms(start - cursor)))
        cursor = max(cursor, end)
    assert sum(piece.frames for piece in joined.pieces if piece.name is None) == uncovered
    assert list(joined.gaps) == listed


def test_the_officer_came_on_as_long_before_the_end_as_he_talked() -> None:
    joined = join_parts([part("a", 1.3, 10)], seconds(11))
    assert officer_on_ms(joined, seconds(5), seconds(11)) == 4000
    assert officer_on_ms(joined, None, seconds(11)) is None


def test_with_a_lost_tail_the_officer_is_placed_from_the_start() -> None:
    joined = join_parts([part("a", 1, 9)], seconds(11))
    assert officer_on_ms(joined, seconds(5), seconds(11), tail_lost=True) == 4000


def test_the_officer_never_comes_on_outside_the_recording() -> None:
    joined = join_parts([part("a", 6, 3)], seconds(11))
    assert officer_on_ms(joined, seconds(1), seconds(11)) == 0
    assert officer_on_ms(joined, seconds(10), seconds(11), tail_lost=True) == 3000


@pytest.mark.parametrize(
    ("a_ms", "b_ms", "same"),
    [
        (10_000, 10_500, True),
        (10_000, 10_501, False),
        (100_000, 99_000, True),
        (100_000, 98_999, False),
        (0, 500, True),
        (0, 501, False),
    ],
)
def test_the_same_duration_is_within_half_a_second_or_a_hundredth(a_ms: int, b_ms: int, same: bool) -> None:
    assert same_duration(a_ms, b_ms) is same
    assert same_duration(b_ms, a_ms) is same


def test_each_failure_waits_longer_and_never_over_an_hour() -> None:
    assert [back_off_s(n) for n in range(1, 8)] == [30, 120, 480, 1920, 3600, 3600, 3600]


def sounds(text: str) -> list[Sound]:
    """`t5 q3`: five windows of tone, three of quiet."""
    return [Sound(word[0]) for word in text.split() for _ in range(int(word[1:]))]


def test_three_busy_tones_at_the_end_are_marked_from_first_to_last() -> None:
    assert busy_tone_at_end_ms(sounds("o100 q9 t17 q18 t17 q18 t17")) == 87 * 20
    assert busy_tone_at_end_ms(sounds("o100 q9 t17 q18 t17 q18 t17 q40")) == 87 * 20
    assert busy_tone_at_end_ms(sounds("o100 q9 t35 q35 t35 q35 t9")) == 149 * 20


def test_a_tone_broken_by_its_own_edge_is_one_tone() -> None:
    assert busy_tone_at_end_ms(sounds("q9 o1 t16 o1 q17 o1 t16 o1 q17 o1 t16")) == 87 * 20


@pytest.mark.parametrize(
    "heard",
    [
        "",
        "q500",
        "t500",
        "t17 q18 t17",
        "t17 q18 t17 q18 t17 o50",
        "t17 q18 t17 q18 t17 q120",
        "t17 o18 t17 o18 t17",
        "t17 q5 t17 q5 t17 q5 t17",
        "t10 q18 t10 q18 t10 q18 t10 q18",
        "t50 q200 t50 q200 t50",
    ],
    ids=lambda heard: heard or "nothing",
)
def test_what_keeps_no_busy_cadence_to_the_end_is_no_busy_tone(heard: str) -> None:
    assert busy_tone_at_end_ms(sounds(heard)) is None


def test_dead_air_is_what_lasts_three_seconds_once_the_officer_is_on_and_is_no_gap() -> None:
    dead = [True] * 200 + [False] * 50 + [True] * 300 + [False] + [True] * 149 + [False] * 10
    assert dead_air_ms(dead, 0) == 4000 + 6000, "149 windows are under three seconds"
    assert dead_air_ms(dead, 4000) == 6000
    assert dead_air_ms(dead, 4000, [Gap(5000, 6000)]) == 0
    assert dead_air_ms([], 0) == 0
