"""Durable writes of files and folders: what was written when a function returns survives a crash and a power cut.

A new name is durable only once its folder has been synced too; a file appears under its name whole or not at all.
"""

import errno
import os
import secrets
import stat
from pathlib import Path

PRIVATE = 0o600
_NO_FILE = {errno.ELOOP, errno.ENXIO, errno.EISDIR}  # a link, a socket, a folder that was to be written to


class NoRegularFile(FileNotFoundError):
    """There is something under that name, but no file that could be read: a link, a pipe, a folder."""


def make_folder(path: Path, mode: int = 0o700) -> None:
    """The folder, with all above it; each new one made known durably in the folder that holds it."""
    if path.is_dir():
        return
    make_folder(path.parent, mode)
    path.mkdir(mode=mode, exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes, at: int) -> None:
    """Write all of it at a place; the system may take a part at a time."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(handle, rest, at)
        rest, at = rest[written:], at + written


def open_file(path: Path | str, flags: int = os.O_RDONLY, *, folder: int | None = None) -> int:
    """Open a file in a folder that another user may write to; `path` is a name in `folder` where that is given.

    Whatever is no regular file is not there, NoRegularFile: a link would lead our user to a file of ours, and a
    pipe would hold us up. Raises OSError.
    """
    try:
        handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise NoRegularFile(errno.ENOENT, "no regular file", str(path)) from error
        raise
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise NoRegularFile(errno.ENOENT, "no regular file", str(path))


def size_of_file(path: Path) -> int | None:
    """The length of a regular file; None where there is none, as `open_file` sees it. Raises OSError."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def read_at(path: Path, at: int, most: int) -> bytes:
    """What a regular file holds from a place on, at most so many bytes. Raises OSError."""
    handle = open_file(path)
    try:
        return os.pread(handle, most, at)
    finally:
        os.close(handle)


def write_new(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """A new file; FileExistsError if the name is taken: nothing is ever overwritten."""
    fresh = _fresh(path, data, mode)
    try:
        path.hardlink_to(fresh)
    finally:
        fresh.unlink()
    sync_folder(path.parent)


def replace(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Put this in the file's place at once: who reads sees the old or the new."""
    _fresh(path, data, mode).replace(path)
    sync_folder(path.parent)


def _fresh(path: Path, data: bytes, mode: int) -> Path:
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        write_all(handle, data, 0)
        os.fsync(handle)
    except OSError:
        fresh.unlink()
        raise
    finally:
        os.close(handle)
    return fresh
