"""What scripts/setup.sh installs for production: nothing of development, and a current setuptools."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([a-z0-9.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9.-]+")
STUB = """#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *purelib*) echo "$PWD/.venv" ;;
esac
"""


def installed(folder: Path, purpose: str) -> str:
    """What the script has done by Python and npm, which here only write down how they are called."""
    (folder / "scripts").mkdir(parents=True)
    for name in ("scripts/setup.sh", "requirements.lock", "requirements-dev.lock", "package-lock.json"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "scripts/vendor.mjs", folder / "scripts")
    (folder / "bin").mkdir()
    (folder / "node_modules").mkdir()
    for name in ("python3.13", "npm", "node", "espeak-ng", "nginx"):
        (folder / "bin" / name).write_text(STUB)
        (folder / "bin" / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "LOG": str(folder / "log")}
    command = ["bash", str(folder / "scripts/setup.sh"), purpose]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return (folder / "log").read_text()


def pins(lock: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / lock).read_text("utf-8")))


@pytest.mark.skipif(
    not Path("/usr/share/fonts/opentype/noto").is_dir(), reason="setup.sh would install Debian's fonts-noto-cjk"
)
def test_production_installs_no_development_packages(tmp_path: Path) -> None:
    done = installed(tmp_path, "production")
    assert "-r requirements.lock" in done
    assert "requirements-dev.lock" not in done
    assert "npm ci --omit=dev" in done


def test_what_production_installs_holds_nothing_of_development() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    development = {NAME.match(one)[0].lower() for one in project["optional-dependencies"]["dev"]}  # type: ignore[index]
    assert development >= {"pytest", "playwright", "mypy"}
    assert development & pins("requirements.lock").keys() == set()
    assert development <= pins("requirements-dev.lock").keys() | {"types-pyyaml"}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_setup_brings_a_current_setuptools(lock: str) -> None:
    assert int(pins(lock)["setuptools"].split(".")[0]) >= 80
