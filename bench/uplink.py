"""From written to acknowledged: `python -m bench.uplink [--quick] [--calls N] [--window S]`.

So many calls at once grow in an office's spool as under Asterisk: 32,768 bytes a call each 1.024 s. The uplink
and the intake are as in production, each a process (the intake: two), TLS with certificates on loopback. A step is
timed from the end of its `write` at the office until the uplink has read the 204 that acknowledges it, which is
after data and offset were made durable (decision 2). Writer and uplink read one clock, CLOCK_MONOTONIC.

- *spread*: the calls began at their own moments, as calls do; their steps are spread evenly over each second.
- *together*: all calls write in the same moment, each second: the worst there is. The last of them waits for all.

CPU is utime + stime of the process and its children through the window, in % of one core altogether.
"""

import argparse
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.figures import median, percent_of_core, percentile, ratio, shown, table
from bench.machine import cpu_seconds, machine_line
from bench.nodes import office_of
from demo.headquarters import LoopbackHeadquarters
from demo.processes import Process, until
from supervision.paths import PartName, Paths
from supervision.store import upgrade

STEP_BYTES = 32_768
STEP_NS = 1_024_000_000
GOAL_MS = 500.0
WARM_UP_STEPS = 3
LAST_WAIT_S = 20.0
CODE = "07"


@dataclass(frozen=True)
class Step:
    """A part has grown to so many bytes at that moment."""

    part: str
    end: int
    at_ns: int


@dataclass(frozen=True)
class Acknowledged:
    """Headquarters has so many bytes of a part for good, as the office knew from that moment on."""

    part: str
    offset: int
    at_ns: int

    @classmethod
    def parse(cls, line: str) -> "Acknowledged":
        """A line of `bench.noting`. Raises ValueError."""
        at_ns, part, offset = line.split()
        return cls(part, int(offset), int(at_ns))


@dataclass(frozen=True)
class Shape:
    """How much is measured."""

    calls: int
    steps: int


@dataclass(frozen=True)
class Measured:
    """Each step's time in milliseconds, and what the processes used meanwhile, % of a core."""

    waited_ms: list[float]
    cpu: Mapping[str, float]


class Spool:
    """Parts that grow; each step is noted."""

    def __init__(self, paths: Paths, calls: int) -> None:
        names = [str(PartName(uuid.uuid4(), "a", 1)) for _ in range(calls)]
        self._files = {name: (paths.spool / name).open("ab", buffering=0) for name in names}
        self.steps: list[Step] = []

    def grow(self, shape: Shape, *, together: bool) -> None:
        """All the steps, each at its moment."""
        began = time.monotonic_ns()
        for turn in range(1, shape.steps + 1):
            for n, (name, file) in enumerate(self._files.items()):
                due = began + (turn - 1) * STEP_NS + (0 if together else n * STEP_NS // shape.calls)
                time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
                file.write(os.urandom(STEP_BYTES))
                self.steps.append(Step(name, turn * STEP_BYTES, time.monotonic_ns()))

    def close(self) -> None:
        """No more is written."""
        for file in self._files.values():
            file.close()


def waited_ms(steps: Sequence[Step], answers: Sequence[Acknowledged]) -> list[float]:
    """How long each step waited for the first acknowledgement that covers it. Raises ValueError without one."""
    by_part: dict[str, list[Acknowledged]] = {}
    for answer in answers:
        by_part.setdefault(answer.part, []).append(answer)
    waited = []
    for step in steps:
        first = next((one for one in by_part.get(step.part, []) if one.offset >= step.end), None)
        if first is None:
            raise ValueError(f"{step.part} was not acknowledged to {step.end}")
        waited.append((first.at_ns - step.at_ns) / 1e6)
    return waited


class Pair:
    """An office's uplink and headquarters' intake, running."""

    def __init__(self, folder: Path) -> None:
        self.hq = LoopbackHeadquarters(folder / "hq")
        self.paths = Paths(folder / "office")
        self.paths.spool.mkdir(parents=True)
        self.paths.office_file.write_text(yaml.safe_dump(office_of(1), allow_unicode=True), "utf-8")
        self.hq.admit(CODE, self.paths)
        upgrade(f"sqlite:///{self.paths.home / 'office.db'}")
        self.notes = folder / "acknowledged"
        environment = {"SUPERVISION_HOME": str(self.paths.home), "SUPERVISION_HQ_URL": self.hq.url}
        self.uplink = Process(["bench.noting", str(self.notes)], environment, folder / "uplink.log")

    def acknowledged(self) -> list[Acknowledged]:
        """All that was noted up to now."""
        return [Acknowledged.parse(line) for line in self.notes.read_text("ascii").splitlines()]

    def measure(self, shape: Shape, *, together: bool) -> Measured:
        """Grow so many parts, and wait for the last acknowledgement."""
        pids = {"uplink": self.uplink.pid, "intake": self.hq.intake.pid}
        spool = Spool(self.paths, shape.calls)
        before, from_s = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic()
        spool.grow(shape, together=together)
        spool.close()
        wanted = {(step.part, step.end) for step in spool.steps[-shape.calls :]}
        until("all acknowledged", lambda: wanted <= self._ends(), LAST_WAIT_S)
        span_s = time.monotonic() - from_s
        cpu = {name: percent_of_core(cpu_seconds(pid) - before[name], span_s) for name, pid in pids.items()}
        return Measured(waited_ms(spool.steps[WARM_UP_STEPS * shape.calls :], self.acknowledged()), cpu)

    def _ends(self) -> set[tuple[str, int]]:
        return {(one.part, one.offset) for one in self.acknowledged()}


@contextmanager
def running() -> Iterator[Pair]:
    """Both, in a folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="b."))
    try:
        pair = Pair(folder)
        try:
            pair.hq.start_intake()
            pair.uplink.start()
            yield pair
        finally:
            pair.uplink.stop()
            pair.hq.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(figures: Mapping[str, Measured]) -> str:
    """The table."""
    rows = []
    for title, measured in figures.items():
        waited = measured.waited_ms
        p99 = percentile(waited, 99)
        times = [median(waited), percentile(waited, 95), p99, max(waited)]
        rows.append(
            [
                title,
                str(len(waited)),
                *(shown(time_ms, 1) for time_ms in times),
                shown(ratio(p99, GOAL_MS), 2, " x"),
                *(shown(measured.cpu[name], 1) for name in ("uplink", "intake")),
            ]
        )
    return table(
        ["steps", "n", "p50, ms", "p95", "p99", "max", f"p99 to goal {GOAL_MS:g}", "uplink, % core", "intake"],
        rows,
    )


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.uplink", description="from written to acknowledged")
    parser.add_argument("--quick", action="store_true", help="a smoke test: few calls, a few seconds")
    parser.add_argument("--calls", type=int, default=60, help="calls at once (60)")
    parser.add_argument("--window", type=float, default=30.0, help="seconds that count, each way (30)")
    chosen = parser.parse_args(arguments)
    calls, window_s = (6, 3.0) if chosen.quick else (chosen.calls, chosen.window)
    shape = Shape(calls, WARM_UP_STEPS + max(1, round(window_s * 1e9 / STEP_NS)))
    machine = machine_line("SQLite")
    with running() as pair:
        figures = {title: pair.measure(shape, together=title == "together") for title in ("spread", "together")}
    print("From written at the office to acknowledged by headquarters")
    print(machine)
    print(f"{shape.calls} calls at once, each 32,768 bytes in 1.024 s; TLS on loopback; {window_s:g} s each way")
    print()
    print(report(figures))


if __name__ == "__main__":
    main()
