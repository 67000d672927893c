"""How far headquarters is behind speech: `python -m bench.behind [--quick] [--steps N]`.

One call on a whole office node (real Asterisk, `ari_app`, uplink) with headquarters' intake on loopback. The
caller's phone sends A-law whose samples are all one value, and changes it to the opposite one at moments spread
evenly over Asterisk's blocks of 1.024 s: a step in what the caller says. Each step is timed by CLOCK_REALTIME just
before the first packet that carries it is sent (what a phone takes to fill a packet, 20 ms, lies before that).

While they talk the same thread looks after each packet, a hundred times a second and more, how long the part in
the office's spool is, and how much of it headquarters holds for good (data and offset durable: what the 204 says).
When the call is over the steps are looked up in the part itself: where in the file the value changes tells which
byte had to be there. So no figure comes from the processes that are measured.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from asterisk.root import find_or_make
from bench.delay import GOLDEN, pair_of
from bench.figures import median, percentile, ratio, shown, table
from bench.machine import machine_line
from bench.nodes import WholeNode
from bench.phones import GATEWAY_MARK
from bench.wire import Media
from demo.headquarters import LoopbackHeadquarters
from supervision.errors import NotFound
from supervision.parts.incoming import Incoming
from supervision.paths import PartName

FRAME_BYTES = 4  # stereo, 16 bit; the caller is the left side
GOAL_S = 2.5
SHORTEST_S, LONGEST_S = 0.5, 1.0  # how long a value is held
AFTERWARDS_S = 3.0
OPPOSITE = 0x80  # the sign of an A-law sample


@dataclass
class Growth:
    """How many bytes there were when somebody looked; only what changed."""

    seen: list[tuple[int, int]] = field(default_factory=list)

    def note(self, size: int, at_ns: int) -> None:
        """So many at that moment."""
        if not self.seen or self.seen[-1][0] != size:
            self.seen.append((size, at_ns))

    def reached_ns(self, size: int) -> int:
        """When there were first so many. Raises ValueError if there never were."""
        for held, at_ns in self.seen:
            if held >= size:
                return at_ns
        raise ValueError(f"{size} bytes were never there; at the end {self.seen[-1:]}")


@dataclass
class Speaker:
    """What the caller says: one value, then its opposite, again and again."""

    media: Media
    steps: int
    spoken_ns: list[int] = field(default_factory=list)  # the first is when he began
    _mark: int = GATEWAY_MARK

    def said_all(self, moment_ns: int) -> bool:
        """Speak on; True once the last step is long past."""
        spoke_ns = self.media.spoke_ns
        if spoke_ns is None:
            return False
        if spoke_ns not in self.spoken_ns[-1:]:
            self.spoken_ns.append(spoke_ns)
        if moment_ns < spoke_ns + self._held_ns():
            return False
        if self._last:
            return True
        self._mark ^= OPPOSITE
        self.media.speak(self._mark)
        return False

    @property
    def _last(self) -> bool:
        return len(self.spoken_ns) > self.steps

    def _held_ns(self) -> int:
        spread = len(self.spoken_ns) * GOLDEN % 1
        return int(1e9 * (AFTERWARDS_S if self._last else SHORTEST_S + spread * (LONGEST_S - SHORTEST_S)))


@dataclass
class Watch:
    """Looks how far the one part of the one call has come, at the office and at headquarters."""

    node: WholeNode
    hq: LoopbackHeadquarters
    part: PartName | None = None
    office: Growth = field(default_factory=Growth)
    headquarters: Growth = field(default_factory=Growth)

    def look(self, moment_ns: int) -> None:
        """Now. A moment is read before one looks, so nothing is seen too early."""
        if self.part is None:
            (name,) = [file.name for file in self.node.paths.spool.glob("*.raw")] or [""]
            self.part = PartName.parse(name)
            return
        self.office.note(self.node.paths.part(self.part).stat().st_size, moment_ns)
        try:
            held = Incoming(self.hq.paths).state(self.node.description.office.code, self.part)
        except NotFound:
            return
        self.headquarters.note(held.offset, time.time_ns())

    def audio(self) -> bytes:
        """The part as the office has it."""
        if self.part is None:
            raise ValueError("there is no part")
        return self.node.paths.part(self.part).read_bytes()


@dataclass(frozen=True)
class Way:
    """One step's way: seconds from the caller's phone to the office's file, and on to headquarters."""

    to_office_s: float
    to_headquarters_s: float


def steps_in(audio: bytes) -> list[int]:
    """The frames at which the caller's value changes to its opposite."""
    caller = np.sign(np.frombuffer(audio, "<i2")[::2])
    spoken = np.flatnonzero(caller)
    return [int(frame) for frame in spoken[1:][np.diff(caller[spoken]) != 0]]


def ways(spoken_ns: Sequence[int], watch: Watch) -> list[Way]:
    """Each step's way. Raises ValueError if the file has other steps than were spoken."""
    frames = steps_in(watch.audio())
    if len(frames) != len(spoken_ns):
        raise ValueError(f"{len(spoken_ns)} steps were spoken, {len(frames)} are in the file")
    found = []
    for frame, spoke_ns in zip(frames, spoken_ns, strict=True):
        end = (frame + 1) * FRAME_BYTES
        written_ns, held_ns = watch.office.reached_ns(end), watch.headquarters.reached_ns(end)
        found.append(Way((written_ns - spoke_ns) / 1e9, (held_ns - written_ns) / 1e9))
    return found


def measure(steps: int) -> list[Way]:
    """One call with so many steps."""
    with tempfile.TemporaryDirectory(prefix="b.", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (
            LoopbackHeadquarters(folder / "hq") as hq,
            WholeNode(folder / "node", 1, find_or_make(), hq) as node,
            pair_of(node).register() as phones,
        ):
            speaker, watch = Speaker(phones.gateway.media, steps), Watch(node, hq)

            def said_all() -> bool:
                moment_ns = time.time_ns()
                watch.look(moment_ns)
                return speaker.said_all(moment_ns)

            talks_s = steps * LONGEST_S + AFTERWARDS_S + 5
            phones.call(node.description.lines[0].number, 0, said_all, talks_s)
            return ways(speaker.spoken_ns[1:], watch)


def report(found: Sequence[Way]) -> str:
    """The table, in seconds."""
    spans: Mapping[str, list[float]] = {
        "caller's phone to the office's file": [way.to_office_s for way in found],
        "office's file to acknowledged": [way.to_headquarters_s for way in found],
        "headquarters behind speech": [way.to_office_s + way.to_headquarters_s for way in found],
    }
    rows = []
    for title, seconds in spans.items():
        figures = [min(seconds), median(seconds), percentile(seconds, 95), max(seconds)]
        rows.append([title, *(shown(figure, 3) for figure in figures)])
    to_goal = shown(ratio(max(spans["headquarters behind speech"]), GOAL_S), 2, " x")
    rows = [[*row, to_goal if row is rows[-1] else ""] for row in rows]
    return table(["behind, s", "least", "median", "p95", "most", f"most to goal {GOAL_S:g}"], rows)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.behind", description="how far headquarters is behind")
    parser.add_argument("--quick", action="store_true", help="a smoke test: four steps")
    parser.add_argument("--steps", type=int, default=60, help="steps in what the caller says (60)")
    chosen = parser.parse_args(arguments)
    steps = 4 if chosen.quick else chosen.steps
    machine = machine_line(find_or_make().version)
    found = measure(steps)
    print("How far headquarters is behind speech")
    print(machine)
    print(
        f"one call, {steps} steps in what the caller says; Asterisk writes blocks of 1.024 s, 1.02 s of the goal"
    )
    print()
    print(report(found))


if __name__ == "__main__":
    main()
