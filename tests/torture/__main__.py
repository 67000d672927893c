"""All tortures in turn (`make torture`): `python -m tests.torture [--kills N] [--rounds N] [--seed N] [NAME…]`.

Each ends with every acknowledged byte at headquarters, by hash, and every fact once; the last one measures how a
day's backlog drains. Any that fails, or that this machine has not what it needs for, makes the exit code 1.
"""

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.figures import table
from tests import small_disk
from tests.torture import backlog, databases, disks, kills, namespaces, veth, weather
from tests.torture.run import Run

BACKLOG = "backlog"

say = partial(print, flush=True)


@dataclass(frozen=True)
class Torture:
    """One of them: what is done, so often, by a seed; and what is missing here to do it."""

    name: str
    what: str
    run: Callable[[Path, int, int], Run]
    often: int
    missing: Callable[[], str] = str  # nothing


def _all(kill: int, rounds: int) -> list[Torture]:
    return [
        Torture("kills", "processes killed at random", kills.torture, kill),
        Torture("weather", "the link in all weathers", weather.torture, 8 * rounds),
        Torture("link", "a kernel's link cut, flapping, one-way", veth.torture, rounds, namespaces.missing),
        Torture("database", "PostgreSQL stopped and killed", databases.torture, rounds),
        Torture("database-full", "PostgreSQL's disk full", databases.full, rounds, small_disk.missing),
        Torture("hq-full", "headquarters' disk full", disks.full_at_headquarters, rounds, small_disk.missing),
        Torture("office-full", "the office's disk full", disks.full_at_the_office, rounds, small_disk.missing),
        Torture("hq-sick", "headquarters' disk sick", disks.sick_at_headquarters, rounds, small_disk.missing),
        Torture("parts", "parts that a disk does not give", disks.sick_parts, rounds),
    ]


def _row(torture: Torture, seed: int) -> list[str]:
    """Do it, and say what came of it: the last field is empty where it held."""
    if lacks := torture.missing():
        return [torture.what, "-", "-", "-", "-", lacks]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        try:
            run = torture.run(Path(folder), torture.often, seed)
        except AssertionError:
            say(traceback.format_exc())
            return [torture.what, "-", "-", "-", _took(began), "FAILED, see above"]
    done = str(sum(run.done.values()))
    return [torture.what, done, str(run.office.calls), f"{run.sent / 1e6:.1f}", _took(began), ""]


def _took(began: float) -> str:
    return f"{time.monotonic() - began:.0f}"


def _rows(tortures: Sequence[Torture], seed: int) -> list[list[str]]:
    rows = []
    for torture in tortures:
        rows.append(_row(torture, seed))
        say(f"  {torture.what}: {rows[-1][-1] or 'all there'}")
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Do all, or those that are named, and print what was done. 0: nothing was lost, and the backlog drained."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="all tortures")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("name", nargs="*", help=f"only these: {', '.join(_names())}")
    chosen = parser.parse_args(arguments)
    names = chosen.name or _names()
    if unknown := set(names) - set(_names()):
        parser.error(f"no such torture: {', '.join(sorted(unknown))}")
    say(f"seed {chosen.seed}")
    rows = _rows([one for one in _all(chosen.kills, chosen.rounds) if one.name in names], chosen.seed)
    shown = [[*row[:-1], row[-1] or "all there"] for row in rows]
    if shown:
        say(f"\n{table(['what was done', 'times', 'calls', 'MB', 'took, s', 'came of it'], shown)}\n")
    drained = backlog.main(["--seed", str(chosen.seed)]) if BACKLOG in names else 0
    return 1 if drained or any(row[-1] for row in rows) else 0


def _names() -> list[str]:
    return [*(torture.name for torture in _all(0, 0)), BACKLOG]


if __name__ == "__main__":
    sys.exit(main())
