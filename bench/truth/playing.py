"""The phones in a process of their own, served first by the machine: no telephone is slow because the node is."""

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bench.sip import Account
from bench.truth.accounts import Accounts
from bench.truth.crowd import Crowd
from bench.truth.gateway import Port
from bench.truth.plan import CallPlan
from bench.wire import Address

FIRST = 5  # of the real-time priorities; Asterisk has 10, so that it is not slow because the phones are


@dataclass(frozen=True)
class Cast:
    """Who plays: ports by line, desks, those of them that are leaders', and the calls of each line."""

    pbx: Address
    ports: Mapping[str, Port]
    desks: Sequence[Account]
    leaders: Sequence[str]
    seed: int
    plans: Mapping[str, Sequence[CallPlan]]


def play(cast: Cast, on_finished: Callable[[int], None]) -> Accounts:
    """Place all calls; what the phones saw. `on_finished` gets how many are over. Raises EOFError."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_play, args=(theirs, cast))
    process.start()
    theirs.close()
    try:
        while True:
            said = ours.recv()
            if isinstance(said, Accounts):
                return said
            on_finished(said)
    finally:
        ours.close()
        process.join(10)
        process.kill()


def _play(wire: Connection, cast: Cast) -> None:
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(FIRST))
    wire.send(asyncio.run(_call_all(wire, cast)))


async def _call_all(wire: Connection, cast: Cast) -> Accounts:
    crowd = Crowd(cast.pbx, cast.ports, cast.desks, cast.leaders, cast.seed)
    return await crowd.play(cast.plans, wire.send)
