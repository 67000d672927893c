"""Where a listener is in a recording that grows, where he goes on, when it is over, and how loud each side is."""

import math
from array import array
from datetime import timedelta

import pytest

from supervision.listening.live_rules import (
    BYTES_A_SECOND,
    FAR_BEHIND_BYTES,
    LEAD_BYTES,
    FoundPart,
    LaidPart,
    Place,
    edge_s,
    go_on,
    is_over,
    lay,
    level,
    levels_db,
    live_edge,
)
from tests.calls.samples import NOON, seconds

LONG = 60 * BYTES_A_SECOND


def part(name: str = "a1", held_s: float = 10, begins_s: float = 0, whole: bool = False) -> LaidPart:
    return LaidPart(name, round(held_s * BYTES_A_SECOND), begins_s, whole)


def at(name: str, place_s: float) -> Place:
    return Place(name, round(place_s * BYTES_A_SECOND))


@pytest.mark.parametrize(
    ("parts", "laid"),
    [
        ([], []),
        ([FoundPart("a1", 32_000)], [("a1", 0.0)]),
        ([FoundPart("a2", 0, NOON + seconds(9)), FoundPart("a1", 64_000, NOON)], [("a1", 0.0), ("a2", 9.0)]),
        ([FoundPart("a1", 320_000, NOON), FoundPart("a2", 0, NOON + seconds(9))], [("a1", 0.0), ("a2", 10.0)]),
        ([FoundPart("d1", 32_000), FoundPart("a1", 64_000, NOON)], [("a1", 0.0), ("d1", 2.0)]),
        ([FoundPart("d1", 0, NOON), FoundPart("a1", 0, NOON - timedelta(hours=1))], [("a1", 0.0), ("d1", 3600.0)]),
    ],
)
def test_parts_lie_where_they_began_and_never_over_one_another(
    parts: list[FoundPart], laid: list[tuple[str, float]]
) -> None:
    assert [(one.name, one.begins_s) for one in lay(parts)] == laid


def test_a_part_is_whole_once_all_that_was_closed_is_here() -> None:
    parts = [
        FoundPart("a1", 10, None, 10),
        FoundPart("a2", 9, None, 10),
        FoundPart("a3", 9),
        FoundPart("a4", 0, None, 0),
    ]
    assert [one.whole for one in lay(parts)] == [True, False, False, True]


def test_one_begins_a_little_before_the_end_of_what_is_here() -> None:
    assert live_edge([]) is None
    assert live_edge([part(held_s=0)]) is None
    assert live_edge([part(held_s=0.5)]) == Place("a1", 0)
    assert live_edge([part(held_s=10), part("a2", held_s=0)]) == Place("a1", 320_000 - LEAD_BYTES)
    assert live_edge([LaidPart("a1", 50_002, 0, whole=False)]) == Place("a1", 8400), "in whole frames"


@pytest.mark.parametrize(
    ("parts", "place", "on"),
    [
        ([part()], at("a1", 9), at("a1", 9)),
        ([part()], at("a1", 10), at("a1", 10)),
        ([part()], at("a1", 11), at("a1", 10)),  # more than there is, after a restored copy
        ([part(), part("a2", 0)], at("a1", 10), at("a1", 10)),  # the next has no sound yet
        ([part(), part("a2", 1)], at("a1", 10), at("a2", 0)),
        ([part(), part("a2", 1)], at("a1", 9), at("a1", 9)),  # first this one to its end
        ([part(), part("a2", 0), part("d1", 1)], at("a1", 10), at("d1", 0)),
        ([part()], at("a1", 1), Place("a1", 320_000 - LEAD_BYTES)),  # far behind: to the edge
        ([part(), part("a2", 5)], at("a1", 10), Place("a2", 160_000 - LEAD_BYTES)),
        ([part("d1")], at("a1", 3), Place("d1", 320_000 - LEAD_BYTES)),  # a part that is not here
        ([part()], None, Place("a1", 320_000 - LEAD_BYTES)),
        ([], at("a1", 3), None),
    ],
)
def test_one_goes_on_where_one_was_in_the_next_part_or_at_the_edge(
    parts: list[LaidPart], place: Place | None, on: Place | None
) -> None:
    assert go_on(parts, place) == on


@pytest.mark.parametrize(("behind", "skips"), [(FAR_BEHIND_BYTES, False), (FAR_BEHIND_BYTES + 4, True)])
def test_one_skips_ahead_only_from_far_behind(behind: int, skips: bool) -> None:
    parts, place = [LaidPart("a1", LONG, 0, whole=False)], Place("a1", LONG - behind)
    assert (go_on(parts, place) != place) is skips


@pytest.mark.parametrize(
    ("parts", "place", "closed", "over"),
    [
        ([part(whole=True)], at("a1", 10), True, True),
        ([part(whole=True)], at("a1", 9), True, False),  # not heard to its end
        ([part(whole=False)], at("a1", 10), True, False),  # not all of it is here
        ([part(whole=True)], at("a1", 10), False, False),  # another part may follow
        ([part(whole=True), part("a2", 0, whole=True)], at("a1", 10), True, True),  # an empty part says nothing
        ([part(whole=True), part("a2", 1, whole=True)], at("a1", 10), True, False),
        ([], None, True, True),
        ([], None, False, False),
    ],
)
def test_it_is_over_when_all_that_will_ever_be_is_heard(
    parts: list[LaidPart], place: Place | None, closed: bool, over: bool
) -> None:
    assert is_over(parts, place, closed=closed) is over


def test_the_edge_is_the_end_of_what_is_here() -> None:
    assert edge_s([]) == 0
    assert edge_s([part(), part("a2", 2, begins_s=12), part("a3", 0, begins_s=20)]) == 14


def sine(amplitude: float) -> list[int]:
    return [round(32767 * amplitude * math.sin(n / 8)) for n in range(8000)]


def pcm(caller: list[int], officer: list[int]) -> bytes:
    return array("h", [sample for pair in zip(caller, officer, strict=True) for sample in pair]).tobytes()


def test_each_side_has_a_level_of_its_own() -> None:
    caller, officer = levels_db(pcm(sine(1), sine(0.1)))
    assert caller == pytest.approx(-3.0, abs=0.1)
    assert officer == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("audio", [b"", b"\0\0\0", bytes(4000)])
def test_silence_and_nothing_are_as_quiet_as_can_be(audio: bytes) -> None:
    assert levels_db(audio) == (-60.0, -60.0)


@pytest.mark.parametrize(("db", "step"), [(-90, 0), (-60, 0), (-57.1, 0), (-56.9, 1), (-30, 5), (0, 10), (3, 10)])
def test_a_meter_has_ten_steps_of_six_decibels(db: float, step: int) -> None:
    assert level(db) == step
