"""The units: read without fault by systemd itself, in a sandbox as tight as promised, and none of them root's."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

FOLDER = ROOT / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".service", ".target", ".path", ".timer"})
OURS_AT_MOST, ASTERISK_AT_MOST = 2.0, 5.0
# Newer than Debian 12's systemd 252, which passes over them: it waits RestartSec each time.
NEWER = {"RestartSteps", "RestartMaxDelaySec"}
RUNS_SYSTEMCTL = {"supervision-certificates.service"}
CURRENT = "/opt/supervision/current"
SAYS_ALIVE = {"supervision-control", "supervision-uplink", "supervision-worker"}

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze (systemd) is missing")


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    """What systemd says of a unit that it has not loaded."""
    command = [shutil.which("systemd-analyze") or "systemd-analyze", *map(str, arguments)]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def exposure(unit: Path) -> float:
    """By how much a service is exposed, from 0 to 10."""
    said = analyze("security", "--offline=yes", "--no-pager", unit).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


def directives(unit: Path, section: str = "Service") -> dict[str, list[str]]:
    """A section's directives, each with all its values."""
    found: dict[str, list[str]] = {}
    text = unit.read_text("utf-8").partition(f"[{section}]\n")[2].partition("\n[")[0]
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def test_each_service_is_sandboxed_as_promised(capsys: pytest.CaptureFixture[str]) -> None:
    found = {unit.name: exposure(unit) for unit in SERVICES}
    with capsys.disabled():
        sys.stdout.write("\nsystemd-analyze security:\n")
        sys.stdout.writelines(f"  {level:4.1f}  {name}\n" for name, level in found.items())
    asterisk = found.pop("supervision-asterisk.service")
    assert asterisk <= ASTERISK_AT_MOST
    assert {name: level for name, level in found.items() if level > OURS_AT_MOST} == {}


def test_systemd_finds_no_fault_in_any_unit(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(f"{CURRENT}/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text.replace(CURRENT, str(ROOT)), "utf-8")
    said = analyze("verify", "--man=no", *(tmp_path / unit.name for unit in UNITS)).stderr
    of_ours = [line for line in said.splitlines() if "supervision" in line]
    unknown = re.compile(r"Unknown key(?: name)? '(\w+)' in section")
    assert [one for one in of_ours if not ((key := unknown.search(one)) and key[1] in NEWER)] == []


def test_no_process_of_ours_is_roots() -> None:
    users = {unit.name: directives(unit).get("User") for unit in SERVICES if unit.name not in RUNS_SYSTEMCTL}
    assert users.pop("supervision-asterisk.service") == ["asterisk"]
    assert [name for name, user in users.items() if user != ["supervision"]] == []
    for name in RUNS_SYSTEMCTL:
        assert all(line.startswith("/usr/bin/systemctl ") for line in directives(FOLDER / name)["ExecStart"])


def test_no_unit_of_ours_lies_where_it_is_not_held_to_this() -> None:
    elsewhere = [one for kind in ("service", "timer") for one in (ROOT / "ansible").rglob(f"supervision*.{kind}")]
    assert elsewhere == []


def test_asterisk_sees_of_the_home_its_own_folders_and_the_spool_only() -> None:
    found = directives(FOLDER / "supervision-asterisk.service")
    assert found["TemporaryFileSystem"] == ["/srv/supervision:ro"]
    assert found["BindPaths"] == ["/srv/supervision/asterisk /srv/supervision/spool"]


def test_asterisk_has_none_of_the_settings() -> None:
    found = directives(FOLDER / "supervision-asterisk.service")
    assert "EnvironmentFile" not in found
    assert found["InaccessiblePaths"] == ["-/etc/supervision"]
    assert "SUPERVISION_HOME=/srv/supervision" in found["Environment"]


def test_the_passwords_of_the_second_place_are_for_the_backups_alone() -> None:
    given = {
        unit.name
        for unit in SERVICES
        if "-/etc/supervision/backup.env" in directives(unit).get("EnvironmentFile", [])
    }
    assert given == {unit.name for unit in FOLDER.glob("supervision-backup*.service")}


def test_each_unit_waits_for_the_volume_and_comes_back_again_and_again() -> None:
    for unit in SERVICES:
        found, of_unit = directives(unit), directives(unit, "Unit")
        if found["Type"] == ["notify"]:
            assert of_unit["RequiresMountsFor"] == ["/srv/supervision"], unit.name
            assert of_unit["StartLimitIntervalSec"] == ["0"], unit.name
            assert found["Restart"] == ["always"], unit.name
            assert found.keys() >= NEWER, unit.name


def test_each_that_can_say_that_it_is_alive_is_asked_to() -> None:
    assert {unit.stem for unit in SERVICES if "WatchdogSec" in directives(unit)} == SAYS_ALIVE


def test_each_unit_runs_a_module_that_there_is() -> None:
    for unit in SERVICES:
        for command in directives(unit)["ExecStart"]:
            program, *words = command.split()
            if program != "/usr/bin/systemctl":
                assert program == f"{CURRENT}/.venv/bin/python", unit.name
                module = Path(*words[words.index("-m") + 1].split("."))
                names = (module.with_suffix(".py"), module / "__main__.py")
                assert module.name == "gunicorn" or any((ROOT / name).is_file() for name in names), unit.name
