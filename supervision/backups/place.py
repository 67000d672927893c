"""The second place: a directory, a machine reached by SSH, or S3, by one URL. The only module that knows fsspec.

A name is there whole or not at all: it is written under another name and moved; S3 does the same by itself.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import IO, Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from supervision.errors import DomainError, InvalidInput, Unavailable

_UNFINISHED = ".unfinished"
_OBJECT_STORES = {"s3", "s3a"}
PROTOCOLS = {"file", "local", "sftp", "ssh", "memory", *_OBJECT_STORES}


class Place:
    """The part of the second place that belongs to one machine. Methods raise Unavailable."""

    def __init__(self, url: str, machine: str = "") -> None:
        """Raises InvalidInput for a URL of another kind."""
        protocol = url.partition("://")[0] if "://" in url else "file"
        if not url or protocol not in PROTOCOLS:
            found = f"{protocol}://…" if url else "it is empty"  # no more: it may hold a password
            raise InvalidInput("backup_url", f"not a second place: {found}", "file:///…, sftp://… or s3://…")
        if protocol in {"sftp", "ssh"}:
            from supervision.backups import ssh  # noqa: PLC0415 - half a second, and only where it is used

            ssh.register()
        with _reached():
            self._files, root = fsspec.url_to_fs(url)
        self._is_here = isinstance(self._files, LocalFileSystem)
        self._moves = protocol not in _OBJECT_STORES
        self._root = f"{root.rstrip('/')}/{machine}" if machine else root.rstrip("/")

    def machines(self) -> list[str]:
        """The machines that have backups here; for a place of all."""
        with _reached():
            if not self._files.exists(self._root):
                return []
            found = self._files.ls(self._root, detail=False)
        return sorted(name.rstrip("/").rpartition("/")[2] for name in found)

    def sizes(self, folder: str) -> Mapping[str, int]:
        """What is in a folder, by name from this machine's root, with its length."""
        with _reached():
            self._files.invalidate_cache()
            if not self._files.exists(f"{self._root}/{folder}"):
                return {}
            found: dict[str, dict[str, Any]] = self._files.find(f"{self._root}/{folder}", detail=True)
        cut = len(self._files._strip_protocol(self._root)) + 1
        sizes = {name[cut:]: int(about["size"]) for name, about in found.items()}
        return {name: size for name, size in sizes.items() if not name.endswith(_UNFINISHED)}

    def put(self, name: str, write: Callable[[IO[bytes]], None]) -> None:
        """Have something written there under a name; what was there before is replaced."""
        path = f"{self._root}/{name}"
        fresh = path + _UNFINISHED if self._moves else path
        with _reached():
            if self._moves:
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self._files.open(fresh, "wb") as file:
                write(file)
                if self._is_here:  # so that it survives a power cut; other places do that by themselves
                    file.flush()
                    os.fsync(file.fileno())
            if self._moves:
                self._replace(fresh, path)

    def put_bytes(self, name: str, data: bytes) -> None:
        """The same for what is in memory."""
        self.put(name, lambda file: _write(file, data))

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Read something back. Raises FileNotFoundError, too."""
        with _reached():
            file = self._files.open(f"{self._root}/{name}", "rb")
        with closing(file):
            yield file

    def read(self, name: str, most: int) -> bytes:
        """Something small, of so many bytes; one more shows that it is longer. Raises FileNotFoundError, too."""
        with self.open(name) as file:
            return bytes(file.read(most + 1))

    def remove(self, names: Iterable[str]) -> None:
        """Remove what is there; what is not is no matter."""
        for name in names:
            with _reached():
                try:
                    self._files.rm_file(f"{self._root}/{name}")
                except FileNotFoundError:
                    continue

    def _replace(self, fresh: str, path: str) -> None:
        if self._is_here:
            os.replace(fresh, path)  # noqa: PTH105 - names here are texts
            return
        if self._files.exists(path):
            self._files.rm_file(path)  # SFTP renames onto no other name
        self._files.mv(fresh, path)


def _write(file: IO[bytes], data: bytes) -> None:
    file.write(data)


@contextmanager
def _reached() -> Iterator[None]:
    """Whatever goes wrong on the way there is one error: each kind of place has others."""
    try:
        yield
    except (FileNotFoundError, DomainError):
        raise
    except Exception as error:
        raise Unavailable(f"the second place: {type(error).__name__}: {error}") from error
