"""What a backup says of itself at the second place: the listing of its objects, and, encrypted, its contents."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from supervision.backups.rules import Sealed


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AuditHead(_Record):
    """The last entry of the audit log in the copy."""

    n: int
    hash: str


class Rows(_Record):
    """What the copy of a database holds: the number of rows of each table, and the head of its audit log."""

    tables: dict[str, int]
    head: AuditHead


class SqliteCopy(_Record):
    """A database that is one file."""

    path: str
    piece: str
    rows: Rows | None


class PostgresCopy(_Record):
    """A base backup. `lsn` is where in its log the moment of the backup lies, `system` whose log that is."""

    piece: str
    major: int
    database: str
    user: str
    system: str
    lsn: str
    rows: Rows


class KeptFile(_Record):
    """A file that is kept by its hash."""

    path: str
    object: str
    size_bytes: int = Field(ge=0)
    sha256: str
    mode: int


class PackedFiles(_Record):
    """Small files that are kept in one piece."""

    piece: str
    files: dict[str, int]


class Contents(_Record):
    """All that a backup holds, and what must be found when it is restored."""

    version: int = 1
    machine: str
    number: int
    at: datetime
    sqlite: tuple[SqliteCopy, ...]
    postgres: PostgresCopy | None
    packed: tuple[PackedFiles, ...]
    files: tuple[KeptFile, ...]


def write_listing(objects: Iterable[Sealed]) -> bytes:
    """The listing of a backup's objects: one a line, in the order of their names. What is signed is its hash."""
    lines = [
        json.dumps([one.name, one.size_bytes, one.sha256], separators=(",", ":"))
        for one in sorted(objects, key=lambda one: one.name)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def read_listing(data: bytes) -> Iterator[Sealed]:
    """The objects that a listing names. Raises ValueError."""
    for line in data.decode().splitlines():
        name, size, sha256 = json.loads(line)
        yield Sealed(str(name), int(size), str(sha256))


def packed(data: bytes) -> bytes:
    """As it lies at the second place."""
    return gzip.compress(data, 6, mtime=0)


def unpacked(data: bytes) -> bytes:
    """What it was. Raises ValueError."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError) as error:
        raise ValueError(str(error)) from error
