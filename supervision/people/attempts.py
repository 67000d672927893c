"""Attempts to sign in, counted by name and address together and by address, for all processes of a machine.

The counts are in a small SQLite file of their own under `run/`, not in the database: many attempts keep
no call from being written down. Names are in it as keyed hashes, since people type passwords into the wrong field.
An attempt is counted as failed before its password is looked at, so that many at once are not one; the right
password takes it back. The file may be lost: it is made anew.
"""

import hashlib
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from supervision.errors import Unavailable
from supervision.people.sign_in_rules import (
    FORGOTTEN_AFTER,
    LONGEST_DELAY,
    Level,
    delay_after,
    is_worth_writing,
    network_of,
)

WAIT_S = 3.0
_NEVER = datetime.fromtimestamp(0, UTC)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS counts (
    key BLOB PRIMARY KEY, attempts REAL NOT NULL, turned_away INTEGER NOT NULL,
    at REAL NOT NULL, until REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_counts_at ON counts (at);
"""


@dataclass(frozen=True)
class Attempt:
    """One attempt. `wait_s` above 0: it is turned away, and may come again after that.

    `number` says how many there were of this name at this address, or of this address where that has its fill.
    """

    wait_s: int
    number: int

    @property
    def worth_writing(self) -> bool:
        """Whether a refusal of this attempt is written down."""
        return is_worth_writing(self.number)


@dataclass(frozen=True)
class _Count:
    attempts: float = 0.0
    turned_away: int = 0
    at: datetime = _NEVER
    until: datetime = _NEVER


class Attempts:
    """The counts in one file. `per_address` attempts at once are one address's, and one more every 3 s."""

    def __init__(self, file: Path, key: bytes, per_address: int) -> None:
        self.file = file
        self._key = key
        self._per_address = per_address

    def begin(self, login: str, address: str, at: datetime) -> Attempt:
        """Count an attempt, as failed until `succeed` or `take_back`. Raises Unavailable."""
        of_address, of_both = self._keys(login, address)
        with self._transaction() as counts:
            _forget(counts, at)
            known, both = _read(counts, of_address), _read(counts, of_both)
            level = Level(known.attempts, known.at).now(at)
            if (full := level.wait(self._per_address)) > timedelta(0):
                turned = known.turned_away + 1
                _write(counts, of_address, _Count(level.attempts, turned, at))
                return Attempt(_seconds(full), turned)
            if timedelta(0) < both.until - at <= LONGEST_DELAY:  # else the clock was set back
                turned = both.turned_away + 1
                _write(counts, of_both, _Count(both.attempts, turned, at, both.until))
                return Attempt(_seconds(both.until - at), int(both.attempts) + turned)
            failures = int(both.attempts) + 1
            _write(counts, of_address, _Count(level.attempts + 1, 0, at))
            delay = delay_after(failures)
            until = at + delay if delay else _NEVER  # not `at`: another's moment may lie a little before it
            _write(counts, of_both, _Count(failures, both.turned_away, at, until))
            return Attempt(0, failures + both.turned_away)

    def succeed(self, login: str, address: str, at: datetime) -> None:
        """The password was right: forget the failures of the name at this address. Raises Unavailable."""
        of_address, of_both = self._keys(login, address)
        with self._transaction() as counts:
            counts.execute("DELETE FROM counts WHERE key = ?", (of_both,))
            _lighten(counts, of_address, at)

    def take_back(self, login: str, address: str, at: datetime) -> None:
        """The password was not looked at: the attempt does not count. Raises Unavailable."""
        of_address, of_both = self._keys(login, address)
        with self._transaction() as counts:
            both = _read(counts, of_both)
            _write(counts, of_both, _Count(max(0.0, both.attempts - 1), both.turned_away, at))
            _lighten(counts, of_address, at)

    def count_unknown(self, address: str, at: datetime) -> Attempt:
        """Count an attempt with a name that nobody has, together with all others of its address."""
        key = self._hash("unknown", network_of(address))
        with self._transaction() as counts:
            number = int(_read(counts, key).attempts) + 1
            _write(counts, key, _Count(number, 0, at))
        return Attempt(0, number)

    def _keys(self, login: str, address: str) -> tuple[bytes, bytes]:
        network = network_of(address)
        return self._hash("address", network), self._hash("both", network, login)

    def _hash(self, *parts: str) -> bytes:
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._key[:64], digest_size=16).digest()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(f"attempts to sign in cannot be counted: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        self.file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        try:
            return self._opened()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # damaged by a power cut: nothing in it is worth mending
            self.file.unlink(missing_ok=True)
            self.file.with_name(f"{self.file.name}-journal").unlink(missing_ok=True)
            return self._opened()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=WAIT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=TRUNCATE")
            connection.execute("PRAGMA synchronous=OFF")
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version=1;COMMIT;")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.close()
            raise
        return connection


def _read(counts: sqlite3.Connection, key: bytes) -> _Count:
    query = "SELECT attempts, turned_away, at, until FROM counts WHERE key = ?"
    row = counts.execute(query, (key,)).fetchone()
    if row is None:
        return _Count()
    return _Count(row[0], row[1], datetime.fromtimestamp(row[2], UTC), datetime.fromtimestamp(row[3], UTC))


def _write(counts: sqlite3.Connection, key: bytes, count: _Count) -> None:
    row = (key, count.attempts, count.turned_away, count.at.timestamp(), count.until.timestamp())
    counts.execute("INSERT OR REPLACE INTO counts VALUES (?, ?, ?, ?, ?)", row)


def _lighten(counts: sqlite3.Connection, key: bytes, at: datetime) -> None:
    known = _read(counts, key)
    level = Level(known.attempts, known.at).now(at)
    _write(counts, key, _Count(max(0.0, level.attempts - 1), 0, at))


def _forget(counts: sqlite3.Connection, at: datetime) -> None:
    counts.execute("DELETE FROM counts WHERE at < ?", ((at - FORGOTTEN_AFTER).timestamp(),))


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
