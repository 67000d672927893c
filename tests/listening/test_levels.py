"""The levels of calls in progress: from what grows, read once a second, and gone when nothing comes."""

import uuid
from pathlib import Path

import pytest

from supervision.listening.queries import EVERY_S, FORGOTTEN_S, STALE_S, Levels
from supervision.parts.spool import OfficeSpool
from supervision.parts.store import PartStore
from supervision.paths import PartName, Paths
from tests.recordings.factories import silence, stereo, tone

CALL = uuid.UUID(int=7)
FIRST, SECOND = PartName(CALL, "a", 1), PartName(CALL, "a", 2)
LOUD = stereo(tone(400, 600), silence(600))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path)
    paths.spool.mkdir()
    return paths


class Counted(OfficeSpool):
    """Counts how often it is read."""

    reads = 0

    def read(self, office: str, name: PartName, at: int, most: int) -> bytes:
        self.reads += 1
        return super().read(office, name, at, most)


def says(paths: Paths, name: PartName, pcm: bytes) -> None:
    with paths.part(name).open("ab") as file:
        file.write(pcm)


def levels_of(store: PartStore) -> Levels:
    return Levels(store)


def test_a_call_has_levels_once_it_is_seen_to_grow(paths: Paths) -> None:
    levels = levels_of(OfficeSpool(paths))
    says(paths, FIRST, LOUD)
    assert levels.of("01", CALL, 100.0) is None, "it may have stood still for hours"
    says(paths, FIRST, LOUD)
    assert levels.of("01", CALL, 101.0) == (8, 0)


def test_two_who_look_within_a_second_read_once(paths: Paths) -> None:
    store = Counted(paths)
    levels = levels_of(store)
    says(paths, FIRST, LOUD)
    levels.of("01", CALL, 100.0)
    says(paths, FIRST, LOUD)
    seen = [levels.of("01", CALL, 101.0 + n * EVERY_S / 10) for n in range(9)]
    assert (set(seen), store.reads) == ({(8, 0)}, 1)


def test_nothing_is_shown_when_nothing_has_come_for_a_while(paths: Paths) -> None:
    levels = levels_of(OfficeSpool(paths))
    levels.of("01", CALL, 100.0)
    says(paths, FIRST, LOUD)
    assert levels.of("01", CALL, 101.0)
    assert levels.of("01", CALL, 101.0 + STALE_S - 0.1)
    assert levels.of("01", CALL, 101.0 + STALE_S) is None


def test_the_part_that_grows_is_the_one_that_counts(paths: Paths) -> None:
    levels = levels_of(OfficeSpool(paths))
    says(paths, SECOND, LOUD)
    levels.of("01", CALL, 100.0)
    says(paths, FIRST, stereo(silence(600), tone(400, 600, level=0.01)))
    assert levels.of("01", CALL, 101.0) == (0, 3)


def test_calls_that_nobody_looks_at_are_forgotten(paths: Paths) -> None:
    levels = levels_of(OfficeSpool(paths))
    levels.of("01", CALL, 100.0)
    levels.of("01", uuid.UUID(int=8), 101.0 + FORGOTTEN_S)
    assert list(levels._known) == [uuid.UUID(int=8)]
