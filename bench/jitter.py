"""Jitter: `python -m bench.jitter [--quick] [--calls N] [--talk S]`.

How much of what was said is in the recording where packets are lost or overtake each other, ours beside bare
`MixMonitor`. Caller and desk both speak; all of a packet of 20 ms is one A-law value, the next packet another, in
a cycle of 2.5 s, so each stretch of the recording says which packet it came from. Weathers, on both sides' way in:

- *clean*: a packet each 20 ms.
- *5 % lost*: each packet is dropped by chance.
- *60 ms reordered*: each packet is up to 60 ms late, by chance, so packets overtake each other.
- *both*.

*there* is the share of the packets sent that are in the recording at all, at least half of each; *in order* the
share of the longest rising run of them, so that what is in the wrong place does not count. What is lost cannot be
there: 95 % is all of what came. *to the desk* is how long after its own time a packet of the caller's reached the
desk's telephone, the weather's delay included: the median of all that came.
"""

import argparse
import bisect
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from asterisk.root import find_or_make
from bench.delay import pair_of
from bench.figures import median, shown, table
from bench.machine import machine_line
from bench.nodes import MONITORED, BareAsterisk, WholeNode, both
from bench.wire import PACKET_NS, PCMA, RTP_HEADER, SAMPLES, Address, Media, rtp_packet
from demo.office import LoopbackOffice
from demo.processes import until

CYCLE = 125  # values of A-law, of one sign, that differ and are not silence
LATEST_MS = 60
LOSS = 0.05
Weather = Callable[[random.Random], float | None]
WEATHERS: dict[str, Weather] = {
    "clean": lambda _: 0.0,
    "5 % lost": lambda dice: None if dice.random() < LOSS else 0.0,
    "60 ms reordered": lambda dice: dice.uniform(0, LATEST_MS),
    "both": lambda dice: None if dice.random() < LOSS else dice.uniform(0, LATEST_MS),
}


def codes() -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """What each value of the cycle is once it is decoded (G.711, positive half), in the cycle's order."""
    return np.array([_decoded(n) for n in range(CYCLE)], dtype=np.int16)


def _decoded(n: int) -> int:
    exponent, mantissa = divmod(n, 16)
    return mantissa * 16 + 8 if exponent == 0 else (mantissa * 16 + 264) << (exponent - 1)


def byte_of(number: int) -> int:
    """The A-law byte of a packet's number: sign bit set, every other bit turned, as on the wire."""
    return (0x80 | number % CYCLE) ^ 0x55


class Numbered(Media):
    """One side's audio, each packet distinguishable, through a weather."""

    def __init__(self, weather: Weather, seed: int) -> None:
        super().__init__(0, 0)
        self._weather = weather
        self._dice = random.Random(seed)  # noqa: S311 - the same weather for both nodes
        self._waiting: list[tuple[int, int]] = []
        self._began_ns = 0
        self.came: list[tuple[int, int]] = []

    def talk(self, to: Address, from_ns: int) -> None:
        """From then on a packet each 20 ms, as the weather has it."""
        super().talk(to, from_ns)
        self._began_ns = from_ns

    def begin(self) -> None:
        """A new call: silent, nothing heard, nothing under way."""
        super().begin()
        self._waiting.clear()
        self.came.clear()

    @property
    def due_ns(self) -> int | None:
        """When something is to be sent; None while silent."""
        if self._to is None:
            return None
        return min([self._due_ns, *(at_ns for at_ns, _ in self._waiting[:1])])

    def serve(self) -> None:
        """Put into the weather what is due, send what has come through, note what comes."""
        while self._to and time.time_ns() >= self._due_ns:
            late_ms = self._weather(self._dice)
            if late_ms is not None:
                bisect.insort(self._waiting, (self._due_ns + int(late_ms * 1e6), self._number))
            self._number += 1
            self._due_ns += PACKET_NS
        while self._to and self._waiting and time.time_ns() >= self._waiting[0][0]:
            _, number = self._waiting.pop(0)
            self.wire.send(rtp_packet(number, self.wire.port, bytes([byte_of(number)]) * SAMPLES), self._to)
        for one in self.wire.arrived():
            payload = one.data[RTP_HEADER.size :]
            if len(payload) == SAMPLES and one.data[1] & 0x7F == PCMA and len(set(payload)) == 1:
                value = (payload[0] ^ 0x55) & 0x7F
                if payload[0] ^ 0x55 >= 0x80 and value < CYCLE:
                    self.heard_ns = self.heard_ns or one.at_ns
                    self.came.append((value, one.at_ns))

    def late_ms(self, came: Iterable[tuple[int, int]]) -> list[float]:
        """How long after its time each of my packets reached the other phone, whatever held it up."""
        cycle_ns, found = CYCLE * PACKET_NS, []
        for value, at_ns in came:
            since_ns = (at_ns - self._began_ns - value * PACKET_NS) % cycle_ns
            found.append(since_ns / 1e6)
        return found


@dataclass(frozen=True)
class Found:
    """What of one side's packets is in a recording, in shares of those between the first and the last found."""

    there: float
    in_order: float


def find_packets(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> Found:
    """Tell from one channel of a recording which packets it holds, and which of them in their order."""
    table_of = {int(value): n for n, value in enumerate(codes())}
    edges = np.flatnonzero(np.diff(samples)) + 1
    starts = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([starts, [len(samples)]]))
    runs = [
        (int(at), table_of[int(samples[at])])
        for at, length in zip(starts, lengths, strict=True)
        if length >= SAMPLES // 2 and int(samples[at]) in table_of
    ]
    if not runs:
        return Found(0.0, 0.0)
    numbers = _numbered(runs)
    sent = max(numbers) - min(numbers) + 1
    return Found(len(set(numbers)) / sent, _longest_rise(numbers) / sent)


def _numbered(runs: Sequence[tuple[int, int]]) -> list[int]:
    """Whole numbers from values of the cycle: the nearest to where each stands in the recording."""
    places = np.array([at / SAMPLES for at, _ in runs])
    values = np.array([value for _, value in runs])
    turns = np.exp(2j * np.pi * (places - values) / CYCLE)
    phase = float(np.angle(turns.sum())) * CYCLE / (2 * np.pi)
    cycles = np.rint((places - phase - values) / CYCLE).astype(int)
    return [int(number) for number in values + CYCLE * cycles]


def _longest_rise(numbers: Iterable[int]) -> int:
    tails: list[int] = []
    for number in numbers:
        place = bisect.bisect_left(tails, number)
        tails[place : place + 1] = [number]
    return len(tails)


@dataclass
class Measured:
    """One node in one weather: each side's packets in the recordings, and how late the caller's came over."""

    caller: list[Found] = field(default_factory=list)
    desk: list[Found] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)


def measure(office: LoopbackOffice, prefix: str, weather: Weather, calls: int, talk_s: float) -> Measured:
    """So many calls, one after the other, through a weather; what of them was recorded."""
    found = Measured()
    with pair_of(office) as pair:
        for phone in (pair.gateway, pair.desk):
            phone.media.close()
        said, heard = Numbered(weather, 1), Numbered(weather, 2)
        pair.gateway.media, pair.desk.media = said, heard
        pair.register()
        for n in range(calls):
            before = set(office.paths.spool.glob("*.raw"))
            number = prefix + office.description.lines[0].number
            pair.call(number, n * PACKET_NS // calls, talks_at_most_s=talk_s)
            (recording,) = _closed(office, before)
            audio = np.fromfile(recording, dtype=np.int16)
            both_sides = audio[: len(audio) // 2 * 2].reshape(-1, 2)
            found.caller.append(find_packets(both_sides[:, 0]))
            found.desk.append(find_packets(both_sides[:, 1]))
            found.late_ms += said.late_ms(heard.came)
    return found


def _closed(office: LoopbackOffice, before: set[Path]) -> list[Path]:
    """The call's recording, once Asterisk has it open no more."""

    def closed() -> list[Path] | None:
        new = [path for path in office.paths.spool.glob("*.raw") if path not in before and path.stat().st_size]
        held = {path.resolve() for path in Path(f"/proc/{office.pbx.pid}/fd").iterdir()}
        return new if new and not held & set(new) else None

    until("the recording closed", closed, 15)
    return closed() or []


def run_all(calls: int, talk_s: float) -> tuple[str, dict[str, tuple[Measured, Measured]]]:
    """Each weather on both nodes, by turns; the machine, and bare beside ours."""
    machine = machine_line(find_or_make().version)
    figures = {}
    with both(1) as (bare, node):
        for title, weather in WEATHERS.items():
            print(title, file=sys.stderr, flush=True)
            figures[title] = _both_ways(bare, node, weather, calls, talk_s)
    return machine, figures


def _both_ways(
    bare: BareAsterisk, node: WholeNode, weather: Weather, calls: int, talk_s: float
) -> tuple[Measured, Measured]:
    return measure(bare, MONITORED, weather, calls, talk_s), measure(node, "", weather, calls, talk_s)


def report(figures: dict[str, tuple[Measured, Measured]]) -> str:
    """The table."""
    rows = []
    for title, nodes in figures.items():
        for side in ("caller", "desk"):
            cells = [title if side == "caller" else "", side]
            for measured in nodes:
                found: list[Found] = getattr(measured, side)
                cells.append(shown(100 * median([one.there for one in found]), 1))
                cells.append(shown(100 * median([one.in_order for one in found]), 1))
            late = [shown(median(one.late_ms), 0) if side == "caller" else "" for one in nodes]
            rows.append([*cells, *late])
    head = ["weather", "who says it", "bare: there, %", "in order", "ours: there, %", "in order"]
    return table([*head, "to the desk, ms: bare", "ours"], rows, left=2)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.jitter", description="what jitter leaves of a recording"
    )
    parser.add_argument("--quick", action="store_true", help="a smoke test: one call of two seconds each")
    parser.add_argument("--calls", type=int, default=1, help="calls a weather and node (1)")
    parser.add_argument("--talk", type=float, default=20.0, help="seconds of each call (20)")
    chosen = parser.parse_args(arguments)
    calls, talk_s = (1, 2.0) if chosen.quick else (chosen.calls, chosen.talk)
    machine, figures = run_all(calls, talk_s)
    print("What loss and reordering leave of a recording")
    print(machine)
    print(f"{calls} call of {talk_s:g} s in each weather on each node; packets of 20 ms")
    print()
    print(report(figures))


if __name__ == "__main__":
    main()
