"""The files of this machine and its mode: headquarters compares all offices, a node its own (decision 4)."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from supervision.parts.store import PartStore, part_store
from supervision.paths import HqPaths, Paths, is_office_code
from supervision.settings import Mode, Settings


@dataclass(frozen=True)
class Site:
    """One machine's files: its archive, and where an office's parts are on it (the spool, or what came in)."""

    mode: Mode
    paths: Paths
    parts: PartStore

    @classmethod
    def of(cls, settings: Settings) -> "Site":
        """The site that a machine is, by its settings."""
        return cls(settings.mode, Paths(settings.home), part_store(settings.home, settings.mode))

    @property
    def at_headquarters(self) -> bool:
        """Whether this is where the copies of all offices come together."""
        return self.mode is Mode.HQ

    def part_folders(self, own_code: str) -> Iterator[tuple[str, Path]]:
        """Each office's code, with the folder in which its parts are on this machine."""
        if not self.at_headquarters:
            yield own_code, self.paths.spool
            return
        incoming = HqPaths(self.paths.home).incoming
        with contextlib.suppress(OSError):
            for folder in sorted(incoming.iterdir()):
                if is_office_code(folder.name):
                    yield folder.name, folder


def size_of(path: Path) -> int | None:
    """A file's length; None where there is none. Raises OSError where the disk does not say."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def sizes_in(folder: Path) -> Iterator[tuple[str, int]]:
    """Names and lengths of the files in a folder; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    yield entry.name, entry.stat().st_size
                except OSError:
                    continue
    except OSError:
        return
