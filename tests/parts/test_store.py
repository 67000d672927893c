"""What can be heard of a recording while it grows: whole frames, at headquarters only what was acknowledged."""

import os
import uuid
from pathlib import Path

import pytest

from supervision import disk
from supervision.parts.incoming import Incoming
from supervision.parts.spool import OfficeSpool
from supervision.parts.store import PartStore
from supervision.paths import HqPaths, PartName, Paths

CALL = uuid.UUID(int=7)
NAME = PartName(CALL, "a", 1)
SOUND = bytes(range(200)) * 10


@pytest.fixture
def spool(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path)
    paths.spool.mkdir()
    return paths


@pytest.fixture
def hq(tmp_path: Path) -> HqPaths:
    return HqPaths(tmp_path)


def test_an_offices_own_is_what_is_in_the_spool(spool: Paths) -> None:
    spool.part(NAME).write_bytes(SOUND)
    spool.part(PartName(CALL, "d", 1)).write_bytes(b"")
    store: PartStore = OfficeSpool(spool)
    assert [str(name) for name in store.names("01", CALL)] == [f"{CALL}.a1.raw", f"{CALL}.d1.raw"]
    assert store.held("01", NAME) == 2000
    assert store.read("01", NAME, 1600, 65536) == SOUND[1600:]
    assert store.read("01", NAME, 400, 8) == SOUND[400:408]


def test_half_a_frame_is_not_heard(spool: Paths) -> None:
    spool.part(NAME).write_bytes(SOUND[:10])
    store = OfficeSpool(spool)
    assert store.held("01", NAME) == 8
    assert store.read("01", NAME, 4, 65536) == SOUND[4:8]


def test_a_link_in_the_spool_is_no_part(spool: Paths) -> None:
    ours = spool.home / "office.db"
    ours.write_bytes(SOUND)
    spool.part(NAME).symlink_to(ours)
    store = OfficeSpool(spool)
    assert (store.held("01", NAME), store.read("01", NAME, 0, 100)) == (0, b"")
    with pytest.raises(FileNotFoundError):
        disk.read_at(spool.part(NAME), 0, 100)
    os.mkfifo(spool.part(PartName(CALL, "a", 2)))
    with pytest.raises(FileNotFoundError):
        disk.read_at(spool.part(PartName(CALL, "a", 2)), 0, 100)


@pytest.mark.parametrize("kind", [OfficeSpool, Incoming])
def test_a_part_that_is_not_here_is_nothing(kind: type[OfficeSpool | Incoming], tmp_path: Path) -> None:
    store: PartStore = OfficeSpool(Paths(tmp_path)) if kind is OfficeSpool else Incoming(HqPaths(tmp_path))
    assert (store.names("01", CALL), store.held("01", NAME), store.read("01", NAME, 0, 100)) == ([], 0, b"")


def test_headquarters_lets_nobody_hear_what_it_has_not_acknowledged(hq: HqPaths) -> None:
    incoming, store = Incoming(hq), Incoming(hq)
    incoming.create("01", NAME, None, 10)
    with incoming.open("01", NAME, 0) as upload:
        upload.write(SOUND[:1200])
        upload.keep()
        upload.write(SOUND[1200:])
        assert hq.incoming_part("01", NAME).stat().st_size == 2000
        assert store.held("01", NAME) == 1200
        assert store.read("01", NAME, 800, 65536) == SOUND[800:1200]
        assert store.read("01", NAME, 1200, 65536) == b""
        upload.keep()
        assert store.read("01", NAME, 1200, 65536) == SOUND[1200:]


def test_a_part_of_another_office_is_not_here(hq: HqPaths) -> None:
    Incoming(hq).create("01", NAME, None, 10)
    assert Incoming(hq).names("01", CALL) == [NAME]
    assert Incoming(hq).names("02", CALL) == []


def test_a_part_whose_offset_cannot_be_believed_is_not_heard(hq: HqPaths) -> None:
    incoming, store = Incoming(hq), Incoming(hq)
    incoming.create("01", NAME, None, 10)
    with incoming.open("01", NAME, 0) as upload:
        upload.write(SOUND)
        upload.keep()
    os.truncate(hq.incoming_part("01", NAME), 100)
    assert store.held("01", NAME) == 0
