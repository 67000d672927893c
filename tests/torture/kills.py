"""Random kills over a stream of parts: `python -m tests.torture.kills --kills 1000`.

Uplink, intake (all of it, or one of its processes) and worker are ended by SIGKILL at random moments of a seeded
run, and started again. Meanwhile calls come, grow and end. At the end every byte is at headquarters, by hash,
and every fact once.
"""

import argparse
import contextlib
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import psutil

from demo.headquarters import LoopbackHeadquarters
from demo.processes import Process
from tests.torture.run import SETTINGS, Run, dice_of, running

LONGEST_PAUSE_S = 0.6


def kill_one(run: Run) -> None:
    """End one of them without a word, and start it again."""
    name = run.dice.choice(("uplink", "intake", "intake worker", "worker"))
    process = _process(run, name)
    if name == "intake worker":
        kill_a_child(process, run.dice)
    else:
        process.kill()
        process.start()
    run.done[name] += 1


def kill_a_child(process: Process, dice: random.Random) -> None:
    """SIGKILL to one of the processes that it started; it may start another by itself."""
    children = psutil.Process(process.pid).children() if process.running else []
    if children:
        with contextlib.suppress(psutil.NoSuchProcess):
            dice.choice(children).kill()


def _process(run: Run, name: str) -> Process:
    return {"uplink": run.office.uplink, "worker": run.hq.worker}.get(name, run.hq.intake)


def torture(home: Path, kills: int, seed: int) -> Run:
    """Kill so often, then see that nothing is lost. Raises AssertionError."""
    dice = dice_of(seed)
    with (
        LoopbackHeadquarters(home / "hq", SETTINGS) as hq,
        running(hq, home / "node", dice) as run,
    ):
        for _ in range(kills):
            run.live(dice.uniform(0, LONGEST_PAUSE_S))
            run.look()
            kill_one(run)
        run.finish(60 + kills)
        run.expect_the_same()
        return run


def main() -> int:
    """Run, and say what was done. 0: nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    say = partial(print, flush=True)
    say(f"{arguments.kills} kills, seed {arguments.seed}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = torture(Path(folder), arguments.kills, arguments.seed)
    took_s = time.monotonic() - began
    say(f"killed: {dict(run.done)}; {run.office.calls} calls, {run.sent:,} bytes, all there, in {took_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
