"""The kernel's own link cut, flapping and one-way, between the namespaces of headquarters and office."""

import time
from pathlib import Path

from demo.headquarters import LoopbackHeadquarters
from tests.torture.namespaces import Link
from tests.torture.run import OF_DAYS, SETTINGS, Run, dice_of, running

FAULTS = ("cut", "flapping", "only towards the office", "only towards headquarters", "narrow")
NARROW_BITS_PER_S = 2_000_000
WIDE_BITS_PER_S = 1_000_000_000


def torture(home: Path, rounds: int, seed: int, longest_s: float = 2.0, days: float = 3.0) -> Run:
    """Each fault so many times, in a seeded order, with a cut of days at the end; nothing is lost or doubled."""
    dice = dice_of(seed)
    with (
        Link.make() as link,
        LoopbackHeadquarters(home / "hq", SETTINGS, link.hq_address) as hq,
        running(hq, home / "node", dice, inside=link.inside) as run,
    ):
        for _ in range(rounds):
            for fault in dice.sample(FAULTS, len(FAULTS)):
                _episode(run, link, fault, dice.uniform(0.2, longest_s))
        link.cut()
        run.live(1.0)
        run.grow_older(days)
        run.live(1.0)
        link.mend()
        run.done[f"cut for {days:g} days"] += 1
        run.finish(90 + 10 * rounds)
        run.expect_the_same(maybe=OF_DAYS)
        return run


def _episode(run: Run, link: Link, fault: str, length_s: float) -> None:
    run.live(0.3)
    end = time.monotonic() + length_s
    if fault == "cut":
        link.cut()
    elif fault == "narrow":
        link.limit(NARROW_BITS_PER_S)
    elif fault != "flapping":
        link.deafen("up" if fault == "only towards the office" else "down")
    while time.monotonic() < end:
        if fault == "flapping":
            link.cut()
            run.live(0.1)
            link.mend()
        run.live(length_s / 8)
    if fault == "narrow":
        link.limit(WIDE_BITS_PER_S)
    link.mend()
    run.look()
    run.done[fault] += 1
