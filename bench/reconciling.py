"""What a look of the reconciler takes at headquarters: `python -m bench.reconciling [--quick] [--days N]`.

Two years of twelve offices, 56 calls a day and office (domain rule 12), all sealed, whole and long over, their raw
parts put away, on both sides, with the switch record of each. The reconciler looks once a minute: at every sealed
file by name and length, at the facts of the last three days and of one older day. What is timed is that look, and
in the same run a plain pass over the same: each sealed file's length asked of the disk, each recording's row read.
The last column is the share of the minute that a look takes.
"""

import argparse
import os
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.figures import median, ratio, shown, table
from bench.machine import machine_line
from supervision.calls.models import Call, SwitchRecordRow, SwitchRecordSource
from supervision.calls.rules import Disposition, Witness
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.offices.models import Line, Office
from supervision.paths import PartName
from supervision.reconcile.service import Looked, look
from supervision.reconcile.site import Site
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.settings import Mode, Settings
from supervision.store import upgrade

OFFICES, A_DAY = 12, 56
TWO_YEARS = 730
SECONDS = 180
SEALED = b"fLaC"
SHA256 = "5e" * 32
MINUTE_S = 60.0


@dataclass(frozen=True)
class Taken:
    """Seconds that looks and plain passes over the same took, and over how many calls."""

    calls: int
    looks_s: Sequence[float]
    plain_s: Sequence[float]


def fill(session: Session, site: Site, days: int, at: datetime) -> int:
    """So many days before a moment, of all offices; how many calls that is."""
    codes = [f"{n:02}" for n in range(1, OFFICES + 1)]
    for code in codes:
        session.add(Office(code=code, name=f"第{code}税务所"))
        session.flush()
        facts: dict[str, Any] = {"rings_before_us": 0, "ring_s": 5.0, "announcement": True}
        session.add(Line(key=f"{code}-1", office_code=code, number="62310001", name="一号线", **facts))
        heard: dict[str, Any] = {"heard_at": at, "fact_at": at, "clock_off_ms": 0, "stamps": True}
        session.add(Inbox(office_code=code, epoch=uuid.uuid4(), n=5, taken=5, **heard))
    session.flush()
    for day in range(days):
        begun = at - timedelta(days=day + 1)
        rows = [(uuid.uuid4(), code, begun + timedelta(minutes=8 * n)) for code in codes for n in range(A_DAY)]
        _insert(session, rows)
        for call_id, _, offered_at in rows:
            path = site.paths.sealed(call_id, offered_at)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(SEALED)
    return days * OFFICES * A_DAY


def _insert(session: Session, rows: Sequence[tuple[uuid.UUID, str, datetime]]) -> None:
    for table_, facts in ((Call, _call), (SwitchRecordRow, _account), (Recording, _recording), (Part, _part)):
        session.execute(insert(table_), [facts(*row) for row in rows])
    copies = [{"call_id": call_id, "state": RecordingState.READY, "pcm_sha256": SHA256} for call_id, *_ in rows]
    lengths = {"duration_ms": SECONDS * 1000}
    session.execute(
        insert(OfficeCopy),
        [{**one, **lengths, "sealed_at": row[2]} for one, row in zip(copies, rows, strict=True)],
    )


def _call(call_id: uuid.UUID, code: str, at: datetime) -> dict[str, Any]:
    return {
        "id": call_id,
        "office_code": code,
        "line_key": f"{code}-1",
        "uniqueid": call_id.hex,
        "offered_at": at,
        "first_rang_at": at,
        "answered_at": at + timedelta(seconds=6),
        "ended_at": at + timedelta(seconds=SECONDS),
        "answered_desk": "801",
        "disposition": Disposition.ANSWERED,
        "witness": Witness.ARI,
    }


def _account(call_id: uuid.UUID, code: str, at: datetime) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "office_code": code,
        "linkedid": call_id.hex,
        "offered_at": at,
        "line_answered_at": at,
        "ended_at": at + timedelta(seconds=SECONDS),
        "mixmonitor_started": True,
        "source": SwitchRecordSource.CEL,
    }


def _recording(call_id: uuid.UUID, _code: str, at: datetime) -> dict[str, Any]:
    over = at + timedelta(seconds=SECONDS)
    return {
        "call_id": call_id,
        "state": RecordingState.READY,
        "closed_at": over,
        "frames": SECONDS * 8000,
        "duration_ms": SECONDS * 1000,
        "pcm_sha256": SHA256,
        "flac_sha256": SHA256,
        "flac_bytes": len(SEALED),
        "caller_loudness_db": -20.0,
        "officer_loudness_db": -20.0,
        "dead_air_ms": 0,
        "sealed_at": over,
    }


def _part(call_id: uuid.UUID, _code: str, at: datetime) -> dict[str, Any]:
    over = at + timedelta(seconds=SECONDS)
    return {
        "name": str(PartName(call_id, "a", 1)),
        "call_id": call_id,
        "started_at": at,
        "closed_at": over,
        "length_bytes": SECONDS * 32_000,
        "sha256": SHA256,
        "received_at": over,
        "put_away_at": over,
    }


def plain(session: Session, site: Site) -> int:
    """The same rows and files with nothing made of them; how many files."""
    for _ in session.execute(select(Recording.call_id, Recording.flac_bytes)):
        pass
    return sum(1 for _ in _lengths(site.paths.archive))


def _lengths(folder: Path) -> Iterator[int]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _lengths(Path(entry.path))
            else:
                yield entry.stat().st_size


def measure(days: int, rounds: int) -> Taken:
    """A filled headquarters on SQLite, and looks and plain passes in turn."""
    with tempfile.TemporaryDirectory(prefix="b.") as name:
        settings = Settings(home=Path(name), database_url=f"sqlite:///{name}/store.sqlite", mode=Mode.HQ)
        upgrade(settings.database_url)
        database, site, at = Database(settings.database_url), Site.of(settings), now()
        with database.transaction() as session:
            calls = fill(session, site, days, at)
        looks_s, plain_s = [], []
        for _ in range(rounds):
            began = perf_counter()
            with database.reading() as session:
                _refuse_faults(look(session, site, at))
            looks_s.append(perf_counter() - began)
            began = perf_counter()
            with database.reading() as session:
                if plain(session, site) != calls:
                    raise RuntimeError("files are missing")
            plain_s.append(perf_counter() - began)
        database.close()
        return Taken(calls, looks_s, plain_s)


def _refuse_faults(looked: Looked) -> None:
    if looked.found:
        raise RuntimeError(f"what is whole was found wrong: {looked.found[0]}")


def report(taken: Taken) -> str:
    """The table, in seconds."""
    look_s, plain_s = median(taken.looks_s), median(taken.plain_s)
    figures = [shown(look_s, 2), shown(plain_s, 2), shown(ratio(look_s, plain_s), 1, " x")]
    row = [f"{taken.calls:,}", *figures, shown(ratio(look_s, MINUTE_S), 3, " x")]
    return table(["calls", "a look, s", "plain pass, s", "look to plain", "look to a minute"], [row])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.reconciling", description="a look of the reconciler")
    parser.add_argument("--quick", action="store_true", help="a smoke test: ten days")
    parser.add_argument("--days", type=int, default=TWO_YEARS, help="days that are kept (730)")
    chosen = parser.parse_args(arguments)
    days = 10 if chosen.quick else chosen.days
    machine = machine_line("SQLite")
    taken = measure(days, 3)
    print("What a look of the reconciler takes at headquarters")
    print(machine)
    print(f"{OFFICES} offices, {A_DAY} calls a day each, {days} days, all whole and put away")
    print()
    print(report(taken))


if __name__ == "__main__":
    main()
