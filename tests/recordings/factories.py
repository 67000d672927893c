"""Sounds, parts and ended calls for the tests of sealing."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from sqlalchemy import select

from supervision.calls.models import Call, CallEvent
from supervision.calls.rules import Disposition, EventKind, Party, Witness
from supervision.database import Database, new_id
from supervision.incidents.models import Incident
from supervision.offices.models import Line, Office
from supervision.paths import PartName, Paths
from supervision.recordings.encoding import Claim
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.recordings.sealing import claim_call
from supervision.settings import Settings
from supervision.task import Worker

RATE = 8000
OFFERED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
Side = npt.NDArray[np.int16]


def tone(hz: float, ms: float, level: float = 0.5) -> Side:
    times = np.arange(round(ms * RATE / 1000)) / RATE
    return (level * 32767 * np.sin(2 * np.pi * hz * times)).astype(np.int16)


def silence(ms: float) -> Side:
    return np.zeros(round(ms * RATE / 1000), dtype=np.int16)


def noise(ms: float, seed: int = 1, level: float = 0.2) -> Side:
    frames = round(ms * RATE / 1000)
    return (level * 32767 * np.random.default_rng(seed).uniform(-1, 1, frames)).astype(np.int16)


def stereo(caller: Side, officer: Side) -> bytes:
    return np.stack([caller, officer], axis=1).astype("<i2").tobytes()


def talk(ms: float) -> bytes:
    """440 Hz on the caller's side, 880 Hz on the officer's."""
    return stereo(tone(440, ms), tone(880, ms))


def seconds(moment_s: float) -> datetime:
    return OFFERED + timedelta(seconds=moment_s)


@dataclass(frozen=True)
class APart:
    """A part as it was closed: its PCM, and when it began, in seconds from the call's offer."""

    pcm: bytes
    at_s: float = 0.0
    starter: str = "a"
    n: int = 1


@dataclass
class Node:
    """An office node without Asterisk: a home folder, a store, and a clock that stands still until it is set."""

    home: Path
    database: Database
    now: datetime = OFFERED + timedelta(hours=1)
    known: bool = field(default=False)

    @property
    def paths(self) -> Paths:
        return Paths(self.home)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, database_url=self.database.url)

    @property
    def worker(self) -> Worker:
        return Worker(self.settings, self.database, self.clock)

    def clock(self) -> datetime:
        return self.now

    def pass_s(self, length_s: float) -> None:
        self.now += timedelta(seconds=length_s)

    def ended_call(
        self,
        parts: Iterable[APart] = (),
        *,
        ended_s: float,
        line_up_s: float | None = None,
        answered_s: float | None = None,
        interrupted: bool = False,
    ) -> uuid.UUID:
        """A call that is over, its parts closed and on disk, its recording due."""
        call_id = new_id()
        with self.database.transaction() as session:
            if not self.known:
                session.add(Office(code="101", name="城关税务所"))
                session.flush()
                session.add(
                    Line(
                        key="l1",
                        office_code="101",
                        number="1",
                        name="1",
                        rings_before_us=0,
                        ring_s=5.0,
                        announcement=True,
                    )
                )
                session.flush()
                self.known = True
            session.add(
                Call(
                    id=call_id,
                    office_code="101",
                    line_key="l1",
                    uniqueid="1.1",
                    offered_at=OFFERED,
                    answered_at=None if answered_s is None else seconds(answered_s),
                    ended_at=seconds(ended_s),
                    disposition=Disposition.ABANDONED if answered_s is None else Disposition.ANSWERED,
                    hung_up_by=Party.CALLER,
                    interrupted=interrupted,
                    witness=Witness.ARI,
                )
            )
            session.flush()
            session.add(Recording(call_id=call_id, state=RecordingState.FINAL, due_at=seconds(ended_s), gaps=[]))
            session.flush()
            if line_up_s is not None:
                session.add(
                    CallEvent(
                        call_id=call_id,
                        witness=Witness.ARI,
                        at=seconds(line_up_s),
                        kind=EventKind.LINE_ANSWERED,
                        channel="1.1",
                    )
                )
        for part in parts:
            self.closed_part(call_id, part)
        return call_id

    def closed_part(self, call_id: uuid.UUID, part: APart) -> Path:
        name = PartName(call_id, part.starter, part.n)
        path = self.paths.part(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(part.pcm)
        with self.database.transaction() as session:
            session.add(
                Part(
                    name=str(name),
                    call_id=call_id,
                    started_at=seconds(part.at_s),
                    closed_at=self.now,
                    length_bytes=len(part.pcm),
                    sha256=hashlib.sha256(part.pcm).hexdigest(),
                )
            )
        return path

    def noted_part(self, call_id: uuid.UUID) -> None:
        """A part that was begun, as far as its starter knows, and of which there is no file."""
        with self.database.transaction() as session:
            session.add(Part(name=str(PartName(call_id, "a", 1)), call_id=call_id, started_at=OFFERED))

    def set_state(self, call_id: uuid.UUID, state: RecordingState) -> None:
        with self.database.transaction() as session:
            session.get_one(Recording, call_id).state = state

    def due_again(self, call_id: uuid.UUID) -> None:
        with self.database.transaction() as session:
            recording = session.get_one(Recording, call_id)
            recording.state, recording.due_at = RecordingState.FINAL, self.now

    def claim(self, call_id: uuid.UUID) -> Claim:
        """Another worker takes it."""
        with self.database.transaction() as session:
            return claim_call(session, call_id, self.now, self.settings.seal_lease_s)

    def recording(self, call_id: uuid.UUID) -> Recording:
        with self.database.reading() as session:
            return session.get_one(Recording, call_id)

    def incidents(self, *, healed: bool = False) -> list[tuple[str, str, dict[str, Any]]]:
        """Open incidents (or those that healed): cause, subject, detail."""
        with self.database.reading() as session:
            rows = session.scalars(select(Incident).order_by(Incident.cause, Incident.subject))
            return [
                (row.cause.value, row.subject, row.detail) for row in rows if (row.healed_at is not None) is healed
            ]

    def causes(self) -> list[str]:
        return [cause for cause, _, _ in self.incidents()]

    def flac(self, call_id: uuid.UUID) -> Path:
        return self.paths.sealed(call_id, OFFERED)

    def samples(self, call_id: uuid.UUID) -> npt.NDArray[np.int16]:
        samples: npt.NDArray[np.int16]
        samples, rate = soundfile.read(self.flac(call_id), dtype="int16", always_2d=True)
        assert rate == RATE
        return samples

    def peaks(self, call_id: uuid.UUID) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.paths.peaks(call_id, OFFERED).read_text("utf-8"))
        return document

    def archived(self) -> list[str]:
        """Names of all files in the archive, hidden ones too."""
        return sorted(path.name for path in self.paths.archive.rglob("*") if path.is_file())


def loudest_hz(side: npt.NDArray[np.int16]) -> float:
    """The frequency that a side consists of, by FFT, to the nearest line."""
    power = np.abs(np.fft.rfft(side.astype(np.float64) * np.hanning(len(side))))
    return float(np.argmax(power)) * RATE / len(side)
