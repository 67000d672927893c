"""Asking the file systems how much room they have."""

import os
from collections.abc import Mapping
from pathlib import Path

from supervision.paths import HqPaths, Paths
from supervision.storage.rules import Volume


def folders_of(home: Path, *, headquarters: bool) -> Mapping[str, Path]:
    """Our folders that fill, by the names under which their file systems are spoken of."""
    node = Paths(home)
    ours = {"home": home, "archive": node.archive}
    return ours | ({"incoming": HqPaths(home).incoming} if headquarters else {"spool": node.spool})


def volumes(folders: Mapping[str, Path]) -> list[Volume]:
    """The file systems of these folders, each once, named after the first of them there.

    A folder that is not there yet will be on the file system of the one above. Raises OSError.
    """
    found: dict[int, Volume] = {}
    for name, folder in folders.items():
        path = next(one for one in (folder, *folder.parents) if one.exists())
        told = os.statvfs(path)
        volume = Volume(
            name,
            total_bytes=(told.f_blocks - told.f_bfree + told.f_bavail) * told.f_frsize,
            free_bytes=told.f_bavail * told.f_frsize,
            read_only=bool(told.f_flag & os.ST_RDONLY),
        )
        found.setdefault(path.stat().st_dev, volume)
    return list(found.values())
