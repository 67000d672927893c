"""A small file system of one's own (ext4 in a file, by loop): filled and relieved, sick and well. It needs root.

A sick one is the kernel's own EIO: the loop device is made to end behind the file system's tables, so that what is
beyond can be neither read nor made durable, until the device has its whole length again.
"""

import contextlib
import errno
import fcntl
import functools
import itertools
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

MB = 1024 * 1024
BALLAST = "ballast"
WELL = 0  # no limit to what is used of the file
_TABLES_BYTES = 4 * MB
_GET_STATUS, _SET_STATUS = 0x4C05, 0x4C04  # linux/loop.h
_STATUS_BYTES, _LIMIT_AT = 232, 32


def _run(*words: str) -> str:
    return subprocess.run(words, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603


@functools.cache
def missing() -> str:
    """What is missing here to mount one; empty if nothing is."""
    if os.geteuid() != 0:
        return "mounting a small file system needs root"
    if shutil.which("mkfs.ext4") is None:
        return "mkfs.ext4 is not installed (Debian: e2fsprogs)"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with SmallDisk(Path(folder), "try", 4 * MB):
                return ""
        except subprocess.CalledProcessError as error:
            return f"a small file system cannot be mounted here: {error.stderr.strip()}"


class SmallDisk:
    """A file system of so many bytes, mounted at `folder` while the block lasts."""

    def __init__(self, home: Path, name: str, size_bytes: int) -> None:
        self.folder = home / name
        self._image = home / f"{name}.ext4"
        self._size_bytes = size_bytes

    def __enter__(self) -> Self:
        self.folder.mkdir()
        with self._image.open("wb") as file:
            file.truncate(self._size_bytes)
        _run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal,^dir_index", str(self._image))
        _run("mount", "-o", "loop", str(self._image), str(self.folder))
        (self.folder / "lost+found").rmdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            _run("umount", str(self.folder))
            return
        _run("umount", "--lazy", str(self.folder))

    def fill(self, leave_percent: int = 0) -> None:
        """Leave no more room than that, by a file that is nobody's."""
        room = os.statvfs(self.folder)
        leave = (room.f_blocks - room.f_bfree + room.f_bavail) * leave_percent // 100
        wanted = (room.f_bavail - leave) * room.f_frsize
        with (self.folder / BALLAST).open("ab", buffering=0) as file:
            try:
                while wanted > 0:
                    wanted -= file.write(bytes(min(wanted, MB)))
                while not leave_percent:
                    file.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def fill_names(self) -> None:
        """Leave no room for the name of another part in its topmost folder; the disk is full already."""
        for n in itertools.count():
            try:
                (self.folder / f"{BALLAST}.{n:032}").touch()  # shorter than a part's
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return

    def relieve(self) -> None:
        """Give the room back."""
        for path in self.folder.glob(f"{BALLAST}*"):
            path.unlink()

    def sicken(self) -> None:
        """From now on nothing can be made durable, and what was durable cannot be read."""
        with self._forgotten():
            self._use(_TABLES_BYTES)

    def heal(self) -> None:
        """Let all of it be there again, and what was in memory only be forgotten, as after a power cut."""
        self._use(WELL)
        with self._forgotten():
            pass

    @contextlib.contextmanager
    def _forgotten(self) -> Iterator[None]:
        """What its files hold in memory is dropped in the end, as far as it need not be written any more."""
        with contextlib.ExitStack() as files:
            found = []
            for path in [path for path in self.folder.rglob("*") if path.is_file()]:
                with contextlib.suppress(FileNotFoundError):
                    found.append(files.enter_context(path.open("rb")))
            yield
            for file in found:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def _use(self, length: int) -> None:
        device = os.open(_run("findmnt", "-no", "SOURCE", "--target", str(self.folder)), os.O_RDWR)
        try:
            status = bytearray(_STATUS_BYTES)
            fcntl.ioctl(device, _GET_STATUS, status)
            struct.pack_into("Q", status, _LIMIT_AT, length)
            fcntl.ioctl(device, _SET_STATUS, status)
        finally:
            os.close(device)
