"""The link between office and headquarters in all weathers, on a seeded schedule: nothing is lost or doubled."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from demo.headquarters import LoopbackHeadquarters
from tests.torture.proxy import CLEAR, Proxy, Weather
from tests.torture.run import OF_DAYS, SETTINGS, Run, dice_of, running

WEATHERS: Mapping[str, Callable[[Random], Weather]] = {
    "clear": lambda _dice: CLEAR,
    "slow": lambda dice: Weather(delay_s=dice.uniform(0.02, 0.4)),
    "narrow": lambda dice: Weather(bytes_per_s=dice.uniform(30_000, 400_000)),
    "stalled": lambda _dice: Weather(up=False, down=False),
    "only towards the office": lambda _dice: Weather(up=False),
    "only towards headquarters": lambda _dice: Weather(down=False),
    "gone": lambda _dice: Weather(open=False),
    "flapping": lambda _dice: CLEAR,
}
FLAPS = 5


def torture(home: Path, episodes: int, seed: int, longest_s: float = 2.0, days: float = 3.0) -> Run:
    """So many changes of weather, with a cut of days among them; then see that nothing is lost."""
    dice = dice_of(seed)
    with (
        LoopbackHeadquarters(home / "hq", SETTINGS) as hq,
        Proxy(hq.intake_port) as link,
        running(hq, home / "node", dice, f"https://127.0.0.1:{link.port}") as run,
    ):
        for _ in range(max(1, episodes // len(WEATHERS))):
            for name in dice.sample(sorted(WEATHERS), len(WEATHERS)):
                _episode(run, link, name, dice.uniform(0.1, longest_s))
        _cut_for_days(run, link, days)
        run.finish(60 + episodes)
        run.expect_the_same(maybe=OF_DAYS)
        return run


def _episode(run: Run, link: Proxy, name: str, length_s: float) -> None:
    link.weather = WEATHERS[name](run.dice)
    if name in {"gone", "flapping"}:
        link.reset()
    end = time.monotonic() + length_s
    while time.monotonic() < end:
        run.live(length_s / FLAPS)
        if name == "flapping":
            link.reset()
    if run.dice.random() < 0.5:
        link.reset()  # what is under way is lost; else it comes late
    link.weather = CLEAR
    run.look()
    run.done[name] += 1


def _cut_for_days(run: Run, link: Proxy, days: float) -> None:
    link.weather = Weather(open=False)
    link.reset()
    run.live(1.0)
    run.grow_older(days)
    run.live(1.0)
    link.weather = CLEAR
    run.done[f"gone for {days:g} days"] += 1
