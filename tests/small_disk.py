"""A small file system of one's own (ext4 in a file, by loop), which can be filled and relieved. It needs root."""

import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

MB = 1024 * 1024
BALLAST = "ballast"


def _run(*words: str) -> None:
    subprocess.run(words, capture_output=True, check=True)  # noqa: S603 - the machine's own programs


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
            return f"a small file system cannot be mounted here: {error.stderr.decode().strip()}"


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
        _run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(self._image))
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

    def fill(self, leave_bytes: int = 0) -> None:
        """Leave no more room than that, by a file that is nobody's."""
        room = os.statvfs(self.folder)
        wanted = room.f_bavail * room.f_frsize - leave_bytes
        with (self.folder / BALLAST).open("ab", buffering=0) as file:
            try:
                while wanted > 0:
                    wanted -= file.write(bytes(min(wanted, MB)))
                while not leave_bytes:
                    file.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def relieve(self) -> None:
        """Give the room back."""
        (self.folder / BALLAST).unlink()
