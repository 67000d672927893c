"""What a backup says of itself at the second place: the listing of its objects, and, encrypted, its contents."""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from supervision.backups.rules import Sealed
from supervision.paths import BackupPaths

# A name that reaches PostgreSQL's programs and connections: with `=` or a quote it would say more than a name.
POSTGRES_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
LONGEST_LINE_BYTES = 200  # of a listing: a name with a hash, a length of 19 digits, a hash
_OBJECT = r"objects/[0-9a-f]{2}/[0-9a-f]{64}\.age"
_PIECE = r"pieces/[0-9]{8,18}-[a-z]{1,20}\.age"
_NAME = re.compile(f"{_OBJECT}|{_PIECE}")


def _below_home(path: str) -> str:
    if "\0" in path:
        raise ValueError("no path")
    BackupPaths(Path("/")).restored(path)
    return path


# What comes back from the second place is somebody else's word until its signature is known, and may be then.
_Below = Annotated[str, AfterValidator(_below_home)]
_Piece = Annotated[str, Field(pattern=rf"^{_PIECE}\z")]
_PostgresName = Annotated[str, Field(pattern=rf"^{POSTGRES_NAME.pattern}\z")]


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

    path: _Below
    piece: _Piece
    rows: Rows | None


class PostgresCopy(_Record):
    """A base backup. `lsn` is where in its log the moment of the backup lies, `system` whose log that is."""

    piece: _Piece
    major: int = Field(ge=9, le=99)
    database: _PostgresName
    user: _PostgresName
    system: str = Field(pattern=r"^[0-9]{1,20}\z")
    lsn: str = Field(pattern=r"^[0-9A-F]{1,8}/[0-9A-F]{1,8}\z")
    rows: Rows


class KeptFile(_Record):
    """A file that is kept by its hash."""

    path: _Below
    object: str = Field(pattern=rf"^{_OBJECT}\z")
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}\z")
    mode: int = Field(ge=0)


class PackedFiles(_Record):
    """Small files that are kept in one piece."""

    piece: _Piece
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
        if not _NAME.fullmatch(str(name)):
            raise ValueError(f"no object is called that: {name!r}")
        yield Sealed(str(name), int(size), str(sha256))


def packed(data: bytes) -> bytes:
    """As it lies at the second place."""
    return gzip.compress(data, 6, mtime=0)


def unpacked(data: bytes, most: int) -> bytes:
    """What it was. Raises ValueError where that is more than so many bytes: whoever packed it may mean harm."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(data, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(found) > most or not unpacker.eof or unpacker.unused_data:
        raise ValueError("not what was packed, or more than that")
    return found
