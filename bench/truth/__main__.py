"""Is every record right? `python -m bench.truth [--calls N] [--lines N] [--seed N] [--spinning N …] [--quick]`.

Phones of our own play so many callers on so many lines and as many desks, each call after a plan drawn from the
seed: some hang up before a desk rings, while it rings, in the moment in which it is answered, after
milliseconds, after a talk; desks answer, decline, let it ring, are away. In every answered call both send a
tone by RTP. Meanwhile `ari_app` is killed twice (kill -9) and the uplink is frozen once. Once all is quiet,
each call's record is held to what the phones saw and to Asterisk's CDR and queue log, the office's database to
headquarters', row by row, and the incidents to what was really done. It fails, naming each call and how it
differs, if anything is not right.

One run for each figure behind `--spinning`: so many processes beside it that do nothing but keep a processor busy.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from asterisk.root import find_or_make
from bench.figures import percentile, shown, table
from bench.machine import machine_line
from bench.truth.compare import difference_calls
from bench.truth.run import Result, Shape, run

HEAD = [
    "date",
    "seed",
    "calls",
    "beside",
    "answered",
    "differ",
    "sides differ",
    "false",
    "unnamed",
    "named",
    "talk off p99, ms",
    "s",
]


def report(results: Sequence[Result]) -> str:
    """The table: a row for each run."""
    return table(HEAD, [_row(result) for result in results], 1)


def _row(result: Result) -> list[str]:
    off = [abs(ms) for ms in result.compared.talk_off_ms]
    return [
        f"{datetime.now(UTC):%Y-%m-%d}",
        str(result.shape.seed),
        str(result.calls),
        f"{result.shape.spinning} spinning" if result.shape.spinning else "nothing",
        str(result.compared.answered),
        str(difference_calls(result.compared.differences)),
        str(difference_calls(result.sides)),
        str(sum(len(one.false) for one in result.alarms)),
        str(sum(len(one.unnamed) for one in result.alarms)),
        str(sum(result.named.values())),
        shown(percentile(off, 99) if off else None, 0),
        f"{result.took_s:.0f}",
    ]


def shape_from(chosen: argparse.Namespace, spinning: int) -> Shape:
    """What the arguments ask for."""
    if chosen.quick:
        return Shape(100, 40, chosen.seed, spinning, freeze_s=4.0, settle_s=0.0, sample=10, exact=not spinning)
    return Shape(chosen.calls, chosen.lines, chosen.seed, spinning, settle_s=chosen.settle, exact=not spinning)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and say by the exit code whether all was right."""
    parser = argparse.ArgumentParser(prog="python -m bench.truth", description="is the record of each call right")
    parser.add_argument("--quick", action="store_true", help="a tenth of it: 100 calls")
    parser.add_argument("--calls", type=int, default=1000, help="calls in each run (1000)")
    parser.add_argument("--lines", type=int, default=40, help="lines, and as many desks (40)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same behaviour (1)")
    parser.add_argument(
        "--spinning", type=int, nargs="*", default=[0, 8], help="a run for each: processes beside it (0 8)"
    )
    parser.add_argument("--settle", type=float, default=100.0, help="seconds that the reconciler still has (100)")
    parser.add_argument("--json", default="", help="write all that is wrong to this file")
    chosen = parser.parse_args(arguments)
    print("Is every record right?")
    print(machine_line(find_or_make().version))
    results = [run(shape_from(chosen, spinning)) for spinning in chosen.spinning or [0]]
    print(f"{results[0].shape.lines} lines; ari_app killed twice, the uplink frozen once in each run")
    print()
    print(report(results))
    print(f"both tones were looked for in {sum(result.heard for result in results)} recordings")
    for result in results:
        for line in result.wrong:
            print(f"  {line}")
    if chosen.json:
        with Path(chosen.json).open("w", encoding="utf-8") as file:
            json.dump(
                [{"spinning": one.shape.spinning, "wrong": one.wrong} for one in results],
                file,
                ensure_ascii=False,
                indent=1,
            )
    return 1 if any(result.wrong for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
