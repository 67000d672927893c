"""Headquarters' disk does not give one part (EIO): it is an incident, others are received, and later this one."""

import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.calls import service as calls
from supervision.calls.rules import LineRules, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.offices.models import Line, Office
from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths, PartName
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.recordings.tasks import receive_parts
from supervision.settings import Mode, Settings
from supervision.task import Worker

AUDIO = {1: b"sick" * 1000, 2: b"well" * 1000}


def name(n: int) -> PartName:
    return PartName(uuid.UUID(int=n), "a", 1)


@pytest.fixture
def worker(tmp_path: Path, sqlite_url: str) -> Iterator[Worker]:
    """Headquarters with two parts that have come whole, and that their office has closed."""
    database = Database(sqlite_url)
    incoming = Incoming(HqPaths(tmp_path))
    with database.transaction() as session:
        session.add(Office(code="3101", name="第一税务所"))
        session.flush()
        line = {"number": "1", "name": "1", "rings_before_us": 0, "ring_s": 5.0, "announcement": True}
        session.add(Line(key="l1", office_code="3101", **line))
        session.flush()
        for n, audio in AUDIO.items():
            offered = Offered(name(n).call_id, "l1", f"1.{n}", now())
            calls.note_call(session, offered, LineOfOffice("3101", 0, LineRules()), Witness.ARI, ())
            session.add(Recording(call_id=name(n).call_id, closed_at=now(), gaps=[]))
            session.flush()
            closed = {"length_bytes": len(audio), "sha256": hashlib.sha256(audio).hexdigest(), "closed_at": now()}
            session.add(Part(name=str(name(n)), call_id=name(n).call_id, started_at=now(), **closed))
            incoming.create("3101", name(n), None, 10)
            with incoming.open("3101", name(n), 0) as upload:
                upload.write(audio)
                upload.keep()
    yield Worker(Settings(home=tmp_path, mode=Mode.HQ), database)
    database.close()


def received(worker: Worker) -> list[str]:
    with worker.database.reading() as session:
        return list(session.scalars(select(Part.name).where(Part.received_at.is_not(None)).order_by(Part.name)))


def test_a_part_that_the_disk_does_not_give_is_seen_and_holds_up_no_other(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pread

    def pread(handle: int, length: int, at: int) -> bytes:
        read = real(handle, length, at)
        if read.startswith(b"sick"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read

    monkeypatch.setattr(os, "pread", pread)
    receive_parts(worker)
    receive_parts(worker)
    assert received(worker) == [str(name(2))]
    with worker.database.reading() as session:
        (incident,) = session.scalars(select(Incident))
    assert (incident.cause, incident.subject, incident.healed_at) == (Cause.DISK_FAULT, str(name(1)), None)
    monkeypatch.setattr(os, "pread", real)
    receive_parts(worker)
    assert received(worker) == [str(name(1)), str(name(2))]
    with worker.database.reading() as session:
        assert session.get_one(Incident, incident.id).healed_at is not None


def test_a_part_that_was_begun_and_left_no_file_at_the_office_holds_up_no_recording(worker: Worker) -> None:
    call_id = name(2).call_id
    with worker.database.transaction() as session:
        session.add(Part(name=str(PartName(call_id, "a", 2)), call_id=call_id, started_at=now()))
    receive_parts(worker)
    with worker.database.reading() as session:
        assert session.get_one(Recording, call_id).state is RecordingState.FINAL


def test_a_recording_of_which_no_part_left_a_file_is_handed_over_too(worker: Worker) -> None:
    call_id = name(1).call_id
    with worker.database.transaction() as session:
        part = session.get_one(Part, str(name(1)))
        part.closed_at = part.length_bytes = part.sha256 = None
    receive_parts(worker)
    with worker.database.reading() as session:
        assert session.get_one(Recording, call_id).state is RecordingState.FINAL
