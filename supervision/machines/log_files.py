"""Asterisk's text logs, kept small.

Asterisk runs as another user, who may write to this folder; what it plants there, a link to a file of ours say, is
neither read nor written, and no name is overwritten.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from supervision.disk import open_file

ROTATED = ("verbose.log", "messages", "security.log")
MOST_BYTES = 32 * 2**20
KEPT = 4
MODE = 0o640


def rotate_logs(folder: Path, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> list[str]:
    """Copy aside and empty the logs in Asterisk's folder that have grown too large; their names.

    Asterisk appends to them, so it goes on writing to the same file, and needs no command. Its CDR, CEL and
    `queue_log` are witnesses of calls, not texts, and are left alone.
    """
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    try:
        return [name for name in ROTATED if _rotate(opened, name, most_bytes, kept)]
    finally:
        os.close(opened)


def _rotate(folder: int, name: str, most_bytes: int, kept: int) -> bool:
    try:
        handle = open_file(name, os.O_RDWR, folder=folder)
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "r+b") as file:
        if os.fstat(handle).st_size <= most_bytes:
            return False
        numbered = [f"{name}.{n}" for n in range(1, kept + 1)]
        try:
            _move_on(folder, numbered)
            copy = os.open(numbered[0], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE, dir_fd=folder)
            with os.fdopen(copy, "wb") as copied:
                shutil.copyfileobj(file, copied)
        except OSError:
            with suppress(OSError):
                os.unlink(numbered[0], dir_fd=folder)  # on a full disk a log gives way to recordings
        file.truncate(0)
    return True


def _move_on(folder: int, numbered: Sequence[str]) -> None:
    for newer, older in reversed(list(pairwise(numbered))):
        with suppress(FileNotFoundError):
            os.replace(newer, older, src_dir_fd=folder, dst_dir_fd=folder)
    with suppress(FileNotFoundError):
        os.unlink(numbered[0], dir_fd=folder)
