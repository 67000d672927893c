"""Whether any strategy makes a call less likely to be due for review: `python -m bench.fairness [--runs N]`.

Both sides' real functions on two databases, a week of ten calls of one person, of which two are drawn: the rate is
1/5. One side, or both, plays a strategy against a chosen call; what counts is whether that call is due in the end,
when nothing can move any more, in the honest side's books; where both play, or none does, in both. Printed is how
often it was, with the 99 % interval. A strategy whose whole interval is below the rate has bent the draw, and so
has one that ever spares the call by something else than a draw that anybody can run again: the exit code is 1.
(With fewer than 27 runs no strategy can be told by its rate.)
A call that headquarters keeps out of every list counts as due where the honest node names it in an incident.
Besides the strategies that have a name, Hypothesis makes up others (`--programs N`): any order of drops, delays,
lies, replays, clocks and copies put back.
"""

import argparse
import functools
import math
import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bench.fairness_game import Game
from bench.fairness_games import GAMES
from bench.fairness_moves import MOVES, Move, play_moves
from bench.figures import table
from tests.draws.two_sides import MONDAY, WEEK, two_sides  # the harness of the tests, so that both play the same

RATE = Fraction(1, 5)
ENOUGH = 40  # games in which a strategy that bends the draw can be told from luck
Z99 = 2.5758
BEFORE_END = MONDAY + WEEK - timedelta(days=2)


@dataclass
class Found:
    """How often the chosen call was due, and the smallest share of a list that ever was.

    `spared`: how often it was not, and that was not left to a draw which anybody can run again.
    """

    runs: int = 0
    due: int = 0
    spared: int = 0
    least: Fraction = Fraction(1)

    def add(self, game: Game) -> None:
        """Count one run."""
        is_due = game.is_due
        self.runs, self.due, self.least = self.runs + 1, self.due + is_due, min(self.least, game.share_due)
        self.spared += not is_due and not game.is_left_to_the_draw

    @property
    def interval(self) -> tuple[float, float]:
        """The chance, with 99 % (Wilson's score interval)."""
        n, p = self.runs, self.due / self.runs
        middle = (p + Z99**2 / (2 * n)) / (1 + Z99**2 / n)
        half = Z99 * math.sqrt(p * (1 - p) / n + Z99**2 / (4 * n * n)) / (1 + Z99**2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def is_bent(self) -> bool:
        """Whether the chance lies below the rate, or the call was spared by something else than a draw."""
        return self.interval[1] < RATE or self.spared > 0


@functools.cache
def prepared() -> tuple[Path, tuple[uuid.UUID, ...]]:
    """Both databases two days before the week's end, its ten calls told; and the calls."""
    folder = Path(tempfile.mkdtemp(prefix="fairness-"))
    ids = iter([uuid.UUID(int=(7 << 76) | (8 << 60) | n + 1) for n in range(10)])
    with two_sides(folder) as sides:
        sides.new_ids = lambda: next(ids)
        sides.speak()
        calls = tuple(sides.call(MONDAY + timedelta(hours=n)) for n in range(10))
        sides.at = BEFORE_END
        sides.speak()
    shutil.rmtree(folder / "node", ignore_errors=True)
    shutil.rmtree(folder / "hq", ignore_errors=True)
    return folder, calls


@contextmanager
def new_game(number: int) -> Iterator[Game]:
    """A week before its end, with secrets that follow from a number, and both commitments exchanged."""
    template, calls = prepared()
    chance = random.Random(number)  # noqa: S311 - it must come again
    with tempfile.TemporaryDirectory() as name, two_sides(Path(name), template=template) as sides:
        sides.at = BEFORE_END
        for files in (sides.node_files, sides.hq_files):
            secret = files.paths.draw_secret("2026-11")
            secret.parent.mkdir(parents=True)
            secret.write_bytes(chance.randbytes(32))
        sides.speak()
        yield Game(sides, chance, calls[0])


def measure(play: Callable[[Game], None], runs: int, first: int = 0) -> Found:
    """Play a strategy so many times, each time with other secrets."""
    found = Found()
    for number in range(first, first + runs):
        with new_game(number) as game:
            play(game)
            found.add(game)
    return found


def measure_named(name: str, runs: int) -> Found:
    """The same of a strategy that has a name; each processor plays another."""
    return measure(GAMES[name], runs)


def search(programs: int, runs: int, first: int = 0) -> list[tuple[list[Move], Found]]:
    """What Hypothesis makes up: all moves that it tried, and what came of them."""
    tried: list[tuple[list[Move], Found]] = []

    @seed(7)
    @settings(
        max_examples=programs,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.sampled_from(MOVES), min_size=1, max_size=10))
    def try_one(moves: list[Move]) -> None:
        found = measure(lambda game: play_moves(game, moves), runs, first)
        tried.append((moves, found))

    try_one()
    return tried


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100, help="runs of each strategy that has a name")
    parser.add_argument("--programs", type=int, default=10, help="how many others Hypothesis makes up")
    parser.add_argument("--only", default="", help="only strategies whose name contains this")
    given_ = parser.parse_args()
    rows, bent = [], False
    names = [name for name in GAMES if given_.only in name]
    with ProcessPoolExecutor() as processes:
        every = processes.map(measure_named, names, [given_.runs] * len(names))
        for name, found in zip(names, every, strict=True):
            rows.append(row(name, found))
            bent = bent or found.is_bent
            sys.stderr.write(f"{' | '.join(rows[-1])}\n")  # a long run says how far it has come
    if given_.programs and not given_.only:
        tried = search(given_.programs, max(given_.runs // 4, ENOUGH))
        moves, worst = min(tried, key=lambda one: (-one[1].spared, one[1].due))
        rows.append(row(f"Hypothesis, of {given_.programs} the worst: {' '.join(moves)}"[:60], worst))
        bent = bent or any(found.is_bent for _, found in tried)
    head = ("strategy", "runs", "due", "99 %", "least of a list", "")
    sys.stdout.write(table(head, rows) + f"\nThe rate is {float(RATE)}.\n")
    return int(bent)


def row(name: str, found: Found) -> tuple[str, ...]:
    """One line of the table."""
    low, high = found.interval
    return (
        name, str(found.runs), f"{found.due / found.runs:.3f}", f"{low:.3f} to {high:.3f}",
        f"{float(found.least):.2f}", "BENT" if found.is_bent else "",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
