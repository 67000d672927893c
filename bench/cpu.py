"""CPU per concurrent call: `python -m bench.cpu [--quick] [--calls N] [--rounds N] [--window S]`.

In each round every variant in turn (in another order each round) carries the same calls: real sipp phones on
loopback, recorded Mandarin speech as A-law in packets of 20 ms, both ways, each desk answering 0.3 s after it
rings. When all calls are up and two seconds have passed, utime + stime of each process, its children
included, is read from /proc/<pid>/stat, and again after the window. The difference, divided by the window
and the number of calls, is "% of one core per call". The phones' own CPU is not counted.

Around that, three more figures. *idle*: the same process before the calls, in % of one core altogether (it
is part of the figure per call, not taken off). *once a call*: what beginning and ending a call costs, by
`figures.once_a_call_ms`; for the worker that is the sealing. *with sealing*: sealing is work per recorded second,
done after the call, so it is added to the node's sum as the worker's CPU from the end of the window until all is
sealed, less its idle rate, divided by the seconds recorded: what a node needs that is always so busy. In that
row the sealing is taken out of *once a call*, so that it does not count twice.

An `ari_app` at rest is a share of one core whatever the number of calls; with few calls its figure per call is
mostly that.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from asterisk.root import find_or_make
from bench.figures import median, once_a_call_ms, percent_of_core, ratio, shown, table
from bench.machine import cpu_seconds, machine_line
from bench.nodes import CORE, MONITORED, PLAIN, BareAsterisk, WholeNode, both, dial_of
from demo.office import LoopbackOffice
from demo.phones import Gateways
from demo.processes import until
from demo.sipp import PhoneFailed, Run
from demo.voices import DIALOGUES, Tracks, tracks
from supervision.recordings.models import Recording, RecordingState

ALTOGETHER = "together"
SEALING = "with sealing"


@dataclass(frozen=True)
class Shape:
    """How much is measured."""

    calls: int
    rounds: int
    window_s: float
    idle_s: float
    settle_s: float

    @property
    def talks_s(self) -> float:
        """How long each call lasts: placing them all, settling, the window, and a little."""
        return 1.0 + 2 * self.settle_s + self.window_s


@dataclass(frozen=True)
class Variant:
    """One way to connect a call: on which node, by what prefix, and the processes that are counted."""

    title: str
    office: LoopbackOffice
    prefix: str
    pids: Mapping[str, int]

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each process so far, and of all."""
        each = {name: cpu_seconds(pid) for name, pid in self.pids.items()}
        return each | {ALTOGETHER: sum(each.values())}


@dataclass(frozen=True)
class Measured:
    """One process in one round: % of a core idle, % of a core per call, milliseconds once a call."""

    idle: float
    per_call: float
    once_ms: float


@dataclass(frozen=True)
class Seen:
    """CPU seconds of each process in a span of time."""

    cpu: Mapping[str, float]
    span_s: float


class Meter:
    """Reads the CPU of a variant's processes from one moment to another."""

    def __init__(self, variant: Variant) -> None:
        self._variant = variant
        self._before, self._from_s = variant.cpu(), time.monotonic()

    def read(self) -> Seen:
        """What was spent since it was made."""
        after, to_s = self._variant.cpu(), time.monotonic()
        return Seen({name: after[name] - before for name, before in self._before.items()}, to_s - self._from_s)


def variants_of(bare: BareAsterisk, node: WholeNode) -> list[Variant]:
    """All that is compared; the first is what the ratios are to."""
    asterisk = {"asterisk": bare.pbx.pid}
    ours = {"asterisk": node.pbx.pid, "ari_app": node.app.pid, "worker": node.worker.pid}
    return [
        Variant("plain Dial", bare, PLAIN, asterisk),
        Variant("Dial through the core", bare, CORE, asterisk),
        Variant("Dial + MixMonitor", bare, MONITORED, asterisk),
        Variant("whole node", node, "", ours),
    ]


def measure(variant: Variant, shape: Shape, voices: Tracks) -> dict[str, Measured]:
    """Carry the calls once by this variant; each process' figures, and those of all together."""
    at_rest = _window(variant, shape.idle_s)
    sealed_before = _sealed(variant.office)
    whole = Meter(variant)
    address = "127.0.0.1", variant.office.network.sip_port
    with Gateways(address, variant.office.home / "phones", shape.calls) as gateways:
        run = _place(variant, shape, voices, gateways)
        talk = _window(variant, shape.window_s)
        _all_still_up(run, shape.calls)
        afterwards = Meter(variant)
        calls = run.wait(shape.talks_s + 60)
    _wait_until_done(variant.office, sealed_before + shape.calls)
    after, total = afterwards.read(), whole.read()
    talked_s = sum(call.length_ms for call in calls) / 1000 / len(calls)
    found = {}
    for name, cpu_s in talk.cpu.items():
        rates = (at_rest.cpu[name] / at_rest.span_s, cpu_s / talk.span_s)
        once = once_a_call_ms(total.cpu[name], total.span_s, rates, talked_s, shape.calls)
        found[name] = Measured(100 * rates[0], percent_of_core(cpu_s, talk.span_s, shape.calls), once)
    if "worker" in found:
        sealing_s = after.cpu["worker"] - at_rest.cpu["worker"] / at_rest.span_s * after.span_s
        together = found[ALTOGETHER]
        sealing = percent_of_core(sealing_s, talked_s, shape.calls)
        once = together.once_ms - 1000 * sealing_s / shape.calls
        found[SEALING] = Measured(together.idle, together.per_call + sealing, once)
    return found


def _window(variant: Variant, length_s: float) -> Seen:
    meter = Meter(variant)
    time.sleep(length_s)
    return meter.read()


def _place(variant: Variant, shape: Shape, voices: Tracks, gateways: Gateways) -> Run:
    lines = variant.office.description.lines
    dials = [dial_of(variant.office, line, variant.prefix, voices.caller) for line in lines]
    run = gateways.dial(dials, talks_s=shape.talks_s, a_second=max(10, shape.calls))
    until("all calls up", lambda: _up(run) == shape.calls or not run.running, 30)
    time.sleep(shape.settle_s)
    return run


def _up(run: Run) -> int:
    return len([call for call in run.calls() if call.answered and call.find("BYE") is None])


def _all_still_up(run: Run, calls: int) -> None:
    if (up := _up(run)) != calls:
        raise PhoneFailed(f"only {up} of {calls} calls were up through the window:\n{run.tail()}")


def _wait_until_done(office: LoopbackOffice, sealed: int) -> None:
    """No channel is left and, on our node, all is sealed; then the next variant starts from nothing."""
    until("all channels gone", lambda: "0 active channels" in office.pbx.cli("core show channels"), 30)
    if isinstance(office, WholeNode):
        until("all sealed", lambda: _sealed(office) == sealed, 240)
    for left_over in office.paths.spool.glob("*.raw") if isinstance(office, BareAsterisk) else ():
        left_over.unlink()


def _sealed(office: LoopbackOffice) -> int:
    with office.database.reading() as session:
        ready = select(func.count()).where(Recording.state == RecordingState.READY)
        return session.scalar(ready.select_from(Recording)) or 0


def run_all(shape: Shape) -> tuple[str, list[str], dict[tuple[str, str], list[Measured]]]:
    """Measure all variants by turns; the machine, the variants' titles in order, the figures."""
    voices = max((tracks(dialogue) for dialogue in DIALOGUES), key=lambda found: found.length_s)
    if voices.length_s < shape.talks_s:
        raise SystemExit(f"the longest dialogue lasts {voices.length_s:.0f} s: choose a shorter window")
    figures: dict[tuple[str, str], list[Measured]] = {}
    machine = machine_line(find_or_make().version)
    with both(shape.calls) as (bare, node):
        variants = variants_of(bare, node)
        for office in (bare, node):
            desks = office.desks([line.desks[0] for line in office.description.lines])
            desks.answers(after_s=0.3, plays=voices.officer)
        for number in range(shape.rounds):
            turn = number % len(variants)
            for variant in variants[turn:] + variants[:turn]:
                print(f"round {number + 1} of {shape.rounds}: {variant.title}", file=sys.stderr, flush=True)
                for process, measured in measure(variant, shape, voices).items():
                    figures.setdefault((variant.title, process), []).append(measured)
    return machine, [variant.title for variant in variants], figures


def report(titles: list[str], figures: Mapping[tuple[str, str], list[Measured]]) -> str:
    """The table: medians over the rounds, and the median of the ratios to the first variant, round by round."""
    base = figures[titles[0], ALTOGETHER]
    rows = []
    for title in titles:
        processes = [process for of, process in figures if of == title]
        shown_name = title
        for process in processes if len(processes) > 2 else ["asterisk"]:
            runs = figures[title, process]
            each = [ratio(one.per_call, to.per_call) for one, to in zip(runs, base, strict=True)]
            ratios = [one for one in each if one is not None]
            rows.append(
                [
                    shown_name,
                    process,
                    shown(median([one.idle for one in runs])),
                    shown(median([one.per_call for one in runs]), 3),
                    shown(median(ratios) if ratios else None, 2, " x"),
                    shown(median([one.once_ms for one in runs]), 1),
                ]
            )
            shown_name = ""
    head = ["variant", "process", "idle, % core", "% of one core per call", "to plain Dial", "once a call, ms CPU"]
    return table(head, rows, left=2)


def shape_from(arguments: list[str] | None) -> Shape:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.cpu", description="CPU per concurrent call")
    parser.add_argument("--quick", action="store_true", help="a smoke test: few calls, one round, short windows")
    parser.add_argument("--calls", type=int, default=30, help="calls at once (30)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each variant is measured (3)")
    parser.add_argument("--window", type=float, default=12.0, help="seconds of the steady window (12)")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        return Shape(calls=4, rounds=1, window_s=1.5, idle_s=0.5, settle_s=0.75)
    return Shape(chosen.calls, chosen.rounds, chosen.window, idle_s=4.0, settle_s=2.0)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    shape = shape_from(arguments)
    machine, titles, figures = run_all(shape)
    print("CPU per concurrent call")
    print(machine)
    print(
        f"{shape.calls} calls at once, A-law both ways; {shape.rounds} runs of {shape.window_s:g} s each; medians"
    )
    print()
    print(report(titles, figures))


if __name__ == "__main__":
    main()
