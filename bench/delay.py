"""Delay: `python -m bench.delay [--quick] [--calls N]`.

How long from the gateway's INVITE (the one that carries its password) until the desk rings, and from the desk's
200 OK until each hears the other, on a line without announcement; ours beside plain `Dial`.

Both nodes run side by side, and calls go to one after the other, in turns of two whose order changes; each
follows when the one before is over. The gateway's port and the desk are phones of our own in this one process
(`bench.phones`): a sending is timed by CLOCK_REALTIME just before `sendto`, an arrival by the kernel
(SO_TIMESTAMPNS, the same clock), so that this process being slow to wake up is in no arrival.

- *INVITE to desk's INVITE*: the PBX's own share. The desk sends its 180 at once.
- *INVITE to ringing at the gateway*: until a 180 arrives there. `Dial` passes the desk's on; `Queue` sends one
  itself as it begins to ring.
- *200 OK to the caller hears the desk*, *… to the desk hears the caller*: until the first RTP packet arrives whose
  audio consists of the other phone's mark (an A-law sample that only that phone sends), so ringing tone, silence
  and RTCP do not count. *both ways*: the later of the two.

The desk speaks from its 200 OK on and the gateway from its ACK on, as phones do, in packets of 20 ms whose clock
begins at a phase spread evenly over 0-20 ms, the same for both nodes in one turn: each figure of the audio so
contains 0-20 ms (10 on average) of a packet's own waiting, in both columns alike. The difference is the median
of the differences turn by turn.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from asterisk.root import find_or_make
from bench.figures import median, percentile, shown, table
from bench.machine import machine_line
from bench.nodes import PLAIN, both, dial_of
from bench.phones import Moments, Pair
from bench.sip import Account
from bench.wire import PACKET_NS
from demo.office import LoopbackOffice

GOLDEN = 0.618033988749895  # its multiples, less the whole part, are spread evenly however many are taken
BETWEEN_S = 0.25
SPANS: Mapping[str, Callable[[Moments], int]] = {
    "INVITE to desk's INVITE": lambda call: call.desk_invited - call.invited,
    "INVITE to ringing at the gateway": lambda call: call.ringing_heard - call.invited,
    "200 OK to the caller hears the desk": lambda call: call.desk_heard - call.desk_answered,
    "200 OK to the desk hears the caller": lambda call: call.caller_heard - call.desk_answered,
    "200 OK to audio both ways": lambda call: max(call.desk_heard, call.caller_heard) - call.desk_answered,
}


def pair_of(office: LoopbackOffice) -> Pair:
    """The phones of an office's first line."""
    line = office.description.lines[0]
    dial, desk = dial_of(office, line, ""), line.desks[0]
    password = office.paths.secret(f"sip-desk-{desk}").read_text("ascii").strip()
    address = "127.0.0.1", office.network.sip_port
    return Pair(address, Account(dial.account, dial.password), Account(desk, password))


def run_all(calls: int) -> tuple[str, list[Moments], list[Moments]]:
    """So many calls on each node by turns, after one that does not count; the machine, plain ones, ours."""
    plain: list[Moments] = []
    ours: list[Moments] = []
    machine = machine_line(find_or_make().version)
    with both(1) as (bare, node), pair_of(bare).register() as dials, pair_of(node).register() as queues:
        number = node.description.lines[0].number
        ways = [(dials, PLAIN + number, plain), (queues, number, ours)]
        for turn in range(calls + 1):
            phase_ns = int(turn * GOLDEN % 1 * PACKET_NS)
            for phones, dialled, found in ways if turn % 2 else ways[::-1]:
                found.append(phones.call(dialled, phase_ns))
                time.sleep(BETWEEN_S)
            if turn % 20 == 0:
                print(f"{turn} of {calls} turns", file=sys.stderr, flush=True)
    return machine, plain[1:], ours[1:]


def report(plain: Sequence[Moments], ours: Sequence[Moments]) -> str:
    """The table, in milliseconds."""
    rows = []
    for title, span in SPANS.items():
        theirs_ms, ours_ms = [span(call) / 1e6 for call in plain], [span(call) / 1e6 for call in ours]
        more = [one - other for one, other in zip(ours_ms, theirs_ms, strict=True)]
        figures = [median(theirs_ms), percentile(theirs_ms, 95), median(ours_ms), percentile(ours_ms, 95)]
        rows.append([title, *(shown(figure, 1) for figure in [*figures, median(more)])])
    return table(["delay, ms", "Dial: median", "p95", "ours: median", "p95", "difference"], rows)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.delay", description="delay of ringing and of audio")
    parser.add_argument("--quick", action="store_true", help="a smoke test: three calls each")
    parser.add_argument("--calls", type=int, default=60, help="calls on each node (60)")
    chosen = parser.parse_args(arguments)
    calls = 3 if chosen.quick else chosen.calls
    machine, plain, ours = run_all(calls)
    print("Delay of ringing and of audio")
    print(machine)
    print(f"{calls} calls each, one after the other, by turns; the difference is the median turn by turn")
    print()
    print(report(plain, ours))


if __name__ == "__main__":
    main()
