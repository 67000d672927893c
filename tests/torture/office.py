"""An office whose Asterisk and control process are played by the test: files grow, calls are written down."""

import errno
import hashlib
import os
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from sqlalchemy import select
from structlog.testing import capture_logs

from demo.headquarters import LoopbackHeadquarters
from demo.processes import Process
from supervision.calls import service as calls
from supervision.calls.messages import SwitchRecord, send_switch_record
from supervision.calls.models import Call, SwitchRecordSource
from supervision.calls.rules import Event, EventKind, LineRules, Party, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.database import Database
from supervision.exchange.models import OutboxEntry
from supervision.offices.description import load_description
from supervision.offices.service import load_office
from supervision.paths import PartName, Paths
from supervision.recordings import service as recordings
from supervision.recordings.service import ClosedPart
from supervision.recordings.tasks import seal_call
from supervision.settings import Settings
from supervision.store import upgrade
from supervision.task import Worker

STEP_BYTES = 32_768  # as Asterisk writes
BYTES_A_SECOND = 32_000
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CODE = "3101"
LINE = LineOfOffice(CODE, 0, LineRules())
OFFICE = {
    "office": {"code": CODE, "name": "第一税务所"},
    "lines": [
        {"key": "3101-1", "number": "62310001", "name": "一号线", "gateway": {"account": "fxo1"}}
        | {"desks": ["801"], "leader": "900"}
    ],
    "desks": [{"extension": "801", "name": "一号台"}, {"extension": "900", "name": "带班领导"}],
}


@dataclass
class Talk:
    """One call while it goes on."""

    call_id: uuid.UUID
    part: PartName
    began: datetime
    steps_left: int
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    written: int = 0
    spoken: int = 0


class PlayedOffice:
    """A node's database and spool, and a real uplink to a real headquarters."""

    def __init__(
        self,
        home: Path,
        hq: LoopbackHeadquarters,
        dice: random.Random,
        url: str = "",
        *,
        inside: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        home.mkdir(exist_ok=True)
        self.paths, self.dice = Paths(home), dice
        self.paths.spool.mkdir(exist_ok=True)
        self.paths.office_file.write_text(yaml.safe_dump(OFFICE, allow_unicode=True), "utf-8")
        hq.admit(CODE, self.paths)
        database = f"sqlite:///{home / 'office.db'}"
        upgrade(database)
        self.database = Database(database)
        with self.database.transaction() as session:
            load_office(session, load_description(self.paths.office_file))
        environment = {"SUPERVISION_HOME": str(home), "SUPERVISION_HQ_URL": url or hq.url, "PYTHONUNBUFFERED": "1"}
        environment |= settings or {}
        self.uplink = Process(["ari_app.uplink"], environment, home / "uplink.log", inside)
        self.talks: list[Talk] = []
        self.calls = 0
        self.lost = 0
        self.unwritten = 0

    def begin(self, steps: int) -> Talk:
        """A call comes in and is recorded."""
        call_id = uuid.uuid4()
        self.calls += 1
        talk = Talk(call_id, PartName(call_id, "a", 1), START + timedelta(minutes=self.calls), steps)
        self._write(talk, b"")
        with self.database.transaction() as session:
            offered = Offered(call_id, "3101-1", f"c.{self.calls}", talk.began)
            call = calls.note_call(session, offered, LINE, Witness.ARI, ())[0]
            recordings.begin_recording(session, call_id)
            recordings.note_part(session, call_id, str(talk.part), talk.began)
            answered = [
                Event(EventKind.LINE_ANSWERED, talk.began, "c"),
                Event(EventKind.DESK_RANG, talk.began, "d", "801"),
                Event(EventKind.DESK_ANSWERED, talk.began, "d", "801"),
            ]
            calls.note_events(session, call, LINE, Witness.ARI, answered)
        self.talks.append(talk)
        return talk

    def grow(self, talk: Talk) -> None:
        """Another second of talk; after the last, somebody hangs up."""
        data = self.dice.randbytes(STEP_BYTES)
        kept = self._write(talk, data)
        talk.digest.update(data[:kept])
        talk.written += kept
        talk.spoken += len(data)
        talk.steps_left -= 1
        if talk.steps_left <= 0:
            self.talks.remove(talk)
            self._end(talk)

    def _write(self, talk: Talk, data: bytes) -> int:
        """As Asterisk does: what the disk does not take is lost, and the call goes on."""
        try:
            with self.paths.part(talk.part).open("ab", buffering=0) as file:
                kept = file.write(data)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            kept = 0
        self.lost += len(data) - kept
        return kept

    def _end(self, talk: Talk) -> None:
        ended_at = talk.began + timedelta(seconds=talk.spoken / BYTES_A_SECOND)
        with self.database.transaction() as session:
            call = session.get_one(Call, talk.call_id)
            over = [
                Event(EventKind.HUNG_UP, ended_at, "c", party=Party.CALLER),
                Event(EventKind.ENDED, ended_at, "c"),
                Event(EventKind.WATCHED_WHOLE, ended_at, "c"),
            ]
            calls.note_events(session, call, LINE, Witness.ARI, over)
            closed = [ClosedPart(str(talk.part), talk.written, talk.digest.hexdigest(), ended_at)]
            if not self.paths.part(talk.part).exists():
                closed, self.unwritten = [], self.unwritten + 1
            recordings.finish_recording(session, talk.call_id, closed, ended_at, interrupted=False)
            account = SwitchRecord(
                talk.call_id, call.uniqueid, talk.began, talk.began, ended_at, True, SwitchRecordSource.CEL
            )
            send_switch_record(session, CODE, account)

    def seal(self, call_id: uuid.UUID) -> None:
        """Seal one call's recording, as its worker would."""
        with capture_logs():
            seal_call(Worker(Settings(home=self.paths.home), self.database), call_id)

    def grow_older(self, by: timedelta) -> None:
        """Let so much time have passed since its parts and facts were written."""
        for path in self.paths.spool.iterdir():
            then = path.stat().st_mtime - by.total_seconds()
            os.utime(path, (then, then))
        with self.database.transaction() as session:
            for entry in session.scalars(select(OutboxEntry)):
                entry.at -= by

    def stop(self) -> None:
        """End its process and close its database."""
        self.uplink.stop()
        self.database.close()
