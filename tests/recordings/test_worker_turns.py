"""The worker's tasks take turns, and wait for others who write."""

import sqlite3
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from supervision import worker
from supervision.calls.models import Call
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.set_aside import set_aside
from supervision.recordings import sealing
from supervision.recordings.models import RecordingState
from supervision.recordings.tasks import seal_next
from supervision.task import Task, Worker
from supervision.watchdog import TooLong
from supervision.worker import run
from tests.recordings.factories import APart, Node, talk


def test_a_job_with_much_to_do_lets_the_others_have_their_turn(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    stopping = threading.Event()

    def endless(_worker: Worker) -> bool:
        looks.append("endless")
        return True

    def short(_worker: Worker) -> bool:
        looks.append("short")
        if looks.count("short") == 2:
            stopping.set()
        return False

    monkeypatch.setattr(worker, "TASKS", (Task("endless", endless, every_s=60), Task("short", short)))
    monkeypatch.setattr(worker, "TURN_S", 0.0)
    run(small.settings.model_copy(update={"seal_every_s": 60}), small.database, stopping)
    assert looks == ["endless", "short", "endless", "short"]


def test_a_job_that_broke_is_named_and_over_once_it_goes_well_even_in_another_process(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = threading.Event()

    def breaks(_worker: Worker) -> bool:
        stopping.set()
        raise ZeroDivisionError

    def goes_well(_worker: Worker) -> bool:
        stopping.set()
        return False

    def open_ones() -> list[str]:
        query = select(Incident.subject).where(
            Incident.cause == Cause.WORK_SET_ASIDE, Incident.healed_at.is_(None)
        )
        with small.database.reading() as session:
            return list(session.scalars(query))

    for work, still_open in ((breaks, ["task: seal"]), (goes_well, [])):
        stopping.clear()
        monkeypatch.setattr(worker, "TASKS", (Task("seal", work),))
        run(small.settings, small.database, stopping)
        assert open_ones() == still_open


def test_a_recording_from_whose_sealing_the_worker_did_not_come_back_is_passed_and_sealed_later(
    small: Node,
) -> None:
    deaf, other = (small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1) for _ in range(2))
    with small.database.transaction() as session:
        claim = sealing.claim_due(session, small.now, 600)
        assert claim is not None
        assert claim.call_id == deaf
    small.pass_s(601)
    with small.database.transaction() as session:
        set_aside(session, sealing.item_of(claim), TooLong("the worker did not come back"), small.now)
    assert seal_next(small.worker)
    assert small.recording(other).state is RecordingState.READY
    assert seal_next(small.worker) is False, "it rests"
    small.pass_s(60)
    assert seal_next(small.worker)
    assert small.recording(deaf).state is RecordingState.READY
    assert small.incidents() == []


def test_an_office_with_recordings_without_end_keeps_none_of_another_from_being_sealed(node: Node) -> None:
    for _ in range(6):
        last = node.ended_call(ended_s=1)
    with node.database.transaction() as session:
        session.get_one(Call, last).office_code = "102"
    offices = set[str]()
    for turn in range(2):
        with node.database.transaction() as session:
            claim = sealing.claim_due(session, node.now + timedelta(milliseconds=turn), 600)
            offices |= {claim.office_code} if claim is not None else set()
    assert offices == {"101", "102"}


def test_that_others_wrote_is_no_failure_unless_they_did_each_time(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    real, seen = sealing.finish, []

    def busy(*_: Any) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, locked)

    monkeypatch.setattr(sealing, "finish", busy)
    for _ in range(5):
        assert seal_next(small.worker) is True
        seen.append(small.causes())
        due_at = small.recording(call_id).due_at
        assert due_at is not None
        small.now = due_at
    assert seen == [[]] * 4 + [["sealing_failed"]]
    monkeypatch.setattr(sealing, "finish", real)
    assert seal_next(small.worker) is True
    assert small.recording(call_id).state is RecordingState.READY
    assert small.incidents() == []
