"""A day's outage of one office at the load of its busiest day, told at speed; then the backlog drains.

The link is the kernel's own, held to a rate. First a plain copy goes over it, then the backlog with calls in
progress beside it: how fast it drains against the copy, and how long a second of a call in progress takes from
written at the office to acknowledged at headquarters.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo.headquarters import LoopbackHeadquarters
from demo.processes import until
from supervision.archive.incoming import Incoming
from supervision.errors import NotFound
from supervision.paths import PartName
from tests.torture import plain_copy
from tests.torture.namespaces import Link
from tests.torture.office import BYTES_A_SECOND, CODE, STEP_BYTES, Talk
from tests.torture.run import SETTINGS, Run, dice_of, running

BITS_PER_S = 100_000_000
LIVE = 6
COPY_S = 10
STEP_S = STEP_BYTES / BYTES_A_SECOND
LOOK_EVERY_S = 0.01
DRAIN_GOAL = 0.8
LIVE_GOAL_S = 0.5


@dataclass
class Drain:
    """What was measured."""

    run: Run
    calls: int
    backlog_bytes: int
    copy_bytes_per_s: float
    took_s: float = 0.0
    alone_s: list[float] = field(default_factory=list)
    beside_s: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """How fast the backlog drained, of a plain copy's pace."""
        return self.backlog_bytes / self.took_s / self.copy_bytes_per_s


@dataclass
class Live:
    """Calls in progress, each growing by a block a second in its turn; and when each block was acknowledged."""

    run: Run
    incoming: Incoming
    talks: list[Talk] = field(default_factory=list)
    due: list[float] = field(default_factory=list)
    waiting: list[tuple[PartName, int, float]] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """Let them begin, spread over a block's time."""
        moment = time.monotonic()
        self.talks = [self.run.office.begin(10**6) for _ in range(LIVE)]
        self.due = [moment + STEP_S * n / LIVE for n in range(LIVE)]

    def step(self) -> None:
        """Write what is due, and see what has arrived."""
        for n, talk in enumerate(self.talks):
            if time.monotonic() >= self.due[n]:
                self.due[n] += STEP_S
                self.run.office.grow(talk)
                self.waiting.append((talk.part, talk.written, time.monotonic()))
        offsets = {name: self._offset(name) for name in {name for name, _, _ in self.waiting}}
        seen = time.monotonic()
        self.took_s += [seen - at for name, size, at in self.waiting if offsets[name] >= size]
        self.waiting = [one for one in self.waiting if offsets[one[0]] < one[1]]
        time.sleep(LOOK_EVERY_S)

    def _offset(self, name: PartName) -> int:
        try:
            return self.incoming.state(CODE, name).offset
        except NotFound:
            return 0

    def taken(self) -> list[float]:
        """How long the blocks took that have arrived since last asked."""
        taken, self.took_s = self.took_s, []
        return taken

    def end(self) -> None:
        """Hang up all of them."""
        for talk in self.talks:
            talk.steps_left = 1
            self.run.office.grow(talk)


def torture(home: Path, calls: int, talk_s: float, seed: int, bits_per_s: int = BITS_PER_S) -> Drain:
    """A day of so many calls while the link is down, then the drain; in the end nothing is lost or doubled."""
    dice = dice_of(seed)
    with (
        Link.make() as link,
        LoopbackHeadquarters(home / "hq", SETTINGS, link.hq_address) as hq,
        running(hq, home / "node", dice, inside=link.inside) as run,
    ):
        link.cut()
        _a_day(run, calls, talk_s)
        run.grow_older(1.0)
        parts = [path.name for path in run.office.paths.spool.iterdir()]
        backlog = sum((run.office.paths.spool / name).stat().st_size for name in parts)
        run.office.uplink.stop()  # its own patience is not what is measured
        link.mend()
        link.limit(bits_per_s)
        copied = min(backlog, COPY_S * bits_per_s // 8)
        found = Drain(run, calls, backlog, plain_copy.bytes_per_s(link, copied, home / "copy.log"))
        _drain(found, Live(run, Incoming(hq.paths)), parts)
        run.finish(120 + calls)
        run.expect_the_same()
        return found


def _a_day(run: Run, calls: int, talk_s: float) -> None:
    for _ in range(calls):
        talk = run.office.begin(round(talk_s / STEP_S))
        while talk in run.office.talks:
            run.office.grow(talk)


def _drain(found: Drain, live: Live, parts: Sequence[str]) -> None:
    folder = found.run.hq.paths.incoming_office(CODE)
    began = time.monotonic()
    found.run.office.uplink.start()
    until("the first of the backlog", lambda: _held(folder, parts) > 0)
    live.begin()
    looked = 0.0
    while True:
        live.step()
        if time.monotonic() - looked > 0.25:
            looked = time.monotonic()
            if _held(folder, parts) == found.backlog_bytes:
                break
    found.took_s = time.monotonic() - began
    found.beside_s = live.taken()
    end = time.monotonic() + min(20.0, max(2 * STEP_S, found.took_s))
    while time.monotonic() < end:
        live.step()
    found.alone_s = live.taken()
    live.end()


def _held(folder: Path, parts: Sequence[str]) -> int:
    return sum(path.stat().st_size for name in parts if (path := folder / name).exists())
