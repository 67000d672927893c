"""One run: an office and headquarters as in production; the crowd calls, faults are done, all is compared."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from asterisk.root import Installation, find_or_make
from asterisk.runtime import PbxFailed
from bench.sip import Account
from bench.truth import compare, incidents, plan, playing, recorded, stored
from bench.truth.accounts import Accounts
from bench.truth.gateway import Port
from bench.truth.incidents import Alarms
from bench.truth.seen import gather
from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.processes import TooLate, until

KILLED_FOR_S = 3.0
SETTLES_S = 240.0
STARTS_WITHIN_S = 120.0


@dataclass(frozen=True)
class Shape:
    """What is asked for. `settle_s`: how long the reconciler and the worker still have once all is quiet.

    `exact`: the machine does nothing else, so that moments are compared to a tenth of a second.
    """

    calls: int
    lines: int
    seed: int
    spinning: int
    kills: int = 2
    freeze_s: float = 20.0
    settle_s: float = 100.0
    sample: int = 40
    exact: bool = False


@dataclass
class Result:
    """What one run came to. `away`, `frozen`: when ari_app and the uplink were; `troubles`: what did not come."""

    shape: Shape
    calls: int = 0
    took_s: float = 0.0
    compared: compare.Outcome = field(default_factory=compare.Outcome)
    sides: list[compare.Difference] = field(default_factory=list)
    alarms: list[Alarms] = field(default_factory=list)
    audio: list[str] = field(default_factory=list)
    heard: int = 0
    troubles: list[str] = field(default_factory=list)
    away: list[tuple[int, int]] = field(default_factory=list)
    frozen: list[tuple[int, int]] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Everything that is not as it must be."""
        lines = [str(one) for one in [*self.compared.differences, *self.sides]]
        for one in self.alarms:
            lines += [f"false incident: {text}" for text in one.false]
            lines += [f"unnamed: {text}" for text in one.unnamed]
        return [*lines, *self.audio, *self.troubles]

    @property
    def named(self) -> dict[str, int]:
        """The incidents at the office that were right, by cause."""
        return self.alarms[0].named if self.alarms else {}


class Faults:
    """What is done to the node as calls are finished, one after the other: ari_app killed, the uplink frozen."""

    def __init__(self, office: LoopbackOffice, shape: Shape) -> None:
        self.office = office
        self.shape = shape
        self.away: list[tuple[int, int]] = []
        self.frozen: list[tuple[int, int]] = []
        self._doing = ThreadPoolExecutor(1)
        self._done: list[Future[None]] = []
        places = [(n + 1) / (shape.kills + 2) for n in range(shape.kills + 1)]
        order = [self._kill] * shape.kills
        order.insert(1, self._freeze)
        self._due = [(int(place * shape.calls), deed) for place, deed in zip(places, order, strict=True)]

    def finished(self, calls: int) -> None:
        """So many calls are over."""
        while self._due and calls >= self._due[0][0]:
            self._done.append(self._doing.submit(self._due.pop(0)[1]))

    def over(self) -> int:
        """Wait until nothing more is done; how many were. Raises what a fault could not do."""
        self._doing.shutdown()
        for one in self._done:
            one.result()
        return len(self._done)

    def _kill(self) -> None:
        killed_ns = time.time_ns()
        self.office.app.kill()
        time.sleep(KILLED_FOR_S)
        before = self.office.app.said()
        self.office.app.start()
        self._wait_for_app(before)
        self.away.append((killed_ns, time.time_ns()))

    def _wait_for_app(self, before: str) -> None:
        """Longer than an office waits for it: it starts beside all that the machine has to do."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                self.office.wait_for_app(before)
            except TooLate:
                if time.monotonic() > deadline or not self.office.app.running:
                    raise
            else:
                return

    def _freeze(self) -> None:
        frozen_ns = time.time_ns()
        self.office.uplink.freeze()
        time.sleep(self.shape.freeze_s)
        self.office.uplink.thaw()
        self.frozen.append((frozen_ns, time.time_ns()))


@contextmanager
def spinning(count: int) -> Iterator[None]:
    """So many processes that do nothing but keep a processor busy."""
    loop = [sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(loop) for _ in range(count)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


@contextmanager
def nodes(shape: Shape, installation: Installation) -> Iterator[tuple[LoopbackOffice, LoopbackHeadquarters]]:
    """Both, running, in a folder that is gone afterwards unless SUPERVISION_KEEP_TEST_FOLDERS is set."""
    folder = Path(tempfile.mkdtemp(prefix="t."))
    try:
        with LoopbackHeadquarters(folder / "hq") as hq:
            described = plan.office_of(shape.lines)
            ports = 12 * shape.lines + 100
            with LoopbackOffice(
                folder / "n", described, installation=installation, rtp_ports=ports, hq=hq
            ) as office:
                office.worker.start()
                yield office, hq
    finally:
        if os.environ.get("SUPERVISION_KEEP_TEST_FOLDERS"):
            sys.stderr.write(f"kept: {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def run(shape: Shape) -> Result:
    """Play the calls, wait until all is quiet, compare."""
    began, result = time.monotonic(), Result(shape)
    installation = find_or_make()
    with nodes(shape, installation) as (office, hq):
        with spinning(shape.spinning):
            accounts = play(office, shape, result)
            settle(office, hq, shape, result)
        result.calls = len(accounts.callers)
        judge(office, hq, accounts, result)
    result.took_s = time.monotonic() - began
    return result


def play(office: LoopbackOffice, shape: Shape, result: Result) -> Accounts:
    """All calls, and the faults beside them."""
    faults = Faults(office, shape)
    accounts = playing.play(cast_of(office, shape), faults.finished)
    done = faults.over()
    if done != shape.kills + 1:
        result.troubles.append(f"only {done} faults were done")
    result.away, result.frozen = faults.away, faults.frozen
    result.troubles += accounts.troubles
    return accounts


def cast_of(office: LoopbackOffice, shape: Shape) -> playing.Cast:
    """Phones for all lines, and for all desks but those that are never there."""
    ports = {}
    for line in office.description.lines:
        account = header = None
        if line.gateway.account:
            account = Account(line.gateway.account, _secret(office, f"sip-line-{line.key}"))
        else:
            header = (str(line.gateway.header), str(line.gateway.value))
        ports[line.key] = Port(line.key, line.number, account, header)
    desks = [Account(desk, _secret(office, f"sip-desk-{desk}")) for desk in desks_there(office)]
    leaders = sorted({line.leader for line in office.description.lines})
    plans = plan.plan_calls(shape.seed, shape.calls, list(ports))
    return playing.Cast(("127.0.0.1", office.network.sip_port), ports, desks, leaders, shape.seed, plans)


def desks_there(office: LoopbackOffice) -> list[str]:
    """The desks whose phones are there."""
    nobodys = next(line for line in office.description.lines if line.key == plan.NOBODYS_LINE)
    gone = {*nobodys.desks, nobodys.leader}
    return [desk.extension for desk in office.description.desks if desk.extension not in gone]


def _secret(office: LoopbackOffice, name: str) -> str:
    return office.paths.secret(name).read_text("ascii").strip()


def settle(office: LoopbackOffice, hq: LoopbackHeadquarters, shape: Shape, result: Result) -> None:
    """Wait until no channel is left, all is sealed and sent; what does not come is named."""
    waits = (
        ("no channel left", lambda: _no_channel(office), 30.0),
        ("all records ended", lambda: _none(office, "SELECT count(*) FROM calls WHERE ended_at IS NULL"), 60.0),
        ("all recordings sealed", lambda: _sealed(office) and _sealed(hq), SETTLES_S),
        (
            "all facts received",
            lambda: _none(office, "SELECT sum(last_n - received_n) FROM outbox_heads"),
            SETTLES_S,
        ),
    )
    for what, look, within_s in waits:
        try:
            until(what, look, within_s)
        except TooLate as error:
            result.troubles.append(str(error))
    time.sleep(shape.settle_s)


def _no_channel(office: LoopbackOffice) -> bool:
    """A machine that has too much to do does not answer in time: it is asked again."""
    with suppress(PbxFailed):
        return "0 active channels" in office.pbx.cli("core show channels")
    return False


def _sealed(node: LoopbackOffice | LoopbackHeadquarters) -> bool:
    return _none(node, "SELECT count(*) FROM recordings WHERE state IN ('growing', 'final')")


def _none(node: LoopbackOffice | LoopbackHeadquarters, question: str) -> bool:
    time.sleep(0.2)
    return not stored.ask(file_of(node), question)


def file_of(node: LoopbackOffice | LoopbackHeadquarters) -> Path:
    """The file of a node's database."""
    return Path(node.settings.database().removeprefix("sqlite:///"))


def judge(office: LoopbackOffice, hq: LoopbackHeadquarters, accounts: Accounts, result: Result) -> None:
    """Compare all with all."""
    shape = result.shape
    bounds = compare.Bounds() if shape.exact else compare.Bounds(None, ends_ms=5000, race_ms=500, lacks_ms=500)
    here, there = stored.read_store(file_of(office)), stored.read_store(file_of(hq))
    switch = stored.read_switch(office.paths.cdr, office.paths.queue_log)
    announced = frozenset(line.key for line in office.description.lines if line.announcement)
    seen = gather(accounts, {one.key: [*one.desks, one.leader] for one in office.description.lines})
    written = compare.Written(here, switch, announced)
    result.compared, matched = compare.compare_calls(seen, written, bounds)
    if shape.settle_s:  # records that are made from Asterisk's own log come later
        result.compared.differences += recorded.missing(written)
    result.sides = compare.compare_sides(here, there)
    injected = incidents.Injected(result.away, result.frozen, frozenset({plan.NOBODYS_LINE}))
    for side, store in (("office", here), ("headquarters", there)):
        result.alarms.append(incidents.judge(store, seen, matched, injected, side))
    tones = tones_of(office)
    result.audio, result.heard = recorded.check(office.paths, seen, here, matched, tones, shape.sample)


def tones_of(office: LoopbackOffice) -> dict[str, int]:
    """The tone of each line's and each desk's phone; as `Crowd` gives them."""
    lines = [line.key for line in office.description.lines]
    return {name: plan.tone_hz(n) for names in (lines, desks_there(office)) for n, name in enumerate(names)}
