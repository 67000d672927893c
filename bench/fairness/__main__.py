"""Whether any strategy makes a call less likely to be due for review: `python -m bench.fairness [--runs N]`.

Both sides' real functions on two databases, and ten calls of one person: of an office's week two are drawn, the
rate is 1/5; of headquarters' month one, the rate is 1/10 (`--tier`). One side, or both, plays a strategy against a
chosen call; what counts is whether that call is due in the end, when nothing can move any more, in the honest
side's books; where both play, or none does, in both. Printed is how often it was, with the 99 % interval. A
strategy whose whole interval is below the rate has bent the draw, and so has one that ever spares the call by
something else than a draw that anybody can run again: the exit code is 1.
(With fewer than 27 runs, or 60 of the month's, no strategy can be recognised by its rate.)
A call that headquarters keeps out of every list counts as due where the honest node names it in an incident.
Besides the strategies that have a name, Hypothesis makes up others (`--programs N`): any order of drops, delays,
lies, replays, clocks and copies put back.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bench.fairness.game import PERIODS, Game, new_game
from bench.fairness.moves import MOVES, Move, play_moves
from bench.fairness.strategies import GAMES
from bench.figures import table
from supervision.draws.rules import Tier

ENOUGH = {Tier.OFFICE: 40, Tier.HQ: 80}  # games in which bending can be distinguished from luck
Z99 = 2.5758


@dataclass
class Found:
    """How often the chosen call was due, and the smallest share of a list that ever was.

    `spared`: how often it was not, and that was not left to a draw which anybody can run again.
    """

    rate: Fraction
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
        return self.interval[1] < self.rate or self.spared > 0


def measure(play: Callable[[Game], None], tier: Tier, runs: int) -> Found:
    """Play a strategy so many times, each time with other secrets."""
    found = Found(PERIODS[tier].rate)
    for number in range(runs):
        with new_game(number, tier) as game:
            play(game)
            found.add(game)
    return found


def measure_named(name: str, tier: Tier, runs: int) -> Found:
    """The same of a strategy that has a name; each processor plays another."""
    return measure(GAMES[name], tier, runs)


def search(tier: Tier, programs: int, runs: int) -> list[tuple[list[Move], Found]]:
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
        found = measure(lambda game: play_moves(game, moves), tier, runs)
        tried.append((moves, found))

    try_one()
    return tried


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100, help="runs of each strategy that has a name")
    parser.add_argument("--programs", type=int, default=10, help="how many others Hypothesis makes up")
    parser.add_argument("--only", default="", help="only strategies whose name contains this")
    parser.add_argument(
        "--tier", choices=[*Tier, "both"], default="both", help="whose draw: both, one after the other"
    )
    asked = parser.parse_args()
    tiers = list(Tier) if asked.tier == "both" else [Tier(asked.tier)]
    played = [one for tier in tiers for one in play_tier(tier, asked)]
    head = ("draw", "strategy", "runs", "due", "99 %", "least of a list", "")
    sys.stdout.write(table(head, [row(*one) for one in played]) + "\n")
    sys.stdout.writelines(f"The rate of {tier} draws is {float(PERIODS[tier].rate)}.\n" for tier in tiers)
    return int(any(found.is_bent for _, _, found in played))


def play_tier(tier: Tier, asked: argparse.Namespace) -> Iterator[tuple[Tier, str, Found]]:
    """All strategies against one tier's draw. A long run says how far it has come."""
    names = [name for name in GAMES if asked.only in name]
    with ProcessPoolExecutor() as processes:
        every = processes.map(measure_named, names, [tier] * len(names), [asked.runs] * len(names))
        for name, found in zip(names, every, strict=True):
            sys.stderr.write(f"{' | '.join(row(tier, name, found))}\n")
            yield tier, name, found
    if asked.programs and not asked.only:
        tried = search(tier, asked.programs, max(asked.runs // 4, ENOUGH[tier]))
        tried.sort(key=lambda one: (not one[1].is_bent, -one[1].spared, one[1].due))
        moves, worst = tried[0]
        yield tier, f"Hypothesis, of {asked.programs} the worst: {' '.join(moves)}"[:60], worst


def row(tier: Tier, name: str, found: Found) -> tuple[str, ...]:
    """One line of the table."""
    low, high = found.interval
    return (
        tier.value, name, str(found.runs), f"{found.due / found.runs:.3f}", f"{low:.3f} to {high:.3f}",
        f"{float(found.least):.2f}", "BENT" if found.is_bent else "",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
