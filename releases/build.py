"""Makes the archive of a release, from what Git has and what was made of it: `make release`.

It holds the code, the browser's scripts, the compiled translations, and the wheels for each Python of a machine,
which so needs no registry. The wheels are those of the lock: pip compares each with its hashes here, and again on
the machine.
"""

import argparse
import contextlib
import gzip
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from packaging.markers import Marker, default_environment

from releases.layout import MANIFEST, hashes_of, lock_name
from releases.rules import is_release, manifest_text, markers_of, wheels_for

ROOT = Path(__file__).resolve().parents[1]
TAKEN = (
    "ari_app",
    "asterisk",
    "docker",
    "docs",
    "releases",
    "supervision",
    "systemd",
    "web",
    "scripts/release.sh",
)
TAKEN_FILES = re.compile(
    r"CHANGELOG\.md|LICENSE|README.*\.md|SECURITY\.md|alembic\.ini|pyproject\.toml|schema\.sql"
)
TAKEN_LOCKS_AND_PROOFS = re.compile(r"requirements\.lock|verify_\w+\.py")
MADE = ("web/static/vendor/**/*", "web/translations/**/*.mo")
PYTHONS = ("3.11", "3.13")  # of Debian 12 and 13
GLIBC = 36  # Debian 12 has 2.36


def git(*words: str) -> str:
    """What Git answers."""
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def release_name() -> str:
    """The version, and of which commit; `.modified` where the files differ from it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    modified = ".modified" if git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{version}+g{git('rev-parse', '--short=7', 'HEAD').strip()}{modified}"


def taken() -> list[Path]:
    """The files of a release, relative to the repository: of Git's, and what was made of them."""
    tracked = [name for name in git("ls-files", "-z").split("\0") if name]
    code = [Path(name) for name in tracked if name.startswith(tuple(f"{one}/" for one in TAKEN)) or name in TAKEN]
    rest = [
        Path(name) for name in tracked if TAKEN_FILES.fullmatch(name) or TAKEN_LOCKS_AND_PROOFS.fullmatch(name)
    ]
    made = [path.relative_to(ROOT) for pattern in MADE for path in ROOT.glob(pattern) if path.is_file()]
    if not any(path.suffix == ".mo" for path in made) or not any(path.suffix == ".js" for path in made):
        raise FileNotFoundError("no browser's scripts or no compiled translations: run make setup")
    return sorted({*code, *rest, *made})


def fill(folder: Path, name: str) -> None:
    """Copy a release's files into an empty folder, and write down its name."""
    for path in taken():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
        target.chmod(0o755 if (ROOT / path).stat().st_mode & 0o100 else 0o644)
    (folder / "RELEASE").write_text(f"{name}\n", "utf-8")


def platforms() -> list[str]:
    """The kinds of wheels that run on the oldest machine that we support, the newest first."""
    machine = platform.machine()
    newer = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)]
    return [*newer, f"manylinux2014_{machine}", f"linux_{machine}"]


def lock_for(python: str) -> str:
    """The packages of a Python of that version, hash-locked, without markers."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    environment = {**default_environment(), "python_version": python, "python_full_version": f"{python}.0"}
    return wheels_for(
        lock, {one: Marker(one).evaluate(cast("dict[str, str]", environment)) for one in markers_of(lock)}
    )


def fetch_wheels(python: str) -> Path:
    """A folder with the wheels for that Python, each compared with the lock, and their list; they are kept."""
    lock = lock_for(python)
    kept = ROOT / ".runtime/wheels" / f"{python}-{hashlib.sha256(lock.encode()).hexdigest()[:16]}"
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as temporary:
        folder = Path(temporary) / "wheels"
        folder.mkdir()
        file = folder / lock_name(python)
        file.write_text(lock, "utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--implementation=cp", f"--python-version={python}"]
        command += [f"--platform={one}" for one in platforms()]
        subprocess.run(
            [*command, "-r", str(file), "-d", str(folder)], check=True, stderr=subprocess.PIPE, text=True
        )
        with contextlib.suppress(OSError):  # another was first
            folder.rename(kept)
    return kept


def pack(folder: Path, archive: Path, at: int) -> None:
    """Write a folder as an archive, the same bytes for the same files."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_name(f".{archive.name}.new")

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = at
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with (
        unfinished.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        tar.add(folder, folder.name, filter=plain)
    unfinished.replace(archive)


def build(out: Path, pythons: Sequence[str] = PYTHONS, name: str | None = None) -> Path:
    """Make the archive in a folder; its path."""
    name = name or release_name()
    if not is_release(name):
        raise ValueError(f"not the name of a release: {name!r}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        folder.mkdir(mode=0o755)
        fill(folder, name)
        for python in pythons:
            shutil.copytree(fetch_wheels(python), folder / "wheels", dirs_exist_ok=True)
        (folder / MANIFEST).write_text(manifest_text(hashes_of(folder)), "utf-8")
        archive = out / f"supervision-{name}.tar.gz"
        pack(folder, archive, int(git("log", "-1", "--format=%ct").strip()))
    return archive


def main() -> int:
    """Make the archive, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m releases.build", description="make the archive of a release")
    parser.add_argument("--out", type=Path, default=ROOT / ".runtime/release", help="default: .runtime/release")
    parser.add_argument("--python", action="append", help=f"3.11 or 3.13; default: {' and '.join(PYTHONS)}")
    given = parser.parse_args()
    try:
        archive = build(given.out, given.python or PYTHONS)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{' '.join(map(str, error.cmd[:6]))} …: {error.stderr or ''}\n")
        return 1
    sys.stdout.write(f"{archive}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
