"""The copy of a recording while it grows: the spool at an office, what has come in at headquarters.

Nothing is read from beyond what counts: at headquarters that is what was acknowledged (decision 2).
"""

import os
import uuid
from pathlib import Path
from typing import Protocol

from supervision.archive.incoming import Incoming
from supervision.archive.refusals import Damaged
from supervision.errors import NotFound
from supervision.paths import HqPaths, PartName, Paths, probe_parts

BYTES_A_FRAME = 4


class GrowingCopy(Protocol):
    """Where the parts of calls in progress are found on this machine."""

    def names(self, office: str, call_id: uuid.UUID) -> list[PartName]:
        """The parts of a call that are here, in the order of their names."""

    def held(self, office: str, name: PartName) -> int:
        """How many bytes of a part can be heard, in whole frames; 0 if it is not here."""

    def read(self, office: str, name: PartName, at: int, most: int) -> bytes:
        """What can be heard from a byte on, at most so many bytes; nothing where there is no more yet."""


class SpoolCopy:
    """An office's own: what Asterisk has written to the spool."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def names(self, _office: str, call_id: uuid.UUID) -> list[PartName]:
        """The parts of a call in the spool."""
        return probe_parts(call_id, lambda name: self._paths.part(name).exists())

    def held(self, _office: str, name: PartName) -> int:
        """What is in the file."""
        try:
            return _frames(self._paths.part(name).stat().st_size)
        except FileNotFoundError:
            return 0

    def read(self, office: str, name: PartName, at: int, most: int) -> bytes:
        """Of what is in the file."""
        return _read(self._paths.part(name), at, min(most, self.held(office, name) - at))


class IncomingCopy:
    """Headquarters': what offices have sent and was acknowledged."""

    def __init__(self, paths: HqPaths) -> None:
        self._paths = paths
        self._incoming = Incoming(paths)

    def names(self, office: str, call_id: uuid.UUID) -> list[PartName]:
        """The parts of a call that have begun to come."""
        return probe_parts(call_id, lambda name: self._paths.incoming_offset(office, name).exists())

    def held(self, office: str, name: PartName) -> int:
        """What is durable; nothing of a part whose offset cannot be believed."""
        try:
            return _frames(self._incoming.state(office, name).offset)
        except (NotFound, Damaged):
            return 0

    def read(self, office: str, name: PartName, at: int, most: int) -> bytes:
        """Of what is durable."""
        return _read(self._paths.incoming_part(office, name), at, min(most, self.held(office, name) - at))


def _frames(size: int) -> int:
    return size - size % BYTES_A_FRAME


def _read(path: Path, at: int, most: int) -> bytes:
    if most <= 0:
        return b""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(handle, _frames(most), at)
    finally:
        os.close(handle)
