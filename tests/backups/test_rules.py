"""What a manifest says, which backups are kept, and when one is late: on any dates and any files."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.backups.rules import (
    Dated,
    Fault,
    Manifest,
    Sealed,
    differences,
    fault_of,
    first_gap,
    is_late,
    kept,
    not_needed,
    parse_moment,
    read_manifest,
    segment_of,
    to_follow,
    to_replay,
    to_start_from,
)

NOW = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
AGES = st.lists(st.integers(0, 200 * 24 * 60), max_size=60).map(
    lambda minutes: [
        Dated(n + 1, NOW - timedelta(minutes=one)) for n, one in enumerate(sorted(minutes, reverse=True))
    ]
)
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
LOGS = st.one_of(st.just("-"), st.from_regex(r"[0-9]{1,20}/[0-9A-F]{24}", fullmatch=True))


@given(
    st.from_regex(r"[0-9a-z]{2,8}", fullmatch=True),
    st.integers(1, 10**17),
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 10**12),
    HASHES,
    LOGS,
    HASHES,
)
def test_a_manifest_is_read_as_it_was_written(  # noqa: PLR0917 - all that it says
    machine: str, number: int, at: datetime, objects: int, listing: str, log: str, previous: str
) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    manifest = Manifest(machine, number, at, objects, listing, log, previous)
    assert read_manifest(manifest.text) == manifest


@given(st.integers(0, 400), st.sampled_from(["", " ", "\n", "0", "x"]))
def test_no_other_text_is_a_manifest(at: int, more: str) -> None:
    text = Manifest("hq", 17, NOW, 3, "a" * 64, "-", "0" * 64).text
    other = text[:at] + more + text[at + 1 :]
    try:
        assert read_manifest(other).text == other
    except ValueError:
        return


@given(AGES, st.integers(1, 30), st.integers(0, 20))
def test_the_newest_is_kept_and_those_of_the_last_days_and_asking_again_changes_nothing(
    backups: list[Dated], days: int, weeks: int
) -> None:
    stay = kept(backups, NOW, days, weeks)
    assert stay <= {one.number for one in backups}
    assert bool(stay) == bool(backups)
    if backups:
        assert max(backups, key=lambda one: (one.at, one.number)).number in stay
    assert {one.number for one in backups if NOW - one.at <= timedelta(days=days)} <= stay
    assert kept([one for one in backups if one.number in stay], NOW, days, weeks) == stay


@given(AGES, st.integers(1, 10), st.integers(2, 20))
def test_each_of_the_last_weeks_that_had_one_keeps_one(backups: list[Dated], days: int, weeks: int) -> None:
    stay = kept(backups, NOW, days, weeks)
    recent = [one for one in backups if NOW - one.at <= timedelta(weeks=weeks)]
    assert {one.at.isocalendar()[:2] for one in recent} <= {
        one.at.isocalendar()[:2] for one in backups if one.number in stay
    }


@given(AGES, st.integers(0, 200 * 24 * 60))
def test_a_restore_begins_before_its_moment_and_takes_files_from_after_it(
    backups: list[Dated], minutes: int
) -> None:
    target = NOW - timedelta(minutes=minutes)
    start, follow = to_start_from(backups, target), to_follow(backups, target)
    assert {one for one in (start, follow) if one} <= {*backups}
    assert start is None or start.at <= target
    assert follow is None or follow.at > target
    between = [one for one in backups if (not start or one.at > start.at) and (not follow or one.at < follow.at)]
    assert between == []


def test_late_is_what_is_older_than_it_may_be_and_what_there_is_not() -> None:
    longest = timedelta(hours=30)
    assert is_late(None, NOW, longest)
    assert not is_late(NOW - longest, NOW, longest)
    assert is_late(NOW - longest - timedelta(seconds=1), NOW, longest)


def test_an_object_is_there_with_its_length_and_its_hash_or_something_is_wrong() -> None:
    listed = Sealed("objects/aa", 7, "a" * 64)
    assert fault_of(listed, None) is Fault.MISSING
    assert fault_of(listed, 6) is Fault.OTHER_SIZE
    assert fault_of(listed, 7, "b" * 64) is Fault.CHANGED
    assert fault_of(listed, 7, "a" * 64) is None
    assert fault_of(listed, 7) is None


SEGMENTS = st.lists(st.integers(0, 2000), min_size=1, max_size=30, unique=True)


def named(number: int) -> str:
    return f"00000001{number // 256:08X}{number % 256:08X}"


@given(SEGMENTS, st.sets(st.integers(0, 2000)))
def test_of_a_log_the_whole_segment_counts_before_the_partial_and_gaps_are_named(
    numbers: list[int], partial: set[int]
) -> None:
    names = [named(n) for n in numbers] + [f"{named(n)}.partial" for n in partial]
    found = to_replay([*names, "backup_label", "x.partial"], named(0))
    assert found == {named(n): named(n) if n in numbers else f"{named(n)}.partial" for n in {*numbers, *partial}}
    missing = [n for n in range(min({*numbers, *partial}), max({*numbers, *partial})) if named(n) not in found]
    assert first_gap(found) == (named(missing[0])[8:] if missing else None)


@given(SEGMENTS, st.integers(0, 2000))
def test_what_no_backup_needs_of_the_log_goes_and_nothing_else(numbers: list[int], first: int) -> None:
    names = [f"wal/77/{named(n)}{suffix}" for n in numbers for suffix in (".age", ".json", ".partial.age")]
    gone = not_needed([*names, "wal/88/" + named(5) + ".age"], [f"77/{named(first)}", "-"])
    assert {name for name in gone if name.startswith("wal/77")} == {
        name for name in names if name[7:31] < named(first)
    }
    assert [name for name in gone if name.startswith("wal/88")] == ["wal/88/" + named(5) + ".age"]


def test_a_file_of_another_name_is_no_segment() -> None:
    assert segment_of("000000010000000000000002.partial") == "000000010000000000000002"
    assert segment_of("00000002.history") is None


def test_rows_that_differ_are_named_by_their_table() -> None:
    assert differences({"calls": 3, "parts": 1}, {"calls": 3, "parts": 1}) == []
    assert [one.partition(":")[0] for one in differences({"calls": 3, "old": 1}, {"calls": 2, "new": 0})] == [
        "table calls",
        "table new",
        "table old",
    ]


def test_a_moment_needs_its_zone() -> None:
    assert parse_moment("2026-11-30T14:05:00+08:00") == datetime(2026, 11, 30, 6, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="zone"):
        parse_moment("2026-11-30T14:05:00")
