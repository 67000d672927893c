"""How often the rule for early signs errs: `python -m bench.early_signs [--quick] [--years N] [--seed N]`.

A bureau of twelve offices as large as the seed's, each with 74 drawn and evaluated calls a week (20 % of 246 by
the office, 10 % by headquarters), fewer or more from week to week and with the season, and with a level of its own
in each of seven categories. The rule itself is asked each week, as the worker asks it.

*Quiet years*: nothing changes. Counted are the years with any sign at all, of any office or of the bureau; and
those among years in which the shares themselves vary from week to week (lognormal, by this standard deviation), as
where reviewers take turns.
*All rise*: one category becomes twice as frequent in every office on one day, as by a new norm.
*A doubling*: one category doubles in one office. Shown is how often there is a sign of it within so many weeks, by
how many calls a week had such a finding before. "At best" is what a test could do that knew the office's own share
exactly, at the same level. From twelve a week on, 90 % must be seen within four weeks; else the exit code is 1, as
where more than 5 % of the quiet years have a sign.
"""

import argparse
import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.figures import table
from supervision.early_signs.rules import (
    BEFORE_WEEKS,
    WINDOW_WEEKS,
    Span,
    Tally,
    did_rise,
    is_unusual,
    level,
    spread,
)

OFFICES = 12
CATEGORIES = 7
CALLS_A_WEEK = 74
SHARES = (0.16, 0.10, 0.06, 0.04, 0.03, 0.02, 0.005)
HISTORY = BEFORE_WEEKS + WINDOW_WEEKS
YEAR = 52
SEEN_AT_LEAST = 0.90
QUIET_AT_MOST = 0.05
BASES = (3, 5, 8, 10, 12, 15, 20)
PROMISED = 12
VARIES = (0.1, 0.2, 0.35)
LEVEL = level(OFFICES + 1, CATEGORIES)

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """The counts of some weeks: evaluated calls by office and week; by category as well those with a finding."""

    calls: Counts
    found: Counts

    def span(self, office: int | None, category: int, week: int) -> Span:
        """What the rule looks at, at the end of a week; None: the bureau."""
        return Span(
            self._sum(office, category, week - WINDOW_WEEKS + 1, week + 1),
            self._sum(office, category, week - HISTORY + 1, week - WINDOW_WEEKS + 1),
        )

    def spread(self, office: int | None, category: int, week: int) -> float:
        """How many times as much the weeks before the window differ as by chance."""
        weeks = range(week - HISTORY + 1, week - WINDOW_WEEKS + 1)
        offices = [[self._sum(one, category, n, n + 1) for n in weeks] for one in range(OFFICES)]
        bureau = [[self._sum(None, category, n, n + 1) for n in weeks]] if office is None else []
        return max(spread(offices), spread(bureau))

    def _sum(self, office: int | None, category: int, start: int, end: int) -> Tally:
        calls = self.calls if office is None else self.calls[office]
        found = self.found[:, category] if office is None else self.found[office, category]
        return Tally(int(calls[..., start:end].sum()), int(found[..., start:end].sum()))


def make_world(
    chance: np.random.Generator, weeks: int, factor: NDArray[np.float64] | None = None, *, varies: float = 0
) -> World:
    """So many weeks; `factor`: by which the shares are multiplied, by office, category and week.

    `varies`: by how much they vary from week to week besides, as the standard deviation of their logarithm.
    """
    season = 1 + 0.25 * np.sin(2 * np.pi * (np.arange(weeks) / YEAR + chance.random()))
    calls = chance.poisson(CALLS_A_WEEK * season * chance.gamma(50, 1 / 50, (OFFICES, weeks)))
    own = chance.lognormal(0, 0.25, (OFFICES, CATEGORIES, 1)) * np.array(SHARES)[None, :, None]
    noise = chance.lognormal(-varies * varies / 2, varies, (OFFICES, CATEGORIES, weeks)) if varies else 1.0
    shares = np.minimum(0.9, own * noise * (1 if factor is None else factor))
    return World(calls, chance.binomial(calls[:, None, :], np.broadcast_to(shares, (OFFICES, CATEGORIES, weeks))))


def signs(world: World, weeks: range) -> list[tuple[int | None, int, int]]:
    """Office (None: the bureau), category and week of each sign."""
    found = []
    for office, category, week in _risen(world, weeks):
        span, whole = world.span(office, category, week), world.span(None, category, week)
        rest = None if office is None else whole - span
        if is_unusual(span, LEVEL, rest) and is_unusual(
            span, LEVEL, rest, spread=world.spread(office, category, week)
        ):
            found.append((office, category, week))
    return found


def _risen(world: World, weeks: range) -> list[tuple[int | None, int, int]]:
    """Where the share rose by two standard errors or more: elsewhere no rule with this level could say yes."""
    calls = np.concatenate([world.calls, world.calls.sum(0, keepdims=True)])[:, None, :]
    found = np.concatenate([world.found, world.found.sum(0, keepdims=True)])
    picked: list[tuple[int | None, int, int]] = []
    for week in weeks:
        start, mid, end = week - HISTORY + 1, week - WINDOW_WEEKS + 1, week + 1
        n, m = calls[..., mid:end].sum(-1), calls[..., start:mid].sum(-1)
        k, b = found[..., mid:end].sum(-1), found[..., start:mid].sum(-1)
        both = (k + b) / (n + m)
        error = np.sqrt(both * (1 - both) * (1 / n + 1 / m))
        for group, category in np.argwhere(k / n - b / m > 2 * error):
            picked.append((None if group == OFFICES else int(group), int(category), week))
    return picked


def quiet(chance: np.random.Generator, years: int, varies: float = 0) -> int:
    """In how many quiet years there is any sign."""
    weeks = range(HISTORY, HISTORY + YEAR)
    return sum(bool(signs(make_world(chance, HISTORY + YEAR, varies=varies), weeks)) for _ in range(years))


def all_rise(chance: np.random.Generator, years: int) -> tuple[int, int]:
    """Of years in which one category doubles everywhere: how often the bureau has a sign, how often an office."""
    factor = np.ones((OFFICES, CATEGORIES, HISTORY + WINDOW_WEEKS))
    factor[:, 1, HISTORY:] = 2
    bureau = office = 0
    for _ in range(years):
        found = signs(make_world(chance, HISTORY + WINDOW_WEEKS, factor), range(HISTORY, HISTORY + WINDOW_WEEKS))
        bureau += any(one[:2] == (None, 1) for one in found)
        office += any(one[0] is not None for one in found)
    return bureau, office


def doubling(chance: np.random.Generator, base: float, times: int) -> list[float]:
    """How often a doubling of one category in one office is seen by the first, second, third and fourth week."""
    seen = [0] * WINDOW_WEEKS
    factor = np.ones((OFFICES, CATEGORIES, HISTORY + WINDOW_WEEKS))
    factor[0, 0, HISTORY:] = 2
    for _ in range(times):
        world = make_world(chance, HISTORY + WINDOW_WEEKS, factor)
        shares = np.minimum(0.9, base / CALLS_A_WEEK * factor[0, 0])
        world.found[0, 0] = chance.binomial(world.calls[0], shares)
        for n in range(WINDOW_WEEKS):
            span = world.span(0, 0, HISTORY + n)
            rest = world.span(None, 0, HISTORY + n) - span
            if did_rise(span) and is_unusual(span, LEVEL, rest, spread=world.spread(0, 0, HISTORY + n)):
                seen = [old + (m >= n) for m, old in enumerate(seen)]
                break
    return [one / times for one in seen]


def at_best(base: float) -> float:
    """The chance that a Poisson test that knows the office's own level sees the doubling in four weeks' calls."""
    before, k = base * WINDOW_WEEKS, 0
    while _poisson_tail(before, k) > LEVEL:
        k += 1
    return _poisson_tail(2 * before, k)


def _poisson_tail(mean: float, least: int) -> float:
    return 1 - sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(least))


def main(arguments: list[str] | None = None) -> int:
    """Print both tables; 1 where the rule does not hold what it promises."""
    parser = argparse.ArgumentParser(prog="python -m bench.early_signs", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 years, 40 doublings")
    parser.add_argument("--years", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=16)
    given = parser.parse_args(arguments)
    years, times = (20, 40) if given.quick else (given.years, given.years)
    chance = np.random.default_rng(given.seed)
    noisy = quiet(chance, years)
    bureau, office = all_rise(chance, min(times, 200))
    print(
        f"Early signs: {OFFICES} offices and the bureau, {CATEGORIES} categories, level {LEVEL:.2g} a comparison"
    )
    print(f"{years} quiet years: {noisy} with any sign ({noisy / years:.1%}; at most {QUIET_AT_MOST:.0%})")
    for varies in VARIES:
        some = max(1, years // 5)
        uneasy = quiet(chance, some, varies)
        print(f"{some} years in which each share varies by {varies:.0%} a week besides: {uneasy / some:.1%}")
    rises = min(times, 200)
    print(f"{rises} times one category doubles everywhere: a sign of the bureau {bureau}, of an office {office}\n")
    rows, met = [], noisy / years <= QUIET_AT_MOST
    for base in BASES:
        seen = doubling(chance, base, times)
        rows.append(
            [f"{base}", f"{base / CALLS_A_WEEK:.1%}", *(f"{one:.1%}" for one in seen), f"{at_best(base):.1%}"]
        )
        met = met and (base < PROMISED or seen[-1] >= SEEN_AT_LEAST or given.quick)
    head = ["a week before", "of calls", "week 1", "week 2", "week 3", "week 4", "at best"]
    print(table(head, rows))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
