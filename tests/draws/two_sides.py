"""An office's node and headquarters, each with a database of its own; messages go between them without a wire."""

import functools
import json
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ari_app.uplink.anew import send_anew
from supervision.actor import Role
from supervision.calls import service as calls
from supervision.calls.rules import Event, EventKind, LineRules, Party, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.database import Database
from supervision.draws.hq import answer_message, apply_message
from supervision.draws.messages import HqMessage, OfficeMessage
from supervision.draws.models import Draw
from supervision.draws.node import apply_answers, write_message
from supervision.draws.share_files import ShareFiles
from supervision.draws.tasks import advance_draws
from supervision.draws.transcript import transcript_of
from supervision.exchange.models import OutboxHead
from supervision.exchange.queries import latest_position
from supervision.exchange.rules import Gap
from supervision.exchange.service import next_batch, note_received
from supervision.ingest.contact import ClockBehind
from supervision.ingest.messages import parse_batch
from supervision.ingest.service import receive_batch
from supervision.offices.description import parse_description
from supervision.offices.models import Desk, DeskAssignment
from supervision.offices.service import load_office
from supervision.paths import Paths
from supervision.people.models import Account
from supervision.recordings import service as recordings
from supervision.recordings.messages import send_recording
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
MONTHLY = "hq:3101:2026-11"
MONTH_END = MONDAY + timedelta(days=15)


@dataclass
class TwoSides:
    """Both parties, each with its database and its files, and the time, which only a test moves.

    `node_off`, `hq_off`: how far the node's clock is ahead, and headquarters'.
    """

    node: Database
    hq: Database
    folder: Path
    at: datetime = MONDAY
    cut: bool = False
    node_off: timedelta = timedelta()
    hq_off: timedelta = timedelta()
    new_ids: Callable[[], uuid.UUID] = uuid.uuid4

    @property
    def node_at(self) -> datetime:
        """The node's clock."""
        return self.at + self.node_off

    @property
    def hq_at(self) -> datetime:
        """Headquarters' clock."""
        return self.at + self.hq_off

    @property
    def node_files(self) -> ShareFiles:
        """The node's secrets."""
        return ShareFiles(Paths(self.folder / "node"))

    @property
    def hq_files(self) -> ShareFiles:
        """Headquarters' secrets."""
        return ShareFiles(Paths(self.folder / "hq"))

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
        """Its recording is sealed, and headquarters knows it."""
        with self.node.transaction() as session:
            part = ClosedPart(f"{call_id}.a1.raw", 32_000, call_id.hex * 2, at or self.at)
            recordings.finish_recording(session, call_id, [part], at or self.at, interrupted=False)
            _seal(session.get_one(Recording, call_id), at or self.at)
            send_recording(session, CODE, call_id)

    def _ended_call(self, at: datetime, desk: str, *, answered: bool = True) -> uuid.UUID:
        call_id = self.new_ids()
        with self.node.transaction() as session:
            call = calls.note_call(session, Offered(call_id, "3101-1", f"c.{call_id}", at), LINE, Witness.ARI, ())[
                0
            ]
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
            if batch is None:
                return
            if not batch.facts:  # the uplink says now and then that it is there
                self._note_received(batch.epoch, batch.received_n)
                return
            facts = [{"n": f.n, "kind": f.kind, "at": f.at.isoformat(), "body": f.body} for f in batch.facts]
            body = {"epoch": str(batch.epoch), "sent_at": self.node_at.isoformat(), "facts": facts}
            n = self.take_facts(json.dumps(body).encode())
            if n is None:
                return  # it is reported again
            self._note_received(batch.epoch, n)

    def _note_received(self, epoch: uuid.UUID, n: int) -> None:
        with self.node.transaction() as session:
            note_received(session, CODE, epoch, n, self.node_at)

    def take_facts(self, wire: bytes) -> int | None:
        """Headquarters applies a batch; up to which number it has them then. None: by its clock it takes none."""
        try:
            with self.hq.transaction() as session:
                return receive_batch(session, CODE, parse_batch(wire), self.hq_at)
        except Gap as gap:
            return gap.wanted - 1
        except ClockBehind:
            return None

    def speak(self, times: int = 1) -> None:
        """The node writes, headquarters answers; and time is minded there."""
        for _ in range(times):
            message = self.write()
            self.tell()
            if not self.cut:
                self.read(self.take(message))
            self.mind()

    def write(self) -> str:
        """The node's next message."""
        with self.node.transaction() as session:
            return write_message(session, self.node_files, CODE, self.node_at).model_dump_json()

    def take(self, message: str) -> str:
        """What headquarters answers to a message."""
        said = OfficeMessage.model_validate_json(message)
        with self.hq.transaction() as session:
            apply_message(session, self.hq_files, CODE, said, self.hq_at)
            return answer_message(session, CODE, said, self.hq_at).model_dump_json()

    def read(self, answer: str) -> None:
        """The node applies the answer."""
        heard = HqMessage.model_validate_json(answer)
        with self.node.transaction() as session:
            apply_answers(session, self.node_files, CODE, heard, self.node_at)

    def mind(self) -> None:
        """What the worker does at headquarters."""
        advance_draws(self.hq, self.hq_files, lambda: self.hq_at)

    def copy(self, side: str, name: str) -> Path:
        """A copy of a side's database, as a backup makes it."""
        file = self.folder / f"{name}.db"
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.folder / f"{side}.db", isolation_level=None)) as database:
            database.execute(f"VACUUM INTO '{file}'")
        return file

    def put_back(self, side: str, copy: Path) -> None:
        """A side's database is put back from a copy; both sides then find out how far the facts have come."""
        old: Database = getattr(self, side)
        old.close()
        for left in self.folder.glob(f"{side}.db*"):
            left.unlink()
        shutil.copy(copy, self.folder / f"{side}.db")
        setattr(self, side, Database(f"sqlite:///{self.folder / side}.db"))

    def find_position(self) -> None:
        """What the uplink does first: headquarters says how far it has the facts, which shows who was put back.

        Where headquarters has more than the node knows to have sent, the node numbers anew (`send_anew`).
        """
        with self.hq.reading() as session:
            position = latest_position(session, CODE)
        with self.node.transaction() as session:
            head = session.scalars(select(OutboxHead)).one()
            if position is None or position[0] != head.epoch:
                return
            if position[1] > head.received_n:
                send_anew(session, CODE, head.epoch, position[1], self.node_at)
            else:
                note_received(session, CODE, *position, self.node_at)

    def later(self, **much: float) -> None:
        """Time passes."""
        self.at += timedelta(**much)

    def draw(self, side: Database, name: str = WEEKLY) -> Draw:
        """A draw as one side has it."""
        with side.reading() as session:
            return session.scalars(select(Draw).where(Draw.name == name)).one()

    def transcript(self, side: Database, name: str = WEEKLY) -> dict[str, Any]:
        """What a side publishes of it."""
        with side.reading() as session:
            return transcript_of(session, session.scalars(select(Draw).where(Draw.name == name)).one())


def _seal(recording: Recording, at: datetime) -> None:
    recording.state, recording.sealed_at = RecordingState.READY, at
    recording.pcm_sha256, recording.duration_ms = recording.call_id.hex * 2, 60_000


@functools.cache
def furnished() -> Path:
    """A folder with both databases, migrated, with the same people at the same desks; made once, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="two-sides-"))
    urls = [f"sqlite:///{folder / name}.db" for name in ("node", "hq")]
    upgrade(urls[0])
    shutil.copy(folder / "node.db", folder / "hq.db")
    sides = TwoSides(Database(urls[0]), Database(urls[1]), folder)
    _furnish(sides)
    sides.node.close()
    sides.hq.close()
    return folder


@contextmanager
def two_sides(folder: Path, hq_url: str = "", template: Path | None = None) -> Iterator[TwoSides]:
    """Both, the same people at the same desks, on the Monday that begins 2026-W47; or as a template has it."""
    for name in ("node", "hq"):
        shutil.copy((template or furnished()) / f"{name}.db", folder / f"{name}.db")
    if hq_url:
        upgrade(hq_url)
    sides = TwoSides(
        Database(f"sqlite:///{folder / 'node.db'}"),
        Database(hq_url or f"sqlite:///{folder / 'hq.db'}"),
        folder,
    )
    if hq_url:
        _seat_at(sides)
    try:
        yield sides
    finally:
        sides.node.close()
        sides.hq.close()


def _seat_at(sides: TwoSides) -> None:
    """Headquarters' database is another: it is sent all, and has the people, too."""
    with sides.node.transaction() as session:
        head = next_batch(session, CODE, 1)
        assert head is not None
        note_received(session, CODE, head.epoch, 0, sides.node_at)
    sides.tell()
    _seat_people(sides.hq)


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
