"""What is seen of a real machine: its files, its sockets, its database."""

import hashlib
import json
import os
import socket
from pathlib import Path

import pytest

from supervision import store
from supervision.certificates import authority
from supervision.check import machine_facts
from supervision.check.__main__ import main
from supervision.check.rules import Listener
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.paths import HqPaths, Paths
from supervision.settings import Mode, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An office that stands alone, with its database."""
    one = Settings(home=tmp_path / "home", mode=Mode.OFFICE)
    store.upgrade(one.database())
    return one


@pytest.mark.enable_socket
def test_a_socket_that_listens_is_seen_with_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("0.0.0.0", 0))  # noqa: S104 - that is what is to be seen
        seen = list(machine_facts.listeners())
        assert Listener(tcp.getsockname()[1], "127.0.0.1") in seen
        assert Listener(udp.getsockname()[1], "0.0.0.0") in seen  # noqa: S104
    assert Listener(1, "127.0.0.1").on_loopback
    assert not Listener(1, "10.7.0.1").on_loopback


def test_an_address_of_version_six_is_read_from_the_kernels_table(tmp_path: Path) -> None:
    head, place = "sl local_address rem_address st\n", "00000000000000000000000001000000:1466"
    (tmp_path / "tcp6").write_text(f"{head}   0: {place} {'0' * 32}:0000 0A 00000000:00000000\n")
    assert list(machine_facts.listeners(tmp_path)) == [Listener(5222, "::1")]


def test_a_volume_on_luks_below_lvm_is_seen(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    block = tmp_path / f"{os.major(device)}:{os.minor(device)}"
    (block / "dm").mkdir(parents=True)
    (block / "dm/uuid").write_text("LVM-abc\n")
    assert not machine_facts.is_encrypted(tmp_path, tmp_path)
    (block / "slaves/dm-0/dm").mkdir(parents=True)
    (block / "slaves/dm-0/dm/uuid").write_text("CRYPT-LUKS2-abc\n")
    assert machine_facts.is_encrypted(tmp_path, tmp_path)


def test_a_database_and_swap_on_plain_disks_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conf, data, swap = tmp_path / "15/main/postgresql.conf", tmp_path / "data", tmp_path / "swapfile"
    conf.parent.mkdir(parents=True)
    data.mkdir()
    swap.touch()
    conf.write_text(f"#data_directory = 'ConfigDir'\ndata_directory = '{data}'\t# use data in another directory\n")
    (tmp_path / "swaps").write_text(
        f"Filename Type Size Used Priority\n{swap} file 8 0 -2\n/dev/zram0 partition 8 0 9\n"
    )
    monkeypatch.setattr(machine_facts, "is_encrypted", lambda _place: False)
    assert machine_facts.plain_disks(tmp_path, tmp_path / "swaps") == [f"PostgreSQL's {data}", f"swap on {swap}"]
    monkeypatch.setattr(machine_facts, "is_encrypted", lambda _place: True)
    assert machine_facts.plain_disks(tmp_path, tmp_path / "swaps") == []


def test_a_restart_that_debian_asks_for_is_seen(tmp_path: Path) -> None:
    mark = tmp_path / "reboot-required"
    assert machine_facts.wants_restart(mark) == []
    mark.touch()
    assert machine_facts.wants_restart(mark) == ["a package"]
    mark.with_name("reboot-required.pkgs").write_text("libc6\nlibc6\nlinux-image-amd64\n")
    assert machine_facts.wants_restart(mark) == ["libc6", "linux-image-amd64"]


def test_the_end_of_the_sites_certificate_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "site.pem"
    assert machine_facts.site_ends(file) == []
    authority.initialise(HqPaths(tmp_path / "hq"), "Bureau")
    certificate = HqPaths(tmp_path / "hq").ca.certificate.read_text()
    file.write_text(certificate * 2)  # as with a chain
    (seen,) = machine_facts.site_ends(file)
    assert (seen.name, seen.warned) == ("site", False)
    file.write_text("none")
    (unreadable,) = machine_facts.site_ends(file)
    assert unreadable.warned


def test_a_file_of_a_release_that_was_changed_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1\n")
    (tmp_path / "MANIFEST").write_text(f"{hashlib.sha256((tmp_path / 'a.py').read_bytes()).hexdigest()}  a.py\n")
    assert machine_facts.changed_files(tmp_path / "MANIFEST") == ""
    (tmp_path / "a.py").write_text("2\n")
    assert machine_facts.changed_files(tmp_path / "MANIFEST") == "a.py: FAILED\n"


def test_missing_short_and_equal_passwords_are_seen(settings: Settings) -> None:
    paths = Paths(settings.home)
    paths.secrets.mkdir()
    for name, secret in (("ari", "x" * 32), ("sip-desk-801", "x" * 32), ("ami", "admin"), ("smtp", "admin")):
        paths.secret(name).write_text(secret)
    sizes, twice = machine_facts.secret_bytes(paths, office=True)
    assert sizes == {"ari": 32, "ami": 5, "hep": 0, "sip-desk-801": 32}
    assert sorted(twice) == ["ari", "sip-desk-801"]


def test_what_asterisk_says_is_read() -> None:
    assert machine_facts.version_of("Asterisk 22.10.1+dfsg+~cs6 built by x\n") == (22, 10, 1)
    assert machine_facts.version_of("") is None
    shown = "Module     Description\napp_queue.so     True Call Queueing   0   Running   core\n1 modules loaded\n"
    wanted = "[modules]\nautoload = no\n; load = no.so\nload = app_queue.so\n"
    assert machine_facts.modules_in(shown) == machine_facts.modules_in(wanted) == {"app_queue.so"}


def test_open_incidents_of_this_machine_are_seen_and_those_of_calls_are_not(settings: Settings) -> None:
    database = Database(settings.database())
    with database.transaction() as session:
        for cause in (Cause.DISK_LOW, Cause.NO_BYTES):
            open_incident(session, office_code="3101", cause=cause, subject="home:10", at=now())
    database.close()
    faults, administrators, incidents = machine_facts.database_facts(settings)
    assert faults == []
    assert administrators == 0
    assert incidents == ["disk_low: 3101 home:10"]


def test_a_database_without_a_schema_is_seen(tmp_path: Path) -> None:
    assert machine_facts.database_facts(Settings(home=tmp_path))[0] != []


def test_the_command_says_all_as_json_and_fails_where_anything_is_weak(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPERVISION_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)  # the home is whoever's who runs the tests
    environment = tmp_path / "supervision.env"
    environment.write_text(f"SUPERVISION_HOME={settings.home}\nSUPERVISION_MODE=office\n")
    settings.home.chmod(0o777)
    before = os.umask(0o022)
    try:
        assert main(["--json", "--environment", str(environment)]) == 1
    finally:
        os.umask(before)
    rows = {row["subject"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["home and settings"]["ok"] is False
    assert str(settings.home) in rows["home and settings"]["seen"]
    assert rows["database"]["ok"] is True


def test_root_opens_no_database_where_the_home_is_roots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPERVISION_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    environment = tmp_path / "supervision.env"
    environment.write_text("SUPERVISION_HOME=/etc\nSUPERVISION_MODE=office\n")
    before = os.umask(0o022)
    try:
        assert main(["--environment", str(environment)]) == 2
    finally:
        os.umask(before)
    assert "/etc belongs to root" in capsys.readouterr().err


def test_without_settings_it_says_which_are_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPERVISION_HOME", raising=False)
    before = os.umask(0o022)
    try:
        assert main(["--environment", str(tmp_path / "none")]) == 2
    finally:
        os.umask(before)
    assert "SUPERVISION_HOME" in capsys.readouterr().err
