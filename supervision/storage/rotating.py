"""Asterisk's own text logs are kept small: copied aside and emptied once they are large.

Asterisk appends to them, so it goes on writing to the same file, and needs no command. Its CDR, CEL and
`queue_log` are witnesses of calls, not texts, and are left alone.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

ROTATED = ("verbose.log", "messages")
MOST_BYTES = 32 * 2**20
KEPT = 4


def rotate_logs(folder: Path, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> list[str]:
    """Rotate the logs in Asterisk's folder that have grown too large; their names."""
    return [name for name in ROTATED if _rotate(folder / name, most_bytes, kept)]


def _rotate(file: Path, most_bytes: int, kept: int) -> bool:
    try:
        if file.stat().st_size <= most_bytes:
            return False
    except FileNotFoundError:
        return False
    numbered = [file.with_name(f"{file.name}.{n}") for n in range(1, kept + 1)]
    _move_on(numbered)
    try:
        shutil.copyfile(file, numbered[0])
    except OSError:
        with suppress(OSError):
            numbered[0].unlink(missing_ok=True)  # on a full disk a log gives way to recordings
    with file.open("r+b") as emptied:
        emptied.truncate(0)
    return True


def _move_on(numbered: Iterable[Path]) -> None:
    older = list(numbered)
    for newer, next_older in reversed(list(pairwise(older))):
        if newer.exists():
            newer.replace(next_older)
