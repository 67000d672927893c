"""Headquarters' PostgreSQL stopped, killed and started again under load: audio goes on, facts wait and come."""

import signal
from pathlib import Path

from demo.headquarters import LoopbackHeadquarters
from demo.processes import until
from tests.postgres import cluster
from tests.torture.run import SETTINGS, Run, dice_of, running

HOW = {"stopped": signal.SIGINT, "ended at once": signal.SIGQUIT, "killed": signal.SIGKILL}
# A power cut is not made here, so fsync may stay off; what was committed must be in the kernel's hands.
OPTIONS = {"synchronous_commit": "on", "full_page_writes": "on"}


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
                    assert run.untold > 0, "facts wait at the office"
                    postgres.start()
                    run.look_at_receipts()
                    run.done[name] += 1
            run.finish(90 + 10 * rounds)
            run.expect_the_same()
            return run


def _audio_comes_in(run: Run) -> None:
    """While the database is away, what is spoken now is acknowledged (decision 12)."""
    run.look()
    before = run.sent

    def more() -> bool:
        run.live(0.05)
        run.look()
        return run.sent > before + 500_000

    until("audio acknowledged without a database", more, 30)
