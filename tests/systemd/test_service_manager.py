"""What systemd hears of our processes: that they are ready, and that they are alive for as long as they are."""

import asyncio
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervision import worker as worker_module
from supervision.database import Database
from supervision.service_manager import Alive, notify, stay_alive
from supervision.settings import Mode, Settings
from supervision.store import upgrade
from supervision.task import Task, Worker
from tests.architecture.source import ROOT


class Listener:
    """The socket on which systemd listens to a service."""

    def __init__(self, at: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(at))
        self._socket.settimeout(60)

    def hears(self) -> str:
        """The next thing that it is told."""
        return self._socket.recv(4096).decode()

    def hears_nothing(self) -> bool:
        """Whether nothing more was told until now."""
        readable, _, _ = select.select([self._socket], [], [], 0)
        return not (readable and self._socket.recv(4096))

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """systemd's ear, with a watchdog that bites after 30 ms."""
    one = Listener(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    yield one
    one.close()


def test_what_a_process_tells_is_one_message(systemd: Listener) -> None:
    notify("READY=1", "STATUS=works")
    assert systemd.hears() == "READY=1\nSTATUS=works"


def test_where_nobody_listens_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")


def test_it_says_that_it_is_alive_three_times_in_the_time_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    assert Alive().every_s == 20
    monkeypatch.setenv("WATCHDOG_USEC", "3000000")
    assert Alive().every_s == 1


def test_it_does_not_say_so_at_each_turn(systemd: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "3000000000")
    alive = Alive()
    alive.notify()
    alive.notify()
    assert systemd.hears() == "WATCHDOG=1"
    assert systemd.hears_nothing()


def test_an_event_loop_is_alive_while_it_turns_and_not_while_it_is_blocked(systemd: Listener) -> None:
    async def turns_and_then_hangs() -> None:
        task = asyncio.create_task(stay_alive())
        for _ in range(3):
            assert await asyncio.to_thread(systemd.hears) == "WATCHDOG=1"
        while not systemd.hears_nothing():
            pass
        threading.Event().wait(0.1)  # - the loop hangs: that is what is tried
        assert systemd.hears_nothing()
        task.cancel()

    asyncio.run(turns_and_then_hangs())


def test_the_worker_is_ready_once_it_has_its_database_and_alive_at_each_turn_only(
    systemd: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, mode=Mode.HQ, seal_every_s=0.01)
    upgrade(settings.database())
    hang, hangs, stopping = threading.Event(), threading.Event(), threading.Event()

    def turn(_worker: Worker) -> bool:
        if hang.is_set():
            hangs.set()
            assert stopping.wait(60)
        return False

    monkeypatch.setattr(worker_module, "TASKS", (Task("turn", turn),))
    database = Database(settings.database())
    thread = threading.Thread(target=worker_module.run, args=(settings, database, stopping))
    thread.start()
    try:
        assert systemd.hears() == "READY=1\nSTATUS=works"
        for _ in range(3):
            assert systemd.hears() == "WATCHDOG=1"
        hang.set()
        assert hangs.wait(60)
        while not systemd.hears_nothing():
            pass
        assert not stopping.wait(0.1), "ten times as long as it takes otherwise"
        assert systemd.hears_nothing()
    finally:
        stopping.set()
        thread.join()
    database.close()


def test_the_real_worker_tells_systemd(tmp_path: Path) -> None:
    systemd = Listener(tmp_path / "notify")
    settings = Settings(home=tmp_path / "home", mode=Mode.HQ)
    upgrade(settings.database())
    settings_of = {
        "SUPERVISION_HOME": str(settings.home),
        "SUPERVISION_MODE": "hq",
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "supervision.worker"],
        cwd=ROOT,
        env={**os.environ, **settings_of},
        stdout=subprocess.DEVNULL,
    ) as process:
        assert systemd.hears().startswith("READY=1")
        assert systemd.hears() == "WATCHDOG=1"
        process.terminate()
        assert process.wait(60) == 0
    systemd.close()
