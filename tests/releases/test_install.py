"""A release is laid beside the others: only if it is whole, with its own wheels only, and twice is once."""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from releases import build
from releases import install as installing
from releases.install import install
from releases.layout import COMPLETE, MANIFEST, hashes_of, lock_name
from releases.machine import Failed
from releases.rules import manifest_text, parse_manifest
from tests.architecture.source import ROOT
from tests.releases.machines import OnPaper

pytestmark = pytest.mark.thorough

NAME = "1.0.0rc1+g0a1b2c3"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
METADATA = "Metadata-Version: 2.1\nName: chime\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def make_wheel(folder: Path) -> Path:
    """A package of one line, as a wheel."""
    wheel = folder / "chime-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("chime.py", "sound = 'ding'\n")
        made.writestr("chime-1.0.dist-info/METADATA", METADATA)
        made.writestr("chime-1.0.dist-info/WHEEL", WHEEL)
        made.writestr("chime-1.0.dist-info/RECORD", "chime.py,,\n")
    return wheel


def write_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text(manifest_text(hashes_of(folder)))


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A small release: one package of ours that imports one of others."""
    folder = tmp_path / "unpacked" / NAME
    (folder / "wheels").mkdir(parents=True)
    (folder / "ours").mkdir()
    (folder / "ours/__init__.py").write_text("import chime\n")
    (folder / "systemd").mkdir()
    for name in ("sysusers", "tmpfiles"):
        (folder / f"systemd/supervision.{name}").write_text("d /run/supervision\n")
    (folder / "RELEASE").write_text(f"{NAME}\n")
    digest = hashlib.sha256(make_wheel(folder / "wheels").read_bytes()).hexdigest()
    (folder / "wheels" / lock_name(PYTHON)).write_text(f"chime==1.0 \\\n    --hash=sha256:{digest}\n")
    write_manifest(folder)
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> OnPaper:
    return OnPaper(tmp_path / "machine")


def test_its_environment_has_its_wheels_and_its_code_without_a_network(unpacked: Path, machine: OnPaper) -> None:
    assert install(unpacked, machine)
    folder = machine.layout.release(NAME)
    python = folder / ".venv/bin/python"
    said = subprocess.run(
        [python, "-c", "import ours; print(ours.chime.sound)"], cwd="/", capture_output=True, text=True, check=True
    )
    assert said.stdout == "ding\n"
    assert not folder.stat().st_mode & 0o022
    assert machine.layout.tmpfiles.read_text() == "d /run/supervision\n"
    assert [one.name for one in machine.layout.installed()] == [NAME]
    assert not install(unpacked, machine), "it is there already"


def test_a_file_that_was_changed_on_the_way_is_found(unpacked: Path, machine: OnPaper) -> None:
    (unpacked / "ours/__init__.py").write_text("import os\n")
    with pytest.raises(Failed, match=r"ours/__init__\.py was changed"):
        install(unpacked, machine)
    assert machine.layout.installed() == []


def test_a_wheel_that_is_not_the_one_of_the_lock_is_refused(unpacked: Path, machine: OnPaper) -> None:
    with zipfile.ZipFile(unpacked / "wheels/chime-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("other.py", "")
    write_manifest(unpacked)
    with pytest.raises(Failed, match=r"(?i)hash"):
        install(unpacked, machine)
    assert machine.layout.installed() == []


def test_an_installation_that_was_broken_off_is_done_again(
    unpacked: Path, machine: OnPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "_make_environment", lambda _folder, _python: None)
    half = machine.layout.release(NAME)
    (half / "left over").mkdir(parents=True)
    assert install(unpacked, machine)
    assert not (half / "left over").exists()


def test_without_wheels_for_this_python_it_says_for_which_there_are(unpacked: Path, machine: OnPaper) -> None:
    (unpacked / "wheels" / lock_name(PYTHON)).rename(unpacked / "wheels" / lock_name("3.99"))
    write_manifest(unpacked)
    with pytest.raises(Failed, match=rf"for Python 3\.99, not for {PYTHON}"):
        install(unpacked, machine)


def test_the_archive_holds_what_a_machine_needs_and_nothing_of_development(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    make_wheel(wheels)
    monkeypatch.setattr(build, "fetch_wheels", lambda _python: wheels)
    archive = build.build(tmp_path, ["3.11"], NAME)
    assert archive.name == f"supervision-{NAME}.tar.gz"
    with tarfile.open(archive) as packed:
        members = {member.name.removeprefix(f"{NAME}/"): member for member in packed.getmembers()}
        manifest = packed.extractfile(f"{NAME}/{MANIFEST}")
        assert manifest is not None
        promised = parse_manifest(manifest.read().decode())
    files = {name for name, member in members.items() if member.isfile()}
    assert promised.keys() == files - {MANIFEST}
    assert files >= {
        "RELEASE",
        "ari_app/__main__.py",
        "docs/nginx-site.conf",
        "requirements.lock",
        "scripts/release.sh",
        "supervision/migrations/versions/0001_baseline.py",
        "systemd/supervision-worker.service",
        "web/static/vendor/wavesurfer/wavesurfer.esm.js",
        "web/translations/zh_Hans_CN/LC_MESSAGES/messages.mo",
        "wheels/chime-1.0-py3-none-any.whl",
    }
    assert {name.partition("/")[0] for name in files} & {"tests", "demo", "bench", "node_modules", ".git"} == set()
    assert {member.uname for member in members.values()} == {"root"}
    assert members["scripts/release.sh"].mode == 0o755
    assert COMPLETE not in files


@pytest.mark.parametrize("python", build.PYTHONS)
def test_each_python_of_a_machine_has_a_list_without_markers(python: str) -> None:
    lock = build.lock_for(python)
    assert " ; " not in lock
    assert sum(line.startswith("numpy==") for line in lock.splitlines()) == 1
    assert "tzdata" not in lock, "for Windows"


def test_the_program_runs_under_the_machines_own_python() -> None:
    command, environment = f"{ROOT}/scripts/release.sh", {"PATH": "/usr/bin:/bin"}
    said = subprocess.run([command, "--help"], capture_output=True, text=True, check=True, env=environment)
    assert "switch" in said.stdout
