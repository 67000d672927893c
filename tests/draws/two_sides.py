"""An office's node and headquarters, each with a database of its own; letters go between them without a wire."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from supervision.calls import service as calls
from supervision.calls.rules import Event, EventKind, LineRules, Party, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.database import Database
from supervision.draws import hq_clock
from supervision.draws.hq import open_periods, take_letter
from supervision.draws.models import Draw
from supervision.draws.node import read_letter, write_letter
from supervision.draws.queries import attempts_of
from supervision.draws.statements import HqLetter, OfficeLetter
from supervision.draws.transcript import transcript_of
from supervision.feeds.service import latest_position, parse_batch, take
from supervision.offices.description import parse_description
from supervision.offices.models import Desk, DeskAssignment
from supervision.offices.service import load_office
from supervision.outbox.rules import Gap
from supervision.outbox.service import next_batch, note_received
from supervision.people.models import Account
from supervision.people.rules import Role
from supervision.recordings import service as recordings
from supervision.recordings.facts import tell_recording
from supervision.recordings.models import Recording, RecordingState
from supervision.recordings.service import ClosedPart
from supervision.store import upgrade

CODE = "3101"
LINE = LineOfOffice(CODE, 0, LineRules())
OFFICE = """
office: {code: "3101", name: 第一税务所}
lines:
  - {key: 3101-1, number: "62310001", name: 一号线, gateway: {account: fxo1}, desks: ["801", "802"], leader: "900"}
desks:
  - {extension: "801", name: 一号台}
  - {extension: "802", name: 二号台}
  - {extension: "900", name: 带班领导}
"""
MONDAY = datetime(2026, 11, 15, 16, 0, tzinfo=UTC)  # 00:00 of Monday 2026-11-16 in the bureau's zone
WEEK = timedelta(days=7)
LOGINS = {"801": "zhang", "802": "li"}
WEEKLY = "office:3101:2026-W47"


@dataclass
class TwoSides:
    """Both parties, and the time, which only a test moves."""

    node: Database
    hq: Database
    at: datetime = MONDAY
    cut: bool = False
    asked: set[str] = field(default_factory=set)

    def call(self, at: datetime, desk: str = "801", *, audio: bool = True, answered: bool = True) -> uuid.UUID:
        """A call of a minute at the office, sealed unless it has no audio."""
        call_id = self._ended_call(at, desk, answered=answered)
        if audio:
            self._record(call_id, at)
            self.seal(call_id, at + timedelta(minutes=1))
        return call_id

    def call_in_work(self, at: datetime, desk: str = "801") -> uuid.UUID:
        """An answered call that was recorded, and is not sealed yet."""
        call_id = self._ended_call(at, desk)
        self._record(call_id, at)
        return call_id

    def seal(self, call_id: uuid.UUID, at: datetime | None = None) -> None:
        """Its recording is sealed, and headquarters is told so."""
        with self.node.transaction() as session:
            part = ClosedPart(f"{call_id}.a1.raw", 32_000, call_id.hex * 2, at or self.at)
            recordings.finish_recording(session, call_id, [part], at or self.at, interrupted=False)
            _seal(session.get_one(Recording, call_id), at or self.at)
            tell_recording(session, CODE, call_id)

    def _ended_call(self, at: datetime, desk: str, *, answered: bool = True) -> uuid.UUID:
        call_id = uuid.uuid4()
        with self.node.transaction() as session:
            call = calls.offer_call(session, Offered(call_id, "3101-1", f"c.{call_id}", at), LINE, Witness.ARI)
            end = at + timedelta(minutes=1)
            happened = [Event(EventKind.DESK_RANG, at, "d", desk)]
            if answered:
                happened.append(Event(EventKind.DESK_ANSWERED, at, "d", desk))
            happened += [Event(EventKind.HUNG_UP, end, "c", party=Party.CALLER), Event(EventKind.ENDED, end, "c")]
            happened.append(Event(EventKind.WATCHED_WHOLE, end, "c"))
            calls.note_events(session, call, LINE, Witness.ARI, happened)
        return call_id

    def _record(self, call_id: uuid.UUID, at: datetime) -> None:
        with self.node.transaction() as session:
            recordings.begin_recording(session, call_id)
            recordings.note_part(session, call_id, f"{call_id}.a1.raw", at)

    def tell(self) -> None:
        """What is in the outbox goes to headquarters."""
        while not self.cut:
            with self.node.reading() as session:
                batch = next_batch(session, CODE, 1000)
            if batch is None or not batch.facts:
                return
            facts = [{"n": f.n, "kind": f.kind, "at": f.at.isoformat(), "body": f.body} for f in batch.facts]
            wire = json.dumps({"epoch": str(batch.epoch), "facts": facts}).encode()
            n = self._take(wire)
            with self.node.transaction() as session:
                note_received(session, CODE, batch.epoch, n)

    def _take(self, wire: bytes) -> int:
        try:
            with self.hq.transaction() as session:
                return take(session, CODE, parse_batch(wire), self.at)
        except Gap as gap:
            return gap.wanted - 1

    def speak(self, times: int = 1) -> None:
        """The node writes, headquarters answers; and time is minded there."""
        for _ in range(times):
            letter = self.write()
            self.tell()
            if not self.cut:
                self.read(self.take(letter))
            self.mind()

    def write(self) -> str:
        """The node's next letter."""
        with self.node.transaction() as session:
            return write_letter(session, CODE, self.at, self.asked).model_dump_json()

    def take(self, letter: str) -> str:
        """What headquarters answers to a letter."""
        said = OfficeLetter.model_validate_json(letter)
        with self.hq.transaction() as session:
            return take_letter(session, CODE, said, self.at).model_dump_json()

    def read(self, answer: str) -> None:
        """The node takes the answer in."""
        heard = HqLetter.model_validate_json(answer)
        with self.node.transaction() as session:
            self.asked = read_letter(session, CODE, heard, self.at)

    def mind(self) -> None:
        """What the worker does at headquarters."""
        with self.hq.transaction() as session:
            if CODE in hq_clock.offices(session):
                open_periods(session, CODE, self.at)
                hq_clock.open_supplements(session, CODE, self.at)
            for draw in hq_clock.unfinished(session):
                hq_clock.mind_the_clock(session, draw.id, latest_position, self.at)

    def later(self, **much: float) -> None:
        """Time passes."""
        self.at += timedelta(**much)

    def draw(self, side: Database, name: str = WEEKLY) -> Draw:
        """A draw as one side has it."""
        with side.reading() as session:
            return session.scalars(select(Draw).where(Draw.name == name)).one()

    def attempts(self, side: Database, name: str = WEEKLY) -> list[Any]:
        """Its attempts."""
        with side.reading() as session:
            return list(attempts_of(session, self.draw(side, name).id))

    def transcript(self, side: Database, name: str = WEEKLY) -> dict[str, Any]:
        """What a side publishes of it."""
        with side.reading() as session:
            return transcript_of(session, session.scalars(select(Draw).where(Draw.name == name)).one())


def _seal(recording: Recording, at: datetime) -> None:
    recording.state, recording.sealed_at = RecordingState.READY, at
    recording.pcm_sha256, recording.duration_ms = recording.call_id.hex * 2, 60_000


@contextmanager
def two_sides(folder: Path, hq_url: str = "", *, made: bool = False) -> Iterator[TwoSides]:
    """Both, with the same people at the same desks, on the Monday that begins 2026-W47; `made`: they are there."""
    urls = f"sqlite:///{folder / 'node.db'}", hq_url or f"sqlite:///{folder / 'hq.db'}"
    for url in urls if not made else ():
        upgrade(url)
    sides = TwoSides(Database(urls[0]), Database(urls[1]))
    if not made:
        _furnish(sides)
    try:
        yield sides
    finally:
        sides.node.close()
        sides.hq.close()


def _furnish(sides: TwoSides) -> None:
    with sides.node.transaction() as session:
        load_office(session, parse_description(OFFICE))
    sides.tell()
    for side in (sides.node, sides.hq):
        _seat_people(side)


def _seat_people(side: Database) -> None:
    with side.transaction() as session:
        for extension, login in LOGINS.items():
            desk = session.scalars(select(Desk).where(Desk.extension == extension)).one()
            person = Account(login=login, name=login, role=Role.OFFICER, office_code=CODE)
            session.add(person)
            session.flush()
            session.add(DeskAssignment(desk_id=desk.id, account_id=person.id, since_at=MONDAY - 9 * WEEK))
