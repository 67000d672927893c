"""Asterisk's text logs never fill the disk, and no witness of calls is touched."""

import os
import shutil
from pathlib import Path
from typing import IO

import pytest

from supervision.database import Database
from supervision.machines.log_files import rotate_logs
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

    def full(_from: IO[bytes], to: IO[bytes]) -> None:
        to.write(b"x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    assert rotate_logs(tmp_path, most_bytes=10) == ["verbose.log"]
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("verbose.log", 0)]


def test_what_asterisk_links_to_is_neither_copied_nor_emptied(tmp_path: Path) -> None:
    log, ours = tmp_path / "log", tmp_path / "office.db"
    log.mkdir()
    ours.write_bytes(b"x" * 11)
    (log / "messages").symlink_to(ours)
    (log / "verbose.log").mkdir()
    os.mkfifo(log / "security.log")
    assert rotate_logs(log, most_bytes=10) == []
    assert ours.read_bytes() == b"x" * 11
    assert sorted(path.name for path in log.iterdir()) == ["messages", "security.log", "verbose.log"]


def test_a_copy_is_a_new_file_and_not_what_was_planted_under_its_name(tmp_path: Path) -> None:
    log, ours, nowhere = tmp_path / "log", tmp_path / "office.db", tmp_path / "planted"
    log.mkdir()
    ours.write_bytes(b"ours")
    for name, target in (("messages", ours), ("verbose.log", nowhere)):
        (log / name).write_bytes(b"x" * 11)
        (log / f"{name}.1").symlink_to(target)
    assert rotate_logs(log, most_bytes=10, kept=1) == ["verbose.log", "messages"]
    assert (ours.read_bytes(), nowhere.exists()) == (b"ours", False)
    assert (log / "messages.1").read_bytes() == b"x" * 11
    assert not (log / "messages.1").is_symlink()


def test_a_folder_that_asterisk_put_elsewhere_is_not_gone_to(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/messages").write_bytes(b"x" * 11)
    (tmp_path / "log").symlink_to(tmp_path / "ours")
    with pytest.raises(NotADirectoryError):
        rotate_logs(tmp_path / "log", most_bytes=10)
    assert (tmp_path / "ours/messages").read_bytes() == b"x" * 11


def test_the_worker_of_a_node_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_logs, "__defaults__", (10, 2))
    worker = Worker(Settings(home=tmp_path), Database("sqlite://"))
    worker.paths.asterisk_log.mkdir(parents=True)
    (worker.paths.asterisk_log / "verbose.log").write_bytes(b"x" * 11)
    (task,) = (task for task in TASKS if task.name == "rotate Asterisk's logs")
    assert not task.do_next(worker)
    assert (worker.paths.asterisk_log / "verbose.log").read_bytes() == b""
