"""What was written down of the calls: both databases by plain SQL, Asterisk's CDR and queue log as they are."""

import csv
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]
KEYS = {
    "calls": ("id",),
    "segments": ("call_id", "n"),
    "recordings": ("call_id",),
    "parts": ("name",),
    "switch_records": ("call_id",),
    "call_events": ("call_id", "witness", "kind", "channel", "at"),
}
OF_EACH_SIDE = {
    "calls": {"end_known_at"},
    "segments": {"id"},
    "call_events": {"id"},
    "parts": {"received_at", "put_away_at", "closed_at"},
    "recordings": {
        "due_at",
        "attempts",
        "claimed_until",
        "closed_at",
        "sealed_at",
        "verified_at",
        "scrub_due_at",
        "flac_sha256",
        "flac_bytes",
    },
}


@dataclass(frozen=True)
class Store:
    """The tables of one side, rows by their keys; `incidents` as a list."""

    tables: dict[str, dict[tuple[Any, ...], Row]]
    incidents: list[Row]


@dataclass
class SwitchRecord:
    """What Asterisk's CDR and queue log say of a call: seconds since 1970; desks that were connected, in order."""

    uniqueid: str
    started_s: int
    ended_s: int
    line_answered: bool = False
    connected: list[str] = field(default_factory=list)
    ended_by: str | None = None


def read_store(file: Path) -> Store:
    """Everything of calls in a database."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as connection:
        connection.row_factory = sqlite3.Row
        tables = {}
        for table, key in KEYS.items():
            rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608 - a constant
            tables[table] = {tuple(row[name] for name in key): row for row in rows}
        incidents = [dict(row) for row in connection.execute("SELECT * FROM incidents ORDER BY first_seen_at")]
    return Store(tables, incidents)


def moment_ns(text: str | None) -> int | None:
    """A stored time as nanoseconds since 1970."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1e6) * 1000


def read_switch(cdr: Path, queue_log: Path) -> dict[str, SwitchRecord]:
    """Asterisk's own records by call id (its hex digits, as in the databases)."""
    found: dict[str, SwitchRecord] = {}
    with cdr.open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.reader(file):
            if len(row) >= 18 and len(row[17]) == 36 and not row[3].startswith("from-desk"):
                _add_cdr(found, row)
    by_uniqueid = {record.uniqueid: record for record in found.values()}
    if queue_log.exists():
        for line in queue_log.read_text("utf-8", "replace").splitlines():
            words = line.split("|")
            if len(words) >= 5 and words[1] in by_uniqueid:
                _add_queue(by_uniqueid[words[1]], words)
    return found


def _add_cdr(found: dict[str, SwitchRecord], row: list[str]) -> None:
    started, ended = (_seconds(row[place]) for place in (9, 11))
    record = found.setdefault(row[17].replace("-", ""), SwitchRecord(row[16], started, ended))
    record.started_s, record.ended_s = min(record.started_s, started), max(record.ended_s, ended)
    record.line_answered = record.line_answered or bool(row[10])


def _add_queue(record: SwitchRecord, words: list[str]) -> None:
    if words[4] == "CONNECT":
        record.connected.append(words[3])
    elif words[4] in {"COMPLETECALLER", "ABANDON"}:
        record.ended_by = "caller"
    elif words[4] == "COMPLETEAGENT":
        record.ended_by = "officer"


def _seconds(text: str) -> int:
    return round(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp())


def ask(file: Path, question: str) -> Any:
    """The first value of a query's answer."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as connection:
        return connection.execute(question).fetchone()[0]
