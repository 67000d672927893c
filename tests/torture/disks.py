"""Disks that are full or at fault, at either side: calls go on, nothing acknowledged is lost, somebody sees it."""

from pathlib import Path

from sqlalchemy import select

from demo.headquarters import LoopbackHeadquarters
from demo.processes import until
from supervision.incidents.models import Cause, Incident
from supervision.jobs import Worker, watch_storage
from supervision.recordings.models import Part
from supervision.settings import Settings
from tests.small_disk import MB, SmallDisk
from tests.torture.office import CODE
from tests.torture.run import SETTINGS, Run, dice_of, running

DISK_BYTES = 64 * MB
FULL_FOR_S = 1.5
GAPS = (Cause.LENGTH_MISMATCH, Cause.NOT_RECORDED, Cause.NEVER_RECORDED, Cause.RECORDING_MUTED)


def full_at_headquarters(home: Path, rounds: int, seed: int) -> Run:
    """Where parts come in the disk fills, again and again; calls go on meanwhile, and all comes later."""
    return _full(home, rounds, seed, hq_disk=True)


def full_at_the_office(home: Path, rounds: int, seed: int) -> Run:
    """Where Asterisk writes the disk fills: what it cannot write is lost, and nothing else."""
    return _full(home, rounds, seed, hq_disk=False)


def _full(home: Path, rounds: int, seed: int, *, hq_disk: bool) -> Run:
    dice = dice_of(seed)
    folder = home / ("hq" if hq_disk else "node")
    folder.mkdir(parents=True)
    with (
        SmallDisk(folder, "incoming" if hq_disk else "spool", DISK_BYTES * rounds) as disk,
        LoopbackHeadquarters(home / "hq", SETTINGS) as hq,
        running(hq, home / "node", dice) as run,
    ):
        for n in range(rounds):
            run.live(dice.uniform(0.2, 1.0))
            disk.fill(leave_bytes=MB // 2 * (n % 2))
            _see(run, hq_disk=hq_disk, low=True)
            _until_it_hurts(run, hq_disk=hq_disk)
            run.live(FULL_FOR_S)
            run.look()
            assert run.office.uplink.running
            disk.relieve()
            _see(run, hq_disk=hq_disk, low=False)
            run.done["full"] += 1
        run.finish(60 + 10 * rounds)
        run.expect_the_same([Cause.DISK_LOW], [] if hq_disk else GAPS)
        return run


def _until_it_hurts(run: Run, *, hq_disk: bool) -> None:
    if hq_disk:
        until("headquarters is full", lambda: _while_living(run, "507 disk-full" in run.office.uplink.said()))
    else:
        until("something is lost", lambda: _while_living(run, run.office.lost > 0))


def _while_living(run: Run, so: bool) -> bool:
    run.live(0.02)
    return so


def _see(run: Run, *, hq_disk: bool, low: bool) -> None:
    """The worker's look at the disks of that side: the incident is there, or is over."""
    database = run.hq.database if hq_disk else run.office.database
    settings = run.hq.settings if hq_disk else Settings(home=run.office.paths.home)
    watch_storage(Worker(settings.model_copy(update={"disk_levels": "20,10,5"}), database))
    with database.reading() as session:
        query = select(Incident).where(Incident.cause == Cause.DISK_LOW, Incident.healed_at.is_(None))
        assert bool(session.scalars(query).all()) == low


def sick_parts(home: Path, rounds: int, seed: int) -> Run:
    """A part that one side's disk does not give holds up no other, and goes on its way once it is given."""
    dice = dice_of(seed)
    with (
        LoopbackHeadquarters(home / "hq", SETTINGS) as hq,
        running(hq, home / "node", dice) as run,
    ):
        for _ in range(rounds):
            for where in dice.sample(("office", "headquarters"), 2):
                _sick(run, where)
                run.done[where] += 1
        run.finish(90 + 40 * rounds)
        run.expect_the_same()
        return run


def _sick(run: Run, where: str) -> None:
    talk = run.office.begin(10**6)
    run.office.grow(talk)
    held = run.hq.paths.incoming_offset(CODE, talk.part)
    until("some of it at headquarters", lambda: _while_living(run, held.exists()))
    run.office.talks.remove(talk)  # Asterisk holds its file open, and goes on writing to that
    sick = held if where == "headquarters" else run.office.paths.part(talk.part)
    aside = sick.rename(run.office.paths.home / "aside")
    if where == "office":
        sick.mkdir()  # it is there, and cannot be read
    before = _received(run)
    until("others got through", lambda: _while_living(run, _received(run) >= before + 10), 60)
    if where == "office":
        sick.rmdir()
    aside.rename(sick)
    run.office.talks.append(talk)
    talk.steps_left = 1
    run.office.grow(talk)


def _received(run: Run) -> int:
    with run.office.database.reading() as session:
        return len(session.scalars(select(Part.name).where(Part.received_at.is_not(None))).all())
