"""Disks full and at fault at either side, under load. `make torture` does it more often."""

import tempfile
from pathlib import Path

import pytest

from tests import small_disk
from tests.torture import disks

pytestmark = [pytest.mark.thorough, pytest.mark.enable_socket, pytest.mark.timeout(300)]
needs_a_mount = pytest.mark.skipif(bool(small_disk.missing()), reason=small_disk.missing() or "-")


@needs_a_mount
def test_a_full_disk_at_headquarters_loses_nothing_and_is_seen() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = disks.full_at_headquarters(Path(folder), rounds=1, seed=20261124)
    assert run.sent > 3_000_000
    assert run.office.lost == 0


@needs_a_mount
def test_a_full_disk_at_the_office_loses_only_what_asterisk_could_not_write_and_is_seen() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = disks.full_at_the_office(Path(folder), rounds=1, seed=20261124)
    assert run.office.lost > 0
    assert run.office.unwritten > 0, "a part never came to be, and both sides said so"


@needs_a_mount
def test_a_sick_disk_at_headquarters_acknowledges_nothing_that_it_has_not_and_is_seen() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = disks.sick_at_headquarters(Path(folder), rounds=1, seed=20261124)
    assert run.sent > 3_000_000


def test_a_part_that_one_side_does_not_give_holds_up_no_other() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = disks.sick_parts(Path(folder), rounds=1, seed=20261124)
    assert dict(run.done) == {"office": 1, "headquarters": 1}
