"""The call detail record and the queue's log, where the channel event log is lost: to the second, but whole."""

import asyncio
import csv
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select

from ari_app.cdr import CdrLog, CdrRow, parse_cdr, parse_queue_entry
from ari_app.store_writer import CallFacts
from supervision.calls.models import CallEvent
from supervision.calls.rules import Disposition, EventKind, LineRules, Party, Record, build_record
from supervision.database import Database
from tests.ari_app.test_store_writer import writer_on

CALL = "2c6b4ddb-4d9c-4876-8c65-4db9f38adf85"
CALLER, DESK = "PJSIP/fxo-2-00000001", "PJSIP/802-00000002"


def write(folder: Path, *, desk: str = DESK, answered: str = "2026-11-23 23:55:30", queue: str = "") -> CdrLog:
    row = ["", "13700018888", "s", "line-07-2", '"x" <137>', CALLER, desk, "Return", "", "2026-11-23 23:55:23"]
    row += [answered, "2026-11-23 23:55:45", "22", "15", "ANSWERED", "DOCUMENTATION", "u.1", CALL, "", "u.1", "1"]
    with (folder / "Master.csv").open("w") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerow(row)
    (folder / "queue_log").write_text(queue)
    return CdrLog(folder / "Master.csv", folder / "queue_log")


def record_of(log: CdrLog) -> Record:
    ((call_id, _row),) = log.calls().items()
    account = log.find_call(call_id)
    assert account is not None
    assert account.ended
    assert account.offered.line_key == "07-2"
    return build_record(account.events, LineRules(leader_desks=frozenset({"809"})))


ANSWERED = """1795478111|NONE|NONE|NONE|QUEUESTART|
1795478123|u.1|07-2|NONE|ENTERQUEUE||13700018888|1
1795478130|u.1|07-2|802|CONNECT|7|u.2|7
1795478130|other|07-1|801|CONNECT|3|u.3|3
1795478145|u.1|07-2|802|COMPLETECALLER|7|15|1
"""
RANG_OUT = """1795478123|u.1|07-2|NONE|ENTERQUEUE||137|1
1795478138|u.1|07-2|802|RINGNOANSWER|15000
1795478138|u.1|07-2|NONE|EXITWITHTIMEOUT|1|1|15
1795478173|u.1|07-2-backup|802|RINGNOANSWER|35000
1795478173|u.1|07-2-backup|NONE|EXITWITHTIMEOUT|1|1|35
"""
ABANDONED = "1795478125|u.1|07-2|NONE|ABANDON|1|1|2\n"


@pytest.mark.parametrize(
    ("queue", "desk", "expected"),
    [
        pytest.param(ANSWERED, DESK, (Disposition.ANSWERED, 2, "802", Party.CALLER), id="answered"),
        pytest.param(
            ANSWERED.replace("COMPLETECALLER", "COMPLETEAGENT"),
            DESK,
            (Disposition.ANSWERED, 2, "802", Party.OFFICER),
            id="ended by the officer",
        ),
        pytest.param(RANG_OUT, DESK, (Disposition.MISSED, 10, None, Party.SYSTEM), id="rang out"),
        pytest.param(ABANDONED, "", (Disposition.BUSY, 0, None, Party.CALLER), id="all desks busy"),
        pytest.param("", "", (Disposition.BUSY, 0, None, Party.SYSTEM), id="no queue log"),
    ],
)
def test_a_call_is_read_from_its_detail_record_and_the_queues_log(
    tmp_path: Path, queue: str, desk: str, expected: tuple[object, ...]
) -> None:
    record = record_of(write(tmp_path, desk=desk, queue=queue))
    assert (record.disposition, record.rings, record.answered_desk, record.hung_up_by) == expected


def test_a_caller_who_is_queued_again_after_a_talk_was_put_back_by_a_dead_desk(tmp_path: Path) -> None:
    died = ANSWERED.replace("COMPLETECALLER", "COMPLETEAGENT")
    queue = (
        died
        + """1795478145|u.1|07-2|NONE|ENTERQUEUE||13700018888|1
1795478150|u.1|07-2|801|CONNECT|5|u.4|5
1795478160|u.1|07-2|801|COMPLETECALLER|5|10|1
"""
    )
    record = record_of(write(tmp_path, queue=queue))
    assert (record.disposition, record.answered_desk, record.hung_up_by) == (
        Disposition.ANSWERED,
        "802",
        Party.CALLER,
    )
    assert [stretch.desk for stretch in record.segments] == ["802", "801"]
    first, second = record.segments
    assert first.ended_at is not None
    assert first.ended_at <= second.started_at


IN_ONE_SECOND = """1795478123|u.1|07-2|NONE|ENTERQUEUE||13700018888|1
1795478130|u.1|07-2|802|CONNECT|7|u.2|7
1795478140|u.1|07-2|802|COMPLETEAGENT|7|10|1
1795478140|u.1|07-2|NONE|ENTERQUEUE||13700018888|1
1795478140|u.1|07-2|801|CONNECT|0|u.3|0
1795478140|u.1|07-2|801|COMPLETECALLER|0|0|1
"""


def test_what_the_queue_logs_within_one_second_keeps_its_order(tmp_path: Path) -> None:
    """The first desk died, the caller was put back, a second desk answered and the caller hung up."""
    record = record_of(write(tmp_path, queue=IN_ONE_SECOND))
    assert record.hung_up_by is Party.CALLER
    assert [stretch.desk for stretch in record.segments] == ["802", "801"]


def test_a_caller_who_is_put_back_once_and_rung_for_in_both_queues_was_put_back_once(tmp_path: Path) -> None:
    queue = (
        ANSWERED.replace("COMPLETECALLER", "COMPLETEAGENT")
        + "1795478145|u.1|07-2|NONE|ENTERQUEUE||137|1\n"
        + RANG_OUT.replace("1795478123", "1795478160")
    )
    account = write(tmp_path, queue=queue).find_call(uuid.UUID(CALL))
    assert account is not None
    kinds = [event.kind for event in account.events]
    assert (kinds.count(EventKind.PUT_BACK), kinds.count(EventKind.DESK_LEFT)) == (1, 1)


def test_the_rows_that_a_queue_writes_for_each_desk_are_one_call(tmp_path: Path) -> None:
    log = write(tmp_path, desk="", answered="")
    first = log.cdr.read_text()
    second = first.replace('"PJSIP/fxo-2-00000001",""', f'"PJSIP/fxo-2-00000001","{DESK}"')
    assert second != first
    second = second.replace("23:55:45", "23:55:50").replace(
        '"2026-11-23 23:55:23",""', '"2026-11-23 23:55:23","2026-11-23 23:55:30"'
    )
    log.cdr.write_text(second + first)
    ((_, row),) = log.calls().items()
    assert (row.desk_channel, row.ended_at.second, row.answered_at and row.answered_at.second) == (DESK, 50, 30)


def test_the_detail_records_are_read_on_line_by_line_and_a_new_file_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counted(row: list[str]) -> CdrRow | None:
        parsed.append(row[17] if len(row) > 17 else "")
        return parse_cdr(row)

    monkeypatch.setattr("ari_app.cdr.parse_cdr", counted)
    log = write(tmp_path)
    row = (tmp_path / "Master.csv").read_text()
    second, third = (row.replace(CALL, str(uuid.UUID(int=n))) for n in (2, 3))
    assert [str(call_id) for call_id in log.calls()] == [CALL]
    with (tmp_path / "Master.csv").open("a") as file:
        file.write(second + third[:50])
        file.flush()
        assert len(log.calls()) == 2
        file.write(third[50:])
    assert len(log.calls()) == len(log.calls()) == 3
    assert [text for text in parsed if text] == [CALL, str(uuid.UUID(int=2)), str(uuid.UUID(int=3))]
    (tmp_path / "Master.csv").rename(tmp_path / "Master.csv.1")
    assert log.calls() == {}
    (tmp_path / "Master.csv").write_text(third)
    assert list(log.calls()) == [uuid.UUID(int=3)]


def test_what_is_no_record_of_ours_is_passed_over() -> None:
    assert parse_cdr(["too", "short"]) is None
    assert parse_cdr(["x"] * 21) is None
    assert parse_queue_entry("half a li") is None
    assert parse_queue_entry("yesterday|a|b|c|d|") is None


def test_files_that_are_not_there_tell_nothing(tmp_path: Path) -> None:
    assert CdrLog(tmp_path / "no.csv", tmp_path / "no").calls() == {}


def test_two_desks_that_rang_in_vain_for_equally_long_are_both_kept(tmp_path: Path, store: Database) -> None:
    queue = RANG_OUT.replace(
        "1795478138|u.1|07-2|802", "1795478138|u.1|07-2|801|RINGNOANSWER|15000\n1795478138|u.1|07-2|802"
    )
    account = write(tmp_path, queue=queue).find_call(uuid.UUID(CALL))
    assert account is not None
    writer = writer_on(store, "07-2")
    asyncio.run(writer.note([CallFacts(account.offered, account.events)], account.witness))
    with store.reading() as session:
        rows = session.scalars(select(CallEvent).where(CallEvent.kind == EventKind.DESK_RANG))
        assert sorted(row.desk or "" for row in rows) == ["801", "802", "802"]
