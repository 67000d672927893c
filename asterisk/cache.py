"""The git-ignored folder for what is made once and used often: the PBX root, prompts, voices.

`SUPERVISION_RUNTIME` names another folder, so that several checkouts and CI share one.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


class MissingPart(RuntimeError):
    """Something that this machine would need is not there; the message says what, and what to do."""


def cache_folder() -> Path:
    """`.runtime` beside the code, or where `SUPERVISION_RUNTIME` points; it exists."""
    named = os.environ.get("SUPERVISION_RUNTIME")
    folder = Path(named).absolute() if named else REPOSITORY / ".runtime"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process at a time is inside for one path; the others wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder, filled the first time it is asked for.

    It is filled under another name and then renamed, behind a lock, so it is either whole or not there.
    """
    if folder.is_dir():
        return folder
    with locked(folder.with_name(folder.name + ".lock")):
        if folder.is_dir():
            return folder
        unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}.unfinished-", dir=folder.parent))
        try:
            fill(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return folder


def program(name: str, package: str) -> str:
    """The full path of a program. Raises MissingPart naming the Debian package that brings it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin")
    if found is None:
        raise MissingPart(f"{name} is not installed: apt-get install {package}")
    return found


def output_of(command: Sequence[str | Path], *, timeout_s: float = 60) -> str:
    """What a program prints, as text. Raises MissingPart with the end of its complaint if it fails."""
    return bytes_of(command, timeout_s=timeout_s).decode("utf-8", "replace")


def bytes_of(command: Sequence[str | Path], given: bytes = b"", *, timeout_s: float = 60) -> bytes:
    """What a program puts out for what it is given, in bytes; fails likewise."""
    # The words are ours or come from this machine's own configuration, and no shell sees them.
    done = subprocess.run(command, input=given, capture_output=True, timeout=timeout_s, check=False)  # noqa: S603
    if done.returncode != 0:
        complaint = done.stderr.decode("utf-8", "replace").strip()[-800:]
        raise MissingPart(f"{Path(command[0]).name} failed with {done.returncode}: {complaint}")
    return done.stdout
