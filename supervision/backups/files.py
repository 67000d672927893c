"""Which files of a machine are backed up, and how: each by its hash, or many small ones in one piece."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from supervision.paths import BackupPaths, HqPaths, Paths
from supervision.settings import Mode

# Beside the parts that offices send: read before their bytes, which may only be more by then.
_BESIDE_PARTS = (".offset", ".final", ".away")
SECRET_MODE = 0o600


@dataclass(frozen=True)
class Found:
    """A file as it was when looked at. `path` is relative to the home."""

    path: str
    size_bytes: int
    mtime_ns: int
    mode: int


def large_files(home: Path, mode: Mode) -> Iterator[Found]:
    """Those that are kept each by its hash: recordings and waveforms, raw parts, attachments, own prompts."""
    node, hq = Paths(home), HqPaths(home)
    more = (hq.attachments, hq.incoming) if mode is Mode.HQ else (node.spool, node.asterisk_lib)
    folders = [node.archive, *more]
    for folder in folders:
        yield from (one for one in _below(home, folder) if not one.path.endswith(_BESIDE_PARTS))


def state_files(home: Path, mode: Mode) -> Iterator[Found]:
    """Small ones and Asterisk's own logs, in one piece; before the others, so that these have all it names."""
    node, hq = Paths(home), HqPaths(home)
    yield from _one(home, node.office_file)
    if mode is Mode.HQ:
        yield from (one for one in _below(home, hq.incoming) if one.path.endswith(_BESIDE_PARTS))
        key = BackupPaths(home).relative(hq.ca.key)
        yield from (one for one in _below(home, hq.ca.folder) if one.path != key)
    else:
        logs = _below(home, node.asterisk_log)
        databases = BackupPaths(home).relative(node.cel)
        yield from (one for one in logs if not one.path.startswith(databases))


def secret_files(home: Path, mode: Mode) -> Iterator[Found]:
    """Those that are kept apart: secrets, certificates' keys. Never what shares were given for (decision 13)."""
    node, hq = Paths(home), HqPaths(home)
    given = BackupPaths(home).relative(node.given_since.parent)
    yield from (one for one in _below(home, node.secrets) if not one.path.startswith(f"{given}/"))
    yield from _below(home, node.to_hq.folder)
    if mode is Mode.HQ:
        yield from _one(home, hq.ca.key)


def hash_file(path: Path, most: int) -> tuple[str, int]:
    """The SHA-256 of a file's first bytes, and how many these were. Raises OSError."""
    digest, left = hashlib.sha256(), most
    with path.open("rb") as file:
        while left and (data := file.read(min(left, 2**20))):
            digest.update(data)
            left -= len(data)
    return digest.hexdigest(), most - left


def pack(home: Path, found: Iterable[Found], file: IO[bytes]) -> dict[str, int]:
    """Write files as a tar archive; what went in, with its length. What is gone meanwhile is left out."""
    packed: dict[str, int] = {}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for one in found:
            try:
                data = BackupPaths(home).restored(one.path).read_bytes()
            except FileNotFoundError:
                continue
            about = tarfile.TarInfo(one.path)
            about.size, about.mode, about.mtime = len(data), one.mode, one.mtime_ns // 10**9
            archive.addfile(about, io.BytesIO(data))
            packed[one.path] = len(data)
    return packed


def unpack(home: Path, archive: Path) -> dict[str, int]:
    """Put the files of a tar archive in their places; which, with their lengths. Raises ValueError, OSError."""
    found: dict[str, int] = {}
    with tarfile.open(archive, "r:") as packed:
        for member in packed:
            source = packed.extractfile(member) if member.isfile() else None
            if source is None:
                raise ValueError(f"not a file: {member.name!r}")
            place(home, member.name, source.read(), member.mode)
            found[member.name] = member.size
    return found


def place(home: Path, relative: str, data: bytes, mode: int) -> None:
    """Write a restored file, readable by whom it was readable."""
    path = BackupPaths(home).restored(relative)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, SECRET_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        os.fchmod(handle, mode & 0o777)


def _below(home: Path, folder: Path) -> Iterator[Found]:
    """All regular files below a folder, in the order of their names; none where there is no such folder."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not name.startswith("."):  # a file that is being written, not in its place yet
                yield from _one(home, Path(parent, name))


def _one(home: Path, path: Path) -> Iterator[Found]:
    try:
        stat = path.lstat()
    except FileNotFoundError:
        return
    if path.is_file() and not path.is_symlink():
        relative = BackupPaths(home).relative(path)
        yield Found(relative, stat.st_size, stat.st_mtime_ns, stat.st_mode & 0o777)
