"""Headquarters' PostgreSQL stopped, killed, without room, under load: audio goes on, facts wait and come."""

import signal
from pathlib import Path

from demo.headquarters import LoopbackHeadquarters
from demo.processes import until
from supervision.incidents.rules import Cause
from tests.postgres import Cluster, cluster
from tests.small_disk import MB, SmallDisk
from tests.torture.run import SETTINGS, Run, dice_of, running

HOW = {"stopped": signal.SIGINT, "ended at once": signal.SIGQUIT, "killed": signal.SIGKILL}
# A power cut is not made here, so fsync may stay off; what was committed must be in the kernel's hands.
OPTIONS = {"synchronous_commit": "on", "full_page_writes": "on"}
DISK_BYTES = 256 * MB
FULL_FOR_S = 2.0


def torture(home: Path, rounds: int, seed: int, longest_s: float = 2.0) -> Run:
    """Each way of ending it so many times, in a seeded order; nothing is lost or doubled."""
    dice = dice_of(seed)
    with cluster(OPTIONS) as postgres:
        url = postgres.server.url(postgres.server.create_database())
        settings = {**SETTINGS, "SUPERVISION_DATABASE_URL": url}
        with (
            LoopbackHeadquarters(home / "hq", settings) as hq,
            running(hq, home / "node", dice) as run,
        ):
            for _ in range(rounds):
                for name in dice.sample(sorted(HOW), len(HOW)):
                    run.live(dice.uniform(0.3, longest_s))
                    postgres.stop(HOW[name])
                    _audio_comes_in(run)
                    run.live(dice.uniform(0.1, longest_s))
                    assert run.unsent > 0, "facts wait at the office"
                    postgres.start()
                    run.look_at_receipts()
                    run.done[name] += 1
            run.finish(90 + 10 * rounds)
            run.expect_the_same()
            return run


def full(home: Path, rounds: int, seed: int) -> Run:
    """PostgreSQL's own disk fills, again and again: audio comes in, facts wait; it is started if it gave up."""
    dice = dice_of(seed)
    home.chmod(0o711)  # PostgreSQL is not root
    with SmallDisk(home, "database", DISK_BYTES) as disk, cluster(OPTIONS, disk.folder) as postgres:
        url = postgres.server.url(postgres.server.create_database())
        with (
            LoopbackHeadquarters(home / "hq", {**SETTINGS, "SUPERVISION_DATABASE_URL": url}) as hq,
            running(hq, home / "node", dice) as run,
        ):
            for n in range(1, rounds + 1):
                run.live(dice.uniform(0.3, 1.0))
                disk.fill()
                _until_said(run, "503 unavailable", n)
                _audio_comes_in(run)
                run.live(FULL_FOR_S)
                disk.relieve()
                _up_again(postgres)
                _until_said(run, "facts flow again", n)
                run.done["full"] += 1
            run.finish(90 + 10 * rounds)
            run.expect_the_same(maybe=(Cause.SEALING_FAILED,))
            return run


def _until_said(run: Run, what: str, so_often: int) -> None:
    def often_enough() -> bool:
        run.live(0.05)
        return run.office.uplink.said().count(what) >= so_often

    until(what, often_enough, 60)


def _up_again(postgres: Cluster) -> None:
    if not postgres.running:
        postgres.start()


def _audio_comes_in(run: Run) -> None:
    """While the database is away, what is spoken now is acknowledged (decision 12)."""
    run.look()
    before = run.sent

    def more() -> bool:
        run.live(0.05)
        run.look()
        return run.sent > before + 500_000

    until("audio acknowledged without a database", more, 30)
