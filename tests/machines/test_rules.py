"""When a disk has too little room, and when what waits has waited too long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supervision.machines.rules import Backlog, Volume, level_of, waits_too_long, worth_sending

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LEVELS = (20, 10, 5)


def disk(free_percent: float) -> Volume:
    return Volume("home", total_bytes=100_000, free_bytes=int(free_percent * 1000))


@pytest.mark.parametrize(
    ("free_percent", "level"),
    [(100, None), (20, None), (19.9, 20), (10, 20), (9.9, 10), (5, 10), (4.9, 5), (0, 5)],
)
def test_a_disk_is_at_the_lowest_level_that_it_has_fallen_below(free_percent: float, level: int | None) -> None:
    assert level_of(disk(free_percent), LEVELS, None) == level


@pytest.mark.parametrize(
    ("before", "free_percent", "level"),
    [(20, 20.5, 20), (20, 21.0, None), (10, 10.5, 10), (10, 11.0, 20), (5, 30.0, None), (20, 4.0, 5)],
)
def test_a_level_lasts_until_one_percent_more_is_free_and_a_lower_one_comes_at_once(
    before: int, free_percent: float, level: int | None
) -> None:
    assert level_of(disk(free_percent), LEVELS, before) == level


def test_a_level_that_is_not_watched_any_more_is_forgotten() -> None:
    assert level_of(disk(7), (), 10) is None
    assert level_of(disk(7), (5,), 10) is None


def test_a_disk_without_any_size_is_full_and_no_fault_of_arithmetic() -> None:
    assert level_of(Volume("home", 0, 0), LEVELS, None) == 5


def test_what_waits_is_late_only_after_its_time() -> None:
    longest = timedelta(minutes=15)
    assert not waits_too_long(Backlog(), NOON, longest)
    assert not waits_too_long(Backlog(1, 1, NOON - longest), NOON, longest)
    assert waits_too_long(Backlog(1, 1, NOON - longest - timedelta(seconds=1)), NOON, longest)


def test_headquarters_gets_each_change_of_a_level_and_now_and_then() -> None:
    before, reported_at = [replace(disk(50))], NOON - timedelta(minutes=1)
    assert worth_sending(before, before, None, NOON)
    assert worth_sending(before, before, NOON - timedelta(minutes=10), NOON)
    assert not worth_sending(before, [disk(49)], reported_at, NOON)
    assert worth_sending(before, [replace(disk(9), level=10)], reported_at, NOON)
    assert worth_sending(before, [replace(disk(50), read_only=True)], reported_at, NOON)
