"""A call's switch record is reported once, when the call is over, whether or not we saw the call."""

import asyncio
import sqlite3
import uuid
from collections.abc import Callable, Coroutine, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ari_app.cdr import CdrLog
from ari_app.cel import CelLog, LoggedCall
from ari_app.muting import Mutes
from ari_app.store_writer import CallFacts, StoreWriter
from ari_app.switch_records import SwitchRecordSender
from supervision.calls.models import SwitchRecordRow, SwitchRecordSource
from supervision.calls.rules import Disposition, Event, EventKind, LineRules, Party, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.database import Database
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from supervision.exchange.service import open_outbox
from supervision.offices.models import Line, Office

CALL = uuid.UUID("2890d6c7-de62-4bee-9330-18572a726291")
COLUMNS = (
    "eventtype, eventtime, userdeftype, cid_num, cid_name, channame, userfield, uniqueid, linkedid, eventextra"
)
BEGUN = (
    ("CHAN_START", "11.15", "", ""),
    ("USER_DEFINED", "11.151", "offered", '{"extra":"07-1"}'),
    ("USER_DEFINED", "11.152", "recording_started", '{"extra":"x.a1.raw"}'),
    ("ANSWER", "11.2", "", ""),
)
OVER = (("HANGUP", "39.16", "", ""), ("CHAN_END", "39.161", "", ""), ("LINKEDID_END", "39.161", "", ""))


def log(path: Path, rows: tuple[tuple[str, str, str, str], ...]) -> None:
    with closing(sqlite3.connect(path)) as cel, cel:
        cel.execute(f"CREATE TABLE IF NOT EXISTS cel ({COLUMNS})")
        for event, at, said, extra in rows:
            values = (event, f"17954753{at}", said, "", "", "PJSIP/fxo-1-0", str(CALL), "c.0", "c.0", extra)
            cel.execute("INSERT INTO cel VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


@pytest.fixture
def node(sqlite_url: str, tmp_path: Path) -> Database:
    database = Database(sqlite_url)
    with database.transaction() as session:
        open_outbox(session, "07")
    return database


@pytest.fixture(autouse=True)
def recovery_had_its_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ari_app.switch_records.SWEEPS_HELD", 0)


def sender(
    node: Database, folder: Path, mutes: Mutes | None = None, sweeps: Callable[[], int] = lambda: 0
) -> SwitchRecordSender:
    async def guard(work: Coroutine[Any, Any, None]) -> None:
        await work

    cdr = CdrLog(folder / "Master.csv", folder / "queue_log")
    muted = mutes or Mutes(lambda _mute: None)
    return SwitchRecordSender(CelLog(folder / "cel.db"), cdr, StoreWriter(node, "07", {}), guard, muted, sweeps)


def switch_records(node: Database) -> int:
    with node.reading() as session:
        query = select(OutboxEntry).where(OutboxEntry.kind == FactKind.SWITCH_RECORD)
        return len(session.scalars(query).all())


def test_a_call_that_goes_on_is_not_reported_and_one_that_is_over_is_reported_once(
    node: Database, tmp_path: Path
) -> None:
    log(tmp_path / "cel.db", BEGUN)
    first = sender(node, tmp_path)
    asyncio.run(first.look())
    assert switch_records(node) == 0
    log(tmp_path / "cel.db", OVER)
    for again in (first, first, sender(node, tmp_path)):
        asyncio.run(again.look())
    assert switch_records(node) == 1
    with node.reading() as session:
        row = session.get_one(SwitchRecordRow, CALL)
    assert (row.office_code, row.linkedid, row.source) == ("07", "c.0", SwitchRecordSource.CEL)
    assert row.mixmonitor_started
    assert row.line_answered_at is not None
    assert row.ended_at == datetime.fromtimestamp(1795475339.161, UTC)


def test_of_a_call_without_a_record_nothing_is_reported_until_recovery_had_its_chance(
    node: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.switch_records.SWEEPS_HELD", 4)
    log(tmp_path / "cel.db", (*BEGUN, *OVER))
    over = [7]
    reader = sender(node, tmp_path, sweeps=lambda: over[0])
    for sweeps, times in ((7, 0), (8, 0), (10, 0), (11, 1), (12, 1)):
        over[0] = sweeps
        asyncio.run(reader.look())
        assert switch_records(node) == times, f"after {sweeps} comparisons"


def test_nor_is_anything_reported_of_a_call_whose_record_has_no_end_yet_however_slow_recovery_is(
    node: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.switch_records.SWEEPS_HELD", 4)
    log(tmp_path / "cel.db", (*BEGUN, *OVER))
    with node.transaction() as session:
        session.add(Office(code="07", name="第七税务所"))
        session.flush()
        numbers = {"number": "88880001", "name": "一线", "rings_before_us": 0, "ring_s": 5, "announcement": False}
        session.add(Line(key="07-1", office_code="07", active=True, **numbers))
    offered = Offered(CALL, "07-1", "c.0", datetime.fromtimestamp(1795475311, UTC))
    writer = StoreWriter(node, "07", {"07-1": LineOfOffice("07", 0, LineRules())})
    over, after_s = [7], [0.0]
    monkeypatch.setattr("ari_app.switch_records.monotonic", lambda: 7.0 + after_s[0])
    reader = sender(node, tmp_path, sweeps=lambda: over[0])
    asyncio.run(writer.note([CallFacts(offered)]))
    for over[0], after_s[0] in ((7, 0.0), (8, 100.0), (9, 210.0), (10, 320.0)):
        asyncio.run(reader.look())
        assert switch_records(node) == 0, f"after {over[0]} comparisons"
    ended = Event(EventKind.ENDED, datetime.fromtimestamp(1795475339, UTC), "c.0")
    asyncio.run(writer.note([CallFacts(offered, (ended,))], Witness.CEL))
    asyncio.run(reader.look())
    assert switch_records(node) == 1


@pytest.mark.parametrize("clock_goes_s", [0, -3600, 3600, -400 * 86400])
def test_where_asterisk_cannot_be_asked_the_account_is_reported_after_two_minutes_by_any_clock(
    node: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock_goes_s: int
) -> None:
    monkeypatch.setattr("ari_app.switch_records.SWEEPS_HELD", 4)
    begun = datetime.fromtimestamp(1795475400, UTC)
    log(tmp_path / "cel.db", (*BEGUN, *OVER))
    reader = sender(node, tmp_path)
    for after_s, times in ((0, 0), (60, 0), (119, 0), (120, 1)):
        clock = begun + timedelta(seconds=after_s + (clock_goes_s if after_s else 0))
        monkeypatch.setattr("supervision.clock.now", lambda at=clock: at)
        monkeypatch.setattr("ari_app.switch_records.now", lambda at=clock: at, raising=False)
        monkeypatch.setattr("ari_app.switch_records.monotonic", lambda at=after_s: 7.0 + at, raising=False)
        asyncio.run(reader.look())
        assert switch_records(node) == times, f"after {after_s} s"


def test_that_nobody_ordered_a_recording_is_reported(node: Database, tmp_path: Path) -> None:
    log(tmp_path / "cel.db", (*BEGUN[:2], BEGUN[3], *OVER))
    asyncio.run(sender(node, tmp_path).look())
    with node.reading() as session:
        assert not session.get_one(SwitchRecordRow, CALL).mixmonitor_started


def test_of_a_call_that_goes_on_the_log_is_read_again_only_once_it_has_more(
    node: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    find_call = CelLog.find_call

    def counted(cel: CelLog, linkedid: str) -> LoggedCall | None:
        read.append(linkedid)
        return find_call(cel, linkedid)

    monkeypatch.setattr(CelLog, "find_call", counted)
    log(tmp_path / "cel.db", BEGUN[:2])
    reader = sender(node, tmp_path)
    for rows, times in ((BEGUN[2:3], 2), ((), 2), (BEGUN[3:], 3), ((), 3), (OVER, 4), ((), 4)):
        asyncio.run(reader.look())
        log(tmp_path / "cel.db", rows)
        asyncio.run(reader.look())
        assert len(read) == times
    assert switch_records(node) == 1


def test_for_how_long_the_recording_was_muted_is_part_of_what_is_reported(node: Database, tmp_path: Path) -> None:
    mutes = Mutes(lambda _mute: None)
    begun = datetime.fromtimestamp(1795475320, UTC)
    for after_s, state in ((0, "1"), (4, "0"), (10, "1")):
        order = {"uniqueid": "c.0", "direction": "read", "state": state}
        mutes.see(order, begun + timedelta(seconds=after_s))
    log(tmp_path / "cel.db", (*BEGUN, *OVER))
    asyncio.run(sender(node, tmp_path, mutes).look())
    with node.reading() as session:
        assert session.get_one(SwitchRecordRow, CALL).muted_ms == 4000 + 9161


DESK = "PJSIP/801-00000001"
ENTERED = (("CHAN_START", 12.0, "c.1"), ("BRIDGE_ENTER", 18.5, "c.1"))


def test_who_answered_after_how_many_rings_and_who_hung_up_are_shown_too(node: Database, tmp_path: Path) -> None:
    log(tmp_path / "cel.db", BEGUN)
    with closing(sqlite3.connect(tmp_path / "cel.db")) as cel, cel:
        for event, at, unique in ENTERED:
            values = (event, f"17954753{at:07.4f}", "", "", "", DESK, "", unique, "c.0", "")
            cel.execute("INSERT INTO cel VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    source = '{"hangupsource":"PJSIP/801-00000001"}'
    log(tmp_path / "cel.db", (("HANGUP", "39.16", "", source), *OVER[1:]))
    asyncio.run(sender(node, tmp_path).look())
    with node.reading() as session:
        row = session.get_one(SwitchRecordRow, CALL)
    assert (row.disposition, row.answered_desk, row.hung_up_by) == (Disposition.ANSWERED, "801", Party.OFFICER)
    assert (row.rings_least, row.rings_most) == (2, 2)


def test_what_was_sent_without_an_end_is_reported_again_once_the_log_has_it(
    node: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def over(_book: StoreWriter, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        return set(call_ids)

    monkeypatch.setattr(StoreWriter, "over", over)
    monkeypatch.setattr("ari_app.switch_records.WITHOUT_END_AFTER_S", 0.0)
    log(tmp_path / "cel.db", BEGUN)
    teller = sender(node, tmp_path)
    for _ in range(3):
        asyncio.run(teller.look())
    assert switch_records(node) == 1
    log(tmp_path / "cel.db", OVER)
    for _ in range(3):
        asyncio.run(teller.look())
    assert switch_records(node) == 2
    with node.reading() as session:
        assert session.get_one(SwitchRecordRow, CALL).ended_at is not None


def test_what_the_detail_record_sent_first_is_reported_again_exactly_once_the_event_log_has_it(
    node: Database, tmp_path: Path
) -> None:
    row = ["", "137", "s", "line-07-1", "", "PJSIP/fxo-1-0", "", "Queue", "", "2026-11-23 23:55:11", ""]
    row += ["2026-11-23 23:55:39", "28", "0", "NO ANSWER", "DOCUMENTATION", "c.0", str(CALL), "", "c.0", "1"]
    (tmp_path / "Master.csv").write_text(",".join(row) + "\n")
    teller = sender(node, tmp_path)
    sources = []
    for rows in ((), BEGUN, OVER, ()):
        log(tmp_path / "cel.db", rows)
        for _ in range(2):
            asyncio.run(teller.look())
        with node.reading() as session:
            sources.append(session.get_one(SwitchRecordRow, CALL).source)
    assert sources == [
        SwitchRecordSource.CDR,
        SwitchRecordSource.CDR,
        SwitchRecordSource.CEL,
        SwitchRecordSource.CEL,
    ]
    assert switch_records(node) == 2
