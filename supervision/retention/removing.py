"""Removing files: the sealed copy with its peaks, and raw parts. Done again it is the same; no database here."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from supervision.disk import sync_folder
from supervision.parts.store import part_store
from supervision.paths import PartName, Paths
from supervision.retention.claims import Doomed
from supervision.settings import Mode


@dataclass(frozen=True)
class Remover:
    """Knows where the files of one machine are: a node's spool, or what came in at headquarters."""

    home: Path
    mode: Mode

    def remove_recording(self, doomed: Doomed) -> None:
        """All audio of a recording: the sealed copy, its peaks, its raw parts. Durable when it returns."""
        paths = Paths(self.home)
        sealed = paths.sealed(doomed.call_id, doomed.offered_at)
        for path in (sealed, paths.peaks(doomed.call_id, doomed.offered_at)):
            path.unlink(missing_ok=True)
        if sealed.parent.is_dir():
            for left in sealed.parent.glob(f".{doomed.call_id}.*.tmp"):
                left.unlink(missing_ok=True)
            sync_folder(sealed.parent)
        self.remove_parts(doomed.office_code, doomed.parts)

    def remove_parts(self, office_code: str, names: Iterable[str]) -> None:
        """Raw parts; at headquarters what they were stays known, so that none is ever taken in again."""
        parts = [part for name in names if (part := PartName.parse(name)) is not None]
        part_store(self.home, self.mode).remove(office_code, parts)
