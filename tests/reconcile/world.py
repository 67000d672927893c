"""A machine on which everything agrees: calls with the switch record, audio on disk, and both copies."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update

from supervision.calls.models import Call, SwitchRecordRow, SwitchRecordSource
from supervision.calls.rules import Disposition, Party, Witness
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.incidents.models import Incident
from supervision.offices.models import Line, Office
from supervision.paths import PartName
from supervision.reconcile.service import Outcome, look, write_down
from supervision.reconcile.site import Site
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.settings import Mode, Settings

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
EPOCH = uuid.UUID(int=7)
SECONDS = 40
PCM = bytes(range(1, 33)) * 8 * 125 * SECONDS  # 32 kB a second
SHA256 = hashlib.sha256(PCM).hexdigest()


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@dataclass
class World:
    """One machine: headquarters with one office, or that office's node."""

    database: Database
    home: Path
    mode: Mode = Mode.HQ
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        self.site = Site.of(Settings(home=self.home, mode=self.mode))
        with self.database.transaction() as session:
            session.add(Office(code="31", name="第一税务所"))
            session.flush()
            facts = {"rings_before_us": 0, "ring_s": 5.0, "announcement": True}
            session.add(Line(key="31-1", office_code="31", number="62310001", name="一号线", **facts))
            if self.mode is Mode.HQ:
                session.add(
                    Inbox(
                        office_code="31",
                        epoch=EPOCH,
                        n=5,
                        taken=5,
                        heard_at=AT,
                        fact_at=AT,
                        clock_off_ms=20,
                        stamps=True,
                    )
                )

    def calls(self, number: int = 3, age: timedelta = timedelta(hours=2)) -> list[uuid.UUID]:
        """So many calls of 40 s, one a minute, the last so long ago; sealed, with all that there is."""
        offered = [AT - age - seconds(60) * n for n in range(number)]
        ids = [uuid.uuid4() for _ in offered]
        rows = list(zip(ids, offered, strict=True))
        with self.database.transaction() as session:
            session.execute(insert(Call), [self._call(*row) for row in rows])
            session.execute(insert(SwitchRecordRow), [self._account(*row) for row in rows])
            session.execute(insert(Recording), [self._recording(*row) for row in rows])
            session.execute(insert(Part), [self._part(*row) for row in rows])
            if self.mode is Mode.HQ:
                session.execute(insert(OfficeCopy), [self._office_copy(*row) for row in rows])
        for call_id, at in rows:
            for path in (self.sealed(call_id, at), self.part(call_id)):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"fLaC" if path.suffix == ".flac" else b"")
            if number < 100:
                self.part(call_id).write_bytes(PCM)
        return ids

    def _call(self, call_id: uuid.UUID, at: datetime) -> dict[str, object]:
        times = {"offered_at": at, "first_rang_at": at + seconds(1), "answered_at": at + seconds(6)}
        return {
            "id": call_id,
            "office_code": "31",
            "line_key": "31-1",
            "uniqueid": str(call_id),
            "caller_number": "",
            "caller_name": "",
            "ended_at": at + seconds(1 + SECONDS),
            "answered_desk": "801",
            "rings": 1,
            "rings_before_us": 0,
            "disposition": Disposition.ANSWERED,
            "hung_up_by": Party.CALLER,
            "interrupted": False,
            "witness": Witness.ARI,
            **times,
        }

    def _account(self, call_id: uuid.UUID, at: datetime) -> dict[str, object]:
        return {
            "call_id": call_id,
            "office_code": "31",
            "linkedid": str(call_id),
            "offered_at": at,
            "line_answered_at": at + seconds(1),
            "ended_at": at + seconds(1 + SECONDS),
            "mixmonitor_started": True,
            "muted_ms": 0,
            "source": SwitchRecordSource.CEL,
            "disposition": Disposition.ANSWERED,
            "answered_desk": "801",
            "hung_up_by": Party.CALLER,
            "rings_least": 1,
            "rings_most": 1,
        }

    def _recording(self, call_id: uuid.UUID, at: datetime) -> dict[str, object]:
        over = at + seconds(2 + SECONDS)
        return {
            "call_id": call_id,
            "state": RecordingState.READY,
            "attempts": 1,
            "closed_at": over,
            "frames": SECONDS * 8000,
            "duration_ms": SECONDS * 1000,
            "pcm_sha256": SHA256,
            "flac_sha256": "0" * 64,
            "flac_bytes": 4,
            "caller_loudness_db": -20.0,
            "officer_loudness_db": -20.0,
            "dead_air_ms": 0,
            "interrupted": False,
            "gaps": [],
            "sealed_at": over,
        }

    def _part(self, call_id: uuid.UUID, at: datetime) -> dict[str, object]:
        over = at + seconds(2 + SECONDS)
        return {
            "name": str(PartName(call_id, "a", 1)),
            "call_id": call_id,
            "started_at": at + seconds(1),
            "closed_at": over,
            "length_bytes": len(PCM),
            "sha256": SHA256,
            "received_at": over,
            "put_away_at": None,
        }

    def _office_copy(self, call_id: uuid.UUID, at: datetime) -> dict[str, object]:
        sealed = {"state": RecordingState.READY, "pcm_sha256": SHA256, "duration_ms": SECONDS * 1000}
        return {"call_id": call_id, "sealed_at": at + seconds(3 + SECONDS), **sealed}

    def sealed(self, call_id: uuid.UUID, at: datetime | None = None) -> Path:
        """Where a call's sealed file is."""
        if at is None:
            with self.database.reading() as session:
                at = session.get_one(Call, call_id).offered_at
        return self.site.paths.sealed(call_id, at)

    def part(self, call_id: uuid.UUID) -> Path:
        """Where a call's raw part is."""
        return self.site.parts.path("31", PartName(call_id, "a", 1))

    def run(self, at: datetime = AT, *, heard: bool = True) -> Outcome:
        """One run of the reconciler; the office was heard just now, and has nothing more to tell."""
        if heard:
            with self.database.transaction() as session:
                session.execute(update(Inbox).values(heard_at=at, fact_at=at))
        with self.database.reading() as session:
            looked = look(session, self.site, at)
        with self.database.transaction() as session:
            return write_down(session, looked, at)

    def open(self) -> list[tuple[str, str]]:
        """The open incidents: cause and subject."""
        with self.database.reading() as session:
            rows = session.scalars(select(Incident).where(Incident.healed_at.is_(None)))
            return sorted((row.cause.value, row.subject) for row in rows)

    def details(self) -> list[str]:
        """What the open incidents say, for a failing test."""
        with self.database.reading() as session:
            rows = session.scalars(select(Incident).where(Incident.healed_at.is_(None)))
            return [json.dumps([row.cause.value, row.subject, row.detail]) for row in rows]
