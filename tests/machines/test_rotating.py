"""Asterisk's text logs never fill the disk, and no witness of calls is touched."""

import shutil
from pathlib import Path

import pytest

from supervision.database import Database
from supervision.machines.tasks import rotate_logs
from supervision.settings import Settings
from supervision.task import Worker
from supervision.worker import TASKS


def test_a_verbose_log_that_has_grown_is_copied_aside_and_asterisk_writes_on_in_it(
    tmp_path: Path,
) -> None:
    log = tmp_path / "verbose.log"
    with log.open("ab") as asterisk:
        for n in range(4):
            asterisk.write(f"{n}".encode() * 11)
            asterisk.flush()
            assert rotate_logs(tmp_path, most_bytes=10, kept=2) == ["verbose.log"]
        asterisk.write(b"end")
        asterisk.flush()
    assert log.read_bytes() == b"end"
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path != log}
    assert found == {"verbose.log.1": b"3" * 11, "verbose.log.2": b"2" * 11}


def test_a_small_log_and_the_witnesses_of_calls_are_left_alone(tmp_path: Path) -> None:
    for name in ("queue_log", "master.db", "verbose.log"):
        (tmp_path / name).write_bytes(b"x" * (10 if name == "verbose.log" else 99))
    assert rotate_logs(tmp_path, most_bytes=10) == []
    assert rotate_logs(tmp_path / "none") == []
    assert len(list(tmp_path.iterdir())) == 3


def test_on_a_full_disk_the_log_is_emptied_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "verbose.log"
    log.write_bytes(b"x" * 11)

    def full(_from: Path, to: Path) -> None:
        to.write_bytes(b"x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert rotate_logs(tmp_path, most_bytes=10) == ["verbose.log"]
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("verbose.log", 0)]


def test_the_worker_of_a_node_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_logs, "__defaults__", (10, 2))
    worker = Worker(Settings(home=tmp_path), Database("sqlite://"))
    worker.paths.asterisk_log.mkdir(parents=True)
    (worker.paths.asterisk_log / "verbose.log").write_bytes(b"x" * 11)
    (task,) = (task for task in TASKS if task.name == "rotate Asterisk's logs")
    assert not task.do_next(worker)
    assert (worker.paths.asterisk_log / "verbose.log").read_bytes() == b""
