"""An office's own parts: what Asterisk has written to the spool."""

import uuid
from collections.abc import Iterable
from pathlib import Path

from supervision import disk
from supervision.parts.rules import whole_frames
from supervision.paths import PartName, Paths, probe_parts


class OfficeSpool:
    """The store of parts at an office."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def path(self, _office: str, name: PartName) -> Path:
        """The file in the spool."""
        return self._paths.part(name)

    def names(self, _office: str, call_id: uuid.UUID) -> list[PartName]:
        """The parts of a call in the spool."""
        return probe_parts(call_id, lambda name: self._paths.part(name).exists())

    def held(self, _office: str, name: PartName) -> int:
        """What is in the file."""
        return whole_frames(disk.size_of_file(self._paths.part(name)) or 0)

    def read(self, office: str, name: PartName, at: int, most: int) -> bytes:
        """Of what is in the file."""
        ready = whole_frames(min(most, self.held(office, name) - at))
        return disk.read_at(self._paths.part(name), at, ready) if ready > 0 else b""

    def remove(self, _office: str, names: Iterable[PartName]) -> None:
        """Remove the files."""
        parts = list(names)
        for name in parts:
            self._paths.part(name).unlink(missing_ok=True)
        if parts and self._paths.spool.is_dir():
            disk.sync_folder(self._paths.spool)
