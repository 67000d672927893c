"""A machine is switched from one release to another and back while people telephone: nobody notices."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from asterisk.cache import cache_folder
from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.processes import Process, until
from demo.sipp import CallSeen
from releases.asterisk import Pending
from releases.build import fill
from releases.layout import COMPLETE, Layout
from releases.machine import Failed, Machine, UnitState
from releases.rules import ASTERISK, CONTROL, RELOADED_BY, RELOADED_WITHOUT_CALLS, UPLINK, WORKER
from releases.switch import Patience, previous, switch
from supervision.calls.models import Call
from supervision.calls.rules import Disposition
from supervision.clock import now
from supervision.reconcile.service import EVERY, look
from supervision.reconcile.site import Site
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from tests.architecture.source import ROOT
from tests.pbx.conftest import Make
from tests.pbx.stories import as_long_as, bridged, calls_of, calls_over, hears, nobody_left, sealed_audio, tone
from tests.run_once import run_once
from tests.store.test_newer_schema import NEXT

pytestmark = pytest.mark.pbx

OLD, NEW = "1.0", "1.1"
READY_S = 60.0
QUEUES = "asterisk/dialplan/queues.conf.j2"


class OnLoopback(Machine):
    """An office on loopback as a machine: its processes are real, and say to us what they say to systemd."""

    def __init__(self, root: Path, office: LoopbackOffice) -> None:
        super().__init__(Layout(root))
        self.office = office
        self.processes: dict[str, Process] = {
            CONTROL: office.app,
            UPLINK: office.uplink,
            WORKER: office.worker,
        }
        self.ears: dict[str, socket.socket] = {}
        self.heard: dict[str, str] = {}
        self.layout.environment.parent.mkdir(parents=True)
        self.layout.environment.write_text(
            "".join(f"{name}={value}\n" for name, value in office.environment.items())
        )
        for unit, process in self.processes.items():
            at = root / f"{unit.split('-')[1].split('.')[0]}.sock"
            self.ears[unit] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            self.ears[unit].bind(str(at))
            process.environment = {**process.environment, "NOTIFY_SOCKET": str(at)}
            process.folder = self.layout.current

    def close(self) -> None:
        """Listen no more."""
        for ear in self.ears.values():
            ear.close()

    def said(self, unit: str) -> str:
        """All that a process has said since it was started."""
        try:
            while True:
                self.heard[unit] = f"{self.heard.get(unit, '')}{self.ears[unit].recv(4096).decode()}\n"
        except BlockingIOError:
            return self.heard.get(unit, "")

    def state(self, unit: str) -> UnitState:
        if unit == ASTERISK:
            alive = self.office.pbx.alive
            return UnitState("active", "", str(self.office.pbx.pid)) if alive else UnitState("inactive", "", "")
        if unit not in self.processes or not self.processes[unit].running:
            return UnitState("inactive", "", "")
        lines = self.said(unit).splitlines()
        status = [line.removeprefix("STATUS=") for line in lines if line.startswith("STATUS=")]
        ready = "active" if "READY=1" in lines else "activating"
        return UnitState(ready, status[-1] if status else "", str(self.processes[unit].pid))

    def reload_units(self) -> None:
        """There is no systemd here."""

    def restart(self, unit: str) -> None:
        process = self.processes[unit]
        process.stop()
        self.said(unit)
        self.heard[unit] = ""
        process.start()
        try:
            until(f"{unit} is ready", lambda: "READY=1" in self.said(unit), READY_S)
        except AssertionError as error:
            raise Failed(str(error)) from error

    def python_of(self, release: Path, *words: str) -> str:
        if words[0] == "asterisk.sounds":
            return ""  # the telephones of a test need none
        environment = {**os.environ, **self.settings(), "SUPERVISION_RUNTIME": str(cache_folder())}
        return self._run([str(release / ".venv/bin/python"), "-m", *words], cwd=release, env=environment)

    def asterisk(self, command: str) -> str:
        return self.office.pbx.cli(command)

    def asterisk_on_disk(self) -> str:
        return self.office.pbx.cli("core show version").split(" built")[0]


def lay(layout: Layout, name: str) -> Path:
    """A release with this code; its environment is that of the tests."""
    folder = layout.release(name)
    folder.mkdir(parents=True)
    fill(folder, name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / COMPLETE).touch()
    return folder


@pytest.fixture
def hq(short_folder: Path) -> Iterator[LoopbackHeadquarters]:
    """Headquarters, running."""
    with LoopbackHeadquarters(short_folder / "hq") as running:
        yield running


@pytest.fixture
def machine(short_folder: Path, hq: LoopbackHeadquarters, make_office: Make) -> Iterator[OnLoopback]:
    """An office that runs from release 1.0. Beside it is 1.1, with one more table and other queues."""
    made: list[OnLoopback] = []

    def prepare(office: LoopbackOffice) -> None:
        one = OnLoopback(short_folder / "m", office)
        made.append(one)
        lay(one.layout, OLD)
        newer = lay(one.layout, NEW)
        (newer / "supervision/migrations/versions/0002_later.py").write_text(NEXT, "utf-8")
        (newer / QUEUES).write_text(f"; of {NEW}\n{(newer / QUEUES).read_text('utf-8')}", "utf-8")
        switch(one, OLD, lambda _line: None)

    office = make_office(hq=hq, prepare=prepare)
    office.worker.start()
    (one,) = made
    until("all is ready", lambda: all(one.state(unit).active == "active" for unit in one.processes))
    yield one
    one.close()


class Callers:
    """People who dial the second line, one after the other, until they are asked to stop."""

    def __init__(self, office: LoopbackOffice) -> None:
        self.seen: list[CallSeen] = []
        self._gateway = office.gateway("07-2")
        self._number = office.number("07-2")
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._dial)

    def __enter__(self) -> "Callers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _dial(self) -> None:
        while not self._enough.is_set():
            self.seen += self._gateway.dials(self._number, plays=tone(440), talks_s=1.5).wait()


def code_of(process: Process) -> str:
    """The release from which a process runs."""
    return Path(f"/proc/{process.pid}/cwd").readlink().name


def expect_all_at_both(hq: LoopbackHeadquarters, office: LoopbackOffice, count: int) -> list[Call]:
    """Every call was answered, and is recorded whole at both places; the reconciler finds nothing."""
    nobody_left(office)
    calls = calls_over(office, count)
    assert {call.disposition for call in calls} == {Disposition.ANSWERED}

    def sealed() -> bool:
        run_once(hq.settings, hq.database)
        with hq.database.reading() as session:
            ready = session.query(Recording).where(Recording.state == RecordingState.READY).count()
            copies = session.query(OfficeCopy).count()
        with office.database.reading() as session:
            unsent = session.query(Part).where(Part.received_at.is_(None)).count()
        return ready == copies == count and not unsent

    until("all calls sealed at both", sealed, 60)
    with hq.database.reading() as session:
        found = look(session, Site.of(hq.settings), now() + EVERY).found
    assert [one for one in found if one.call_id is not None] == []
    return calls


def test_a_switch_and_the_way_back_while_people_telephone(machine: OnLoopback, hq: LoopbackHeadquarters) -> None:
    office, said = machine.office, list[str]()
    for extension in ("801", "802"):
        office.desk(extension).answers(after_s=0.3, plays=tone(880, 180.0))
    asterisk, ours = office.pbx.pid, list(machine.processes.values())
    assert {code_of(process) for process in ours} == {OLD}
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440, 180.0))
    until("people talking", lambda: bridged(office))

    with Callers(office) as callers:
        pending = switch(machine, NEW, said.append, Patience(READY_S, 1))
    assert {code_of(process) for process in ours} == {NEW}
    assert run.running, "the first call goes on"
    assert pending == Pending(), "nothing waits for a moment without a call"
    assert "Asterisk: queue reload all" in said
    assert office.pbx.pid == asterisk
    assert "later" in inspect(create_engine(office.settings.database())).get_table_names()

    with Callers(office) as more:
        switch(machine, previous(machine.layout), said.append, Patience(READY_S, 1))
    assert {code_of(process) for process in ours} == {OLD}
    assert run.running, "the first call goes on still"
    office.pbx.cli("channel request hangup all")
    (first,) = run.wait()

    others = [*callers.seen, *more.seen]
    assert len(others) >= 4
    assert [one for one in (first, *others) if not one.answered] == [], "nobody was refused"
    calls = expect_all_at_both(hq, office, len(others) + 1)
    (long,) = (call for call in calls if call.line_key == "07-1")
    audio = sealed_audio(office, long)
    assert as_long_as(audio, first.length_ms)
    for second in range(2, len(audio) // 8000 - 2, 2):
        heard = audio[second * 8000 : second * 8000 + 8000]
        assert (hears(heard[:, 0]), hears(heard[:, 1])) == (440, 880), f"in second {second}"


def test_asterisk_knows_each_command_that_a_switch_may_give_it(office: LoopbackOffice) -> None:
    for name, command in {**RELOADED_BY, **RELOADED_WITHOUT_CALLS}.items():
        said = office.pbx.cli(command)
        assert "No such" not in said, (name, said)
        assert "nable to" not in said, (name, said)
    assert calls_of(office) == []


def test_asterisk_ends_when_it_is_convenient_and_not_before(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=0.2, plays=tone(880))
    first = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=5)
    until("people talking", lambda: bridged(office))
    stop = threading.Thread(target=office.pbx.cli, args=("core stop when convenient", 60))
    stop.start()
    second = office.gateway("07-2").dials(office.number("07-2"), plays=tone(440), talks_s=1)
    assert all(seen.answered for seen in [*second.wait(), *first.wait()]), "a call that comes meanwhile is taken"
    until("Asterisk has ended", lambda: not office.pbx.alive, 20)
    stop.join()
