"""Disks that are full or at fault, at either side: calls go on, nothing acknowledged is lost, somebody sees it."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from demo.headquarters import LoopbackHeadquarters
from demo.processes import until
from supervision.errors import NotFound
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.machines.tasks import watch_storage
from supervision.parts.incoming import Incoming
from supervision.recordings.models import Part
from supervision.settings import Settings
from supervision.task import Worker
from tests.small_disk import MB, SmallDisk
from tests.torture.office import CODE, Talk
from tests.torture.run import SETTINGS, Run, dice_of, running

DISK_BYTES = 96 * MB
LEVELS = (20, 10, 5)
FULL_FOR_S = 1.0
SICK_FOR_S = 1.0
GAPS = (
    Cause.LENGTH_MISMATCH,
    Cause.NOT_RECORDED,
    Cause.NEVER_RECORDED,
    Cause.RECORDING_MUTED,
    Cause.PART_MISSING,
)
# What headquarters may have been about to do when its disk failed it.
AT_WORK = (Cause.DISK_FAULT, Cause.SEALING_FAILED)


def full_at_headquarters(home: Path, rounds: int, seed: int) -> Run:
    """All of headquarters on one disk, database, what comes and what is sealed: it fills, again and again."""
    return _full(home, rounds, seed, hq_disk=True)


def full_at_the_office(home: Path, rounds: int, seed: int) -> Run:
    """Where Asterisk writes the disk fills: what it cannot write is lost, and nothing else."""
    return _full(home, rounds, seed, hq_disk=False)


def _full(home: Path, rounds: int, seed: int, *, hq_disk: bool) -> Run:
    dice = dice_of(seed)
    if not hq_disk:
        (home / "node").mkdir()
    with (
        SmallDisk(home if hq_disk else home / "node", "hq" if hq_disk else "spool", DISK_BYTES * rounds) as disk,
        LoopbackHeadquarters(home / "hq", SETTINGS) as hq,
        running(hq, home / "node", dice) as run,
    ):
        for _ in range(rounds):
            run.live(dice.uniform(0.2, 1.0))
            _fill(run, disk, hq_disk=hq_disk)
            _until_it_hurts(run, hq_disk=hq_disk)
            if not hq_disk:
                _call_without_a_file(run, disk)
            run.live(FULL_FOR_S)
            run.look()
            assert run.office.uplink.running
            disk.relieve()
            assert _low(run, hq_disk=hq_disk) == []
            run.done["full"] += 1
        run.finish(60 + 10 * rounds)
        run.expect_the_same([Cause.DISK_LOW], *([(), AT_WORK] if hq_disk else [GAPS]))
        return run


def _fill(run: Run, disk: SmallDisk, *, hq_disk: bool) -> None:
    """Bit by bit: each level is reported before there is no room to write it down."""
    for level in LEVELS:
        disk.fill(leave_percent=level - 1)
        assert _low(run, hq_disk=hq_disk) == [level]
    disk.fill()


def _until_it_hurts(run: Run, *, hq_disk: bool) -> None:
    def hurts() -> bool:
        run.live(0.02)
        said = run.office.uplink.said()
        return "507 disk-full" in said and "503 unavailable" in said if hq_disk else run.office.lost > 0

    until("neither audio nor facts are taken" if hq_disk else "something is lost", hurts)


def _call_without_a_file(run: Run, disk: SmallDisk) -> None:
    """A call comes and ends while there is not even room for the name of its part."""
    disk.fill_names()
    before = run.office.unwritten
    run.office.grow(run.office.begin(1))
    assert run.office.unwritten == before + 1


def _low(run: Run, *, hq_disk: bool) -> Sequence[int]:
    """The worker's look at the disks of that side: the levels below which there is room."""
    database = run.hq.database if hq_disk else run.office.database
    settings = run.hq.settings if hq_disk else Settings(home=run.office.paths.home)
    watch_storage(Worker(settings.model_copy(update={"disk_levels": ",".join(map(str, LEVELS))}), database))
    with database.reading() as session:
        query = select(Incident).where(Incident.cause == Cause.DISK_LOW, Incident.healed_at.is_(None))
        return [incident.detail["level"] for incident in session.scalars(query)]


def sick_at_headquarters(home: Path, rounds: int, seed: int) -> Run:
    """Where parts come the disk fails, in the kernel, reading and syncing: nothing unsynced was acknowledged."""
    dice = dice_of(seed)
    (home / "hq").mkdir()
    with (
        SmallDisk(home / "hq", "incoming", DISK_BYTES * rounds) as disk,
        LoopbackHeadquarters(home / "hq", SETTINGS) as hq,
        running(hq, home / "node", dice) as run,
    ):
        for _ in range(rounds):
            run.live(dice.uniform(0.5, 1.0))
            run.look()
            seen = _faults(run)
            disk.sicken()
            _until_seen(run, more_than=seen)
            run.live(SICK_FOR_S)
            disk.heal()
            run.look()
            run.done["sick"] += 1
        run.finish(90 + 20 * rounds)
        run.expect_the_same([Cause.DISK_FAULT], maybe=AT_WORK)
        return run


def _until_seen(run: Run, more_than: int) -> None:
    until("it is seen", lambda: _while_living(run, _faults(run) > more_than))


def _faults(run: Run) -> int:
    with run.hq.database.reading() as session:
        return len(session.scalars(select(Incident).where(Incident.cause == Cause.DISK_FAULT)).all())


def _while_living(run: Run, so: bool) -> bool:
    run.live(0.02)
    return so


def sick_parts(home: Path, rounds: int, seed: int) -> Run:
    """A part that one side does not give holds up no other, and goes on its way once it is given."""
    dice = dice_of(seed)
    with (
        LoopbackHeadquarters(home / "hq", SETTINGS) as hq,
        running(hq, home / "node", dice) as run,
    ):
        for _ in range(rounds):
            _sick_part_each(run)
            run.done["office"] += 1
            run.done["headquarters"] += 1
        run.finish(90 + 40 * rounds)
        run.expect_the_same()
        return run


def _sick_part_each(run: Run) -> None:
    """One that cannot be read at the office, and one whose offset is gone at headquarters."""
    unread, lost = run.office.begin(10**6), run.office.begin(10**6)
    place, offset = run.office.paths.part(unread.part), run.hq.paths.incoming_offset(CODE, lost.part)
    run.office.talks.remove(unread)
    place.unlink()
    place.mkdir()  # it is there, and cannot be read
    run.office.grow(lost)
    until("some of it there", lambda: _while_living(run, _acknowledged(run, lost) > 0))
    run.office.talks.remove(lost)
    aside = offset.rename(run.office.paths.home / "aside")
    run.office.grow(lost)
    until("both wait", lambda: _while_living(run, _waits(run, unread) and _waits(run, lost)))
    before = _received(run)
    until("others got through", lambda: _while_living(run, _received(run) >= before + 3), 60)
    place.rmdir()
    place.touch()
    aside.rename(offset)
    for talk in (unread, lost):
        run.office.talks.append(talk)
        talk.steps_left = 1
        run.office.grow(talk)


def _waits(run: Run, talk: Talk) -> bool:
    return any(str(talk.part) in line and "part waits" in line for line in run.office.uplink.said().splitlines())


def _acknowledged(run: Run, talk: Talk) -> int:
    try:
        return Incoming(run.hq.paths).state(CODE, talk.part).offset
    except NotFound:
        return 0


def _received(run: Run) -> int:
    with run.office.database.reading() as session:
        return len(session.scalars(select(Part.name).where(Part.received_at.is_not(None))).all())
