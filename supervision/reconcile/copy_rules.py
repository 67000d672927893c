"""What a copy of a recording consists of: its state, its parts, and the files that must be on disk.

Plain data.
"""

import enum
from dataclasses import dataclass


class CopyState(enum.StrEnum):
    """Where a copy stands, as recordings know it."""

    GROWING = "growing"
    FINAL = "final"
    READY = "ready"
    EMPTY = "empty"
    FAILED = "failed"
    DELETED = "deleted"


SEALED = frozenset({CopyState.READY, CopyState.EMPTY})


@dataclass(frozen=True)
class File:
    """A file that should be there: its name, the length it must have, and what is on the disk (None: no file).

    `wanted_bytes` None: it was begun, and its length is not known yet.
    """

    name: str
    wanted_bytes: int | None
    found_bytes: int | None


@dataclass(frozen=True)
class Unread:
    """A file that could not be looked at, since the disk did not say: in which folder, and why."""

    name: str
    folder: str
    why: str


@dataclass(frozen=True)
class SaidOfPart:
    """A part as the office announced it; `received`: all of it came in and had the right hash."""

    name: str
    length_bytes: int | None
    received: bool
