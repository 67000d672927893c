import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from asterisk.root import Installation, find_or_make
from asterisk.runtime import Pbx, PbxFailed, may_be_first
from supervision.paths import Paths

HERE = Installation(None, "Asterisk 22.10.1")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a name short enough for a Unix socket's."""
    folder = Path(tempfile.mkdtemp(prefix="pbx-"))
    yield folder
    shutil.rmtree(folder)


def write_configuration(home: Path) -> None:
    base = home / "asterisk"
    (base / "etc").mkdir(parents=True)
    places = {
        "astcachedir": base / "cache",
        "astetcdir": base / "etc",
        "astvarlibdir": base / "lib",
        "astdbdir": base / "db",
        "astkeydir": base / "lib",
        "astdatadir": base / "lib",
        "astspooldir": base / "spool",
        "astrundir": base / "run",
        "astlogdir": base / "log",
    }
    lines = "\n".join(f"{name} => {path}" for name, path in places.items())
    (base / "etc" / "asterisk.conf").write_text(f"[directories]\n{lines}\n")
    (base / "etc" / "modules.conf").write_text("[modules]\nautoload=no\nload=res_timing_timerfd.so\n")
    (base / "etc" / "logger.conf").write_text("[general]\n[logfiles]\nmessages => notice,warning,error\n")


def test_a_home_that_is_not_rendered_is_refused(home: Path) -> None:
    with pytest.raises(PbxFailed, match="render the configuration first"):
        Pbx(home, HERE).start()


def test_a_home_too_deep_for_a_socket_is_refused(home: Path) -> None:
    deep = home / ("d" * 90)
    deep.mkdir()
    write_configuration(deep)
    with pytest.raises(PbxFailed, match="choose a shorter home"):
        Pbx(deep, HERE).prepare()


def test_cel_is_kept_in_a_write_ahead_log_from_the_first_start(home: Path) -> None:
    write_configuration(home)
    Pbx(home, HERE).prepare()
    with closing(sqlite3.connect(Paths(home).cel)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_cel_file_that_is_no_database_keeps_nobody_from_telephoning(home: Path) -> None:
    write_configuration(home)
    Paths(home).cel.parent.mkdir(parents=True)
    Paths(home).cel.write_bytes(b"no database" * 1000)
    Pbx(home, HERE).prepare()


@pytest.mark.parametrize("may", [True, False])
def test_asterisk_is_set_to_go_first_only_where_it_may(
    home: Path, monkeypatch: pytest.MonkeyPatch, may: bool
) -> None:
    def decided(*_: object) -> None:
        if not may:
            raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", decided)
    command = Pbx(home, Installation(home, "Asterisk 22.10.1")).command()
    assert (command[:2] == ["chrt", "--rr"], "-p" in command) == (may, may)


@pytest.mark.pbx
def test_an_asterisk_starts_answers_freezes_dies_and_starts_again(home: Path) -> None:
    write_configuration(home)
    pbx = Pbx(home, find_or_make())
    with pbx:
        assert pbx.alive
        assert Path(f"/proc/{pbx.pid}/comm").read_text().strip() == "asterisk"
        assert (os.sched_getscheduler(pbx.pid) == os.SCHED_RR) is may_be_first()
        assert "22." in pbx.cli("core show version")
        pbx.freeze()
        with pytest.raises(PbxFailed, match="no answer in 1 s"):
            pbx.cli("core show uptime", timeout_s=1)
        pbx.thaw()
        assert "System uptime" in pbx.cli("core show uptime")
        pbx.kill()
        assert not pbx.alive
        pbx.start()
        assert pbx.alive
    assert not pbx.alive


@pytest.mark.pbx
def test_two_run_at_once_and_the_root_stays_as_it_was(home: Path) -> None:
    installation = find_or_make()
    for name in ("one", "two"):
        write_configuration(home / name)
    with Pbx(home / "one", installation) as one, Pbx(home / "two", installation) as two:
        one.cli("database put test which one")
        two.cli("database put test which two")
        assert "one" in one.cli("database get test which")
        assert "two" in two.cli("database get test which")
    if installation.root is not None:
        assert not (installation.root / "tmp" / home.name).exists()
        assert list((installation.root / "mnt").iterdir()) == []


@pytest.mark.pbx
def test_a_frozen_asterisk_can_be_stopped(home: Path) -> None:
    write_configuration(home)
    pbx = Pbx(home, find_or_make()).start()
    pbx.freeze()
    started = time.monotonic()
    pbx.stop()
    assert not pbx.alive
    assert time.monotonic() - started < 10


@pytest.mark.pbx
def test_the_end_of_the_log_is_in_the_error_when_it_cannot_start(home: Path) -> None:
    write_configuration(home)
    with (home / "asterisk/etc/modules.conf").open("a") as modules:
        modules.write("require=res_of_dreams.so\n")
    with pytest.raises(PbxFailed, match="res_of_dreams"):
        Pbx(home, find_or_make()).start(timeout_s=15)
