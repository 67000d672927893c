"""What this machine knows of its files and of the second place, so that nothing is hashed or sent twice.

It is a SQLite file of its own below `run/` and may be lost: then everything is hashed once more, and what was sent
is known from the newest manifest.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from supervision.backups.files import Found
from supervision.backups.rules import Sealed

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INT, mtime_ns INT, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (name TEXT PRIMARY KEY, size INT, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS place (url TEXT);
"""


class Index:
    """Open for one run; what is noted is durable at once, so that an interrupted run goes on."""

    def __init__(self, file: Path, url: str) -> None:
        """`url`: of another second place it knows nothing. Its hash is kept: it may hold a password."""
        place = hashlib.sha256(url.encode()).hexdigest()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._database = sqlite3.connect(file, isolation_level=None, timeout=60.0)
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
        with closing(self._database.execute("SELECT url FROM place")) as known:
            same = known.fetchone() == (place,)
        if not same:
            self._database.executescript("DELETE FROM place; DELETE FROM objects;")
            self._database.execute("INSERT INTO place VALUES (?)", (place,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def hash_of(self, found: Found) -> str | None:
        """The hash of a file that is as it was when it was hashed."""
        row = self._database.execute(
            "SELECT sha256 FROM files WHERE path = ? AND size = ? AND mtime_ns = ?",
            (found.path, found.size_bytes, found.mtime_ns),
        ).fetchone()
        return row[0] if row else None

    def note_hash(self, found: Found, sha256: str) -> None:
        """Remember the hash of a file as it is."""
        values = found.path, found.size_bytes, found.mtime_ns, sha256
        self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", values)

    def forget_hash(self, found: Found) -> None:
        """The file is another than it seemed: it is hashed once more."""
        self._database.execute("DELETE FROM files WHERE path = ?", (found.path,))

    def sent(self, name: str) -> Sealed | None:
        """An object that is at the second place."""
        row = self._database.execute("SELECT name, size, sha256 FROM objects WHERE name = ?", (name,)).fetchone()
        return Sealed(*row) if row else None

    def note_sent(self, sealed: Sealed) -> None:
        """Remember that an object is there."""
        values = sealed.name, sealed.size_bytes, sealed.sha256
        self._database.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", values)

    def learn(self, listing: Iterable[Sealed]) -> None:
        """Objects of a manifest, where nothing newer is known."""
        rows = ((one.name, one.size_bytes, one.sha256) for one in listing)
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO objects VALUES (?, ?, ?)", rows)
        self._database.execute("COMMIT")

    def forget_what_is_not_there(self, sizes: Mapping[str, int]) -> int:
        """Forget the objects that are not at the second place with their length; how many: they are sent again."""
        known = self._database.execute("SELECT name, size FROM objects").fetchall()
        gone = [(name,) for name, size in known if sizes.get(name) != size]
        self._database.execute("BEGIN")
        self._database.executemany("DELETE FROM objects WHERE name = ?", gone)
        self._database.execute("COMMIT")
        return len(gone)
