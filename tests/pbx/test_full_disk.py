"""The disk is full in mid-call or before it: the call goes on through the real Asterisk, and the gap is seen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, Party
from supervision.incidents.rules import Cause
from tests import small_disk
from tests.pbx.stories import call_over, incidents_of, nobody_left, recording_of, seal_all, tone
from tests.small_disk import MB, SmallDisk

pytestmark = [
    pytest.mark.pbx,
    pytest.mark.skipif(bool(small_disk.missing()), reason=small_disk.missing() or "-"),
]
GAPS = {Cause.NO_BYTES, Cause.NOT_RECORDED, Cause.NEVER_RECORDED, Cause.LENGTH_MISMATCH, Cause.PART_MISSING}
Disk = Callable[[str, int], SmallDisk]


@pytest.fixture
def make_disk(short_folder: Path) -> Iterator[Disk]:
    """Mounts a small disk in the folder of the office to be; taken off after the office has ended."""
    mounted: list[SmallDisk] = []

    def make(where: str, size_bytes: int) -> SmallDisk:
        home = short_folder / where
        home.parent.mkdir(exist_ok=True)
        mounted.append(SmallDisk(home.parent, home.name, size_bytes).__enter__())
        return mounted[-1]

    yield make
    for disk in mounted:
        disk.__exit__(None, None, None)


def causes(office: LoopbackOffice) -> set[Cause]:
    return {incident.cause for incident in incidents_of(office)}


def expect_answered(office: LoopbackOffice) -> None:
    """The one call is written down whole, with the officer who answered and who hung up."""
    call = call_over(office, 40)
    assert (call.disposition, call.answered_desk, call.hung_up_by) == (Disposition.ANSWERED, "801", Party.CALLER)
    assert call.ended_at is not None


def recorded(office: LoopbackOffice) -> int:
    """What is on disk of all parts."""
    return sum(path.stat().st_size for path in office.paths.spool.glob("*.raw"))


def test_a_spool_that_is_full_before_the_call_is_seen_and_recording_goes_on_once_there_is_room(
    make_disk: Disk, make_office: Callable[..., LoopbackOffice]
) -> None:
    disk = make_disk("n0/spool", 8 * MB)
    office = make_office()
    disk.fill()
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=7)
    until("it is seen while the call goes on", lambda: Cause.NO_BYTES in causes(office))
    assert recorded(office) == 0
    disk.relieve()
    (seen,) = run.wait()
    assert seen.length_ms > 6_900, "the caller and the officer talked to the end"
    nobody_left(office)
    assert recorded(office) > 32_000, "recording went on"
    expect_answered(office)
    seal_all(office)
    assert len(causes(office) & GAPS) > 1, "and what is missing is seen once more when it was sealed"


def test_a_whole_node_whose_disk_fills_in_mid_call_carries_the_call_and_writes_it_down_later(
    make_disk: Disk, make_office: Callable[..., LoopbackOffice]
) -> None:
    """Database, Asterisk's own logs, spool: all on one disk, and not a byte of room."""
    disk = make_disk("n0", 48 * MB)
    office = make_office()
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=6)
    until("two blocks on disk", lambda: recorded(office) > 64_000)
    disk.fill()
    (seen,) = run.wait()
    assert seen.length_ms > 5_900, "the caller and the officer talked to the end"
    nobody_left(office)
    assert office.app.running
    disk.relieve()
    expect_answered(office)
    seal_all(office)
    (part,) = recording_of(office, call_over(office).id).parts
    assert (part.length_bytes or 0) > 64_000, "what was on disk is kept"
    assert causes(office) & GAPS, "the gap is an incident"
