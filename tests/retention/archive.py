"""An archive for the tests of retention: calls of long ago with sealed recordings, and people to decide."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role, Scope
from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.context import Context
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths, PartName, Paths
from supervision.people.models import Account
from supervision.recordings.models import OfficeCopy, Part, RecordingState
from supervision.retention.messages import Orders
from supervision.retention.models import Deletion
from supervision.retention.service import agree, propose_due
from supervision.retention.tasks import delete_next
from supervision.settings import Mode, Settings
from supervision.task import Worker
from tests.calls.samples import Town, actor_of, make_town, seconds
from tests.recordings.sounds import seal

OLD = datetime(2026, 1, 15, 2, 0, tzinfo=UTC)
LATER = datetime(2028, 2, 20, 2, 0, tzinfo=UTC)  # January 2026 and all its two years are over
EVERYTHING = Scope()
EPOCH = uuid.UUID(int=1)
PCM = b"\1\2\3\4" * 8000


@dataclass
class Archive:
    """Headquarters' archive, or a node's."""

    home: Path
    database: Database
    mode: Mode = Mode.HQ
    now: datetime = LATER

    @property
    def worker(self) -> Worker:
        """The worker, at a time that stands still."""
        settings = Settings(home=self.home, mode=self.mode, database_url=self.database.url)
        return Worker(settings, self.database, lambda: self.now)

    @property
    def paths(self) -> Paths:
        """Its folders."""
        return Paths(self.home)

    def people(self, session: Session) -> Town:
        """The town with the supervision section."""
        town = make_town(session)
        town.person("head", "孙科长", Role.SUPERVISION_HEAD)
        town.person("watcher", "李监察", Role.SUPERVISOR)
        town.person("watcher2", "赵监察", Role.SUPERVISOR)
        if self.mode is Mode.HQ:
            for code in ("01", "02"):
                session.add(
                    Inbox(office_code=code, epoch=EPOCH, n=7, taken=7, heard_at=self.now, fact_at=self.now)
                )
        return town

    def people_of(self, session: Session) -> Actor:
        """The head, where the town is there already."""
        return actor_of(session.scalars(select(Account).where(Account.login == "head")).one())

    def recorded(self, town: Town, at: datetime = OLD, **facts: Any) -> Call:
        """A call whose two copies are sealed and agree, with its raw part here."""
        call = town.call(at, **facts)
        recording = seal(town.session, self.paths, call, 1)
        recording.closed_at = call.ended_at
        part = town.session.scalars(select(Part).where(Part.call_id == call.id)).one()
        part.received_at = call.ended_at
        copy = OfficeCopy(
            call_id=call.id, state=RecordingState.READY, duration_ms=1000, sealed_at=at + seconds(70)
        )
        copy.pcm_sha256 = recording.pcm_sha256
        town.session.add(copy)
        town.session.flush()
        raw = self.raw(call)
        raw.parent.mkdir(parents=True, exist_ok=True)
        raw.write_bytes(b"\0" * (part.length_bytes or 0))
        return call

    def raw(self, call: Call) -> Path:
        """Where its raw part is."""
        name = f"{call.id}.a1.raw"
        return (
            (HqPaths(self.home).incoming / call.office_code / name)
            if self.mode is Mode.HQ
            else self.paths.spool / name
        )

    def sealed(self, call: Call) -> Path:
        """Where its sealed copy is."""
        return self.paths.sealed(call.id, call.offered_at)


def both_agree(session: Session, first: Actor, second: Actor, deletion: Deletion, at: datetime = LATER) -> None:
    """Two people agree to a deletion."""
    agree(Context(session, first, Scope(), at), deletion.id, version=deletion.version)
    agree(Context(session, second, Scope(), at + timedelta(minutes=1)), deletion.id, version=deletion.version)


def acts(session: Session) -> list[str]:
    """What the audit log says was done."""
    return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.n)))


def received(hq: Archive, call: Call) -> PartName:
    """Have the raw part come in by the intake's own way, final."""
    name, incoming = PartName(call.id, "a", 1), Incoming(HqPaths(hq.home))
    hq.raw(call).unlink(missing_ok=True)
    incoming.create(call.office_code, name, None, 10)
    with incoming.open(call.office_code, name, 0) as upload:
        upload.fix_length(len(PCM))
        upload.write(PCM)
        upload.keep()
    incoming.finalize(call.office_code, name, len(PCM), hashlib.sha256(PCM).hexdigest())
    return name


def agreed(hq: Archive, calls: int = 1) -> tuple[list[Call], uuid.UUID]:
    """Calls whose deletion two people have agreed to, not carried out yet."""
    with hq.database.transaction() as session:
        town = hq.people(session)
        found = [hq.recorded(town, OLD + timedelta(hours=n)) for n in range(calls)]
        for call in found:
            received(hq, call)
        (deletion,) = propose_due(session, LATER)
        both_agree(session, town.actor("watcher"), town.actor("head"), deletion)
        return found, deletion.id


def work(archive: Archive) -> None:
    """Let the worker delete what it may."""
    while delete_next(archive.worker):
        pass


def order_for(call_id: uuid.UUID) -> Orders:
    """What headquarters tells a node to delete."""
    agreed_by = [{"name": name, "at": LATER.isoformat()} for name in ("李监察", "孙科长")]
    order = {"call_id": str(call_id), "deletion_id": str(uuid.uuid4()), "cause": "age", "agreed_by": agreed_by}
    return Orders.model_validate({"orders": [{**order, "pcm_sha256": "0" * 64}]})
