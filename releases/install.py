"""Lays a release beside the others: its files compared with their hashes, its own environment, no network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from releases.layout import COMPLETE, MANIFEST, hashes_of, lock_name
from releases.machine import Failed, Machine
from releases.rules import differences, parse_manifest


def faults_of(folder: Path) -> list[str]:
    """What is wrong with the files of a release; none if they are as its manifest says."""
    try:
        promised = parse_manifest((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        return [f"its manifest cannot be read: {error}"]
    return differences(promised, hashes_of(folder))


def install(source: Path, machine: Machine, *, python: str = sys.executable) -> bool:
    """Lay the release in `source` into its folder; False if it is there already. Raises Failed."""
    faults = faults_of(source)
    if faults:
        raise Failed(f"{source} is damaged: {'; '.join(faults[:5])}")
    name = (source / "RELEASE").read_text("utf-8").strip()
    target = machine.layout.release(name)
    if (target / COMPLETE).exists():
        _lay_users_and_folders(target, machine)
        return False
    if target.resolve() != source.resolve():
        shutil.rmtree(target, ignore_errors=True)
        machine.layout.releases.mkdir(mode=0o755, parents=True, exist_ok=True)
        shutil.copytree(source, target, symlinks=True)
    _own(target)
    _make_environment(target, python)
    _lay_users_and_folders(target, machine)
    (target / COMPLETE).touch(0o644)
    return True


def _own(folder: Path) -> None:
    """Readable by all, to be written by whoever installs: root."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            os.chown(path, os.geteuid(), os.getegid())
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _make_environment(folder: Path, python: str) -> None:
    """Make `.venv` from the wheels of the release, each compared with its hash."""
    version = _run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    if not re.fullmatch(r"3\.\d+", version) or not (folder / "wheels" / lock_name(version)).exists():
        brought = [one.stem.removeprefix("python") for one in (folder / "wheels").glob("python*.lock")]
        raise Failed(f"this release brings wheels for Python {' and '.join(sorted(brought))}, not for {version}")
    environment = folder / ".venv"
    shutil.rmtree(environment, ignore_errors=True)
    _run([python, "-m", "venv", str(environment)])
    own = str(environment / "bin/python")
    install = [
        own,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-index",
        "--require-hashes",
    ]
    wheels = folder / "wheels"
    _run([*install, f"--find-links={wheels}", "-r", str(wheels / lock_name(version))])
    site = Path(_run([own, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
    (site / "supervision.pth").write_text(f"{folder}\n", "utf-8")  # our packages, wherever this Python is started
    _run(
        [own, "-m", "compileall", "-q", *(str(one) for one in folder.iterdir() if (one / "__init__.py").exists())]
    )


def _lay_users_and_folders(folder: Path, machine: Machine) -> None:
    for source, target in (("sysusers", machine.layout.sysusers), ("tmpfiles", machine.layout.tmpfiles)):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / f"systemd/supervision.{source}", target)
    machine.make_users_and_folders()


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_plain())
    if done.returncode != 0:
        said = " / ".join((done.stderr or done.stdout).strip().splitlines()[-4:])
        raise Failed(f"`{' '.join(command[:6])} …` ended with {done.returncode}: {said}")
    return done.stdout


def _plain() -> dict[str, str]:
    """No setting of pip's, and no variable that leads Python elsewhere."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": "/dev/null"}
