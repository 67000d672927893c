"""One run of torture: calls come, grow and end while something is done to the system; then all is compared."""

import hashlib
import random
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select

from demo.headquarters import LoopbackHeadquarters
from demo.processes import until
from supervision.calls.models import Call, CallEvent, SwitchRecordRow
from supervision.clock import now
from supervision.database import Database
from supervision.errors import NotFound
from supervision.exchange.models import Inbox, OutboxHead, RefusedFact
from supervision.incidents.models import Incident
from supervision.incidents.rules import About, Cause
from supervision.parts.incoming import Incoming
from supervision.parts.part_writer import PartState
from supervision.paths import PartName
from supervision.reconcile.service import BY_SEALING, write_down
from supervision.reconcile.site import Site
from supervision.reconcile.tasks import look_twice
from supervision.recordings.models import Part, Recording, RecordingState
from tests.torture.office import CODE, PlayedOffice

AT_ONCE = 6
STEPS = (1, 12)
# A worker that is killed holds its claim until the lease runs out.
SETTINGS = {"SUPERVISION_SEAL_LEASE_S": "2"}
# What the reconciler rightly says if its minute falls into the days of a cut; over when the link is back.
OF_DAYS = (Cause.NOT_RECEIVED, Cause.OFFICE_SILENT)


class Missed(NamedTuple):
    """Something that sealing did not find: what kind of thing, which, and of which call."""

    cause: Cause
    subject: str
    call_id: uuid.UUID | None


@dataclass
class Run:
    """One run: what was done how often, and how far each part was acknowledged when last looked at."""

    hq: LoopbackHeadquarters
    office: PlayedOffice
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[str, int] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)

    def live(self, until_s: float) -> None:
        """Let calls come, grow and end for so long."""
        end = time.monotonic() + until_s
        while True:
            if len(self.office.talks) < AT_ONCE:
                self.office.begin(self.dice.randint(*STEPS))
            self.office.grow(self.dice.choice(self.office.talks))
            if time.monotonic() >= end:
                return
            time.sleep(0.01)

    def look(self) -> None:
        """What was acknowledged is never less than it was, and never more than was spoken; final stays final."""
        incoming = Incoming(self.hq.paths)
        for path in self.office.paths.spool.iterdir():
            name = PartName.parse(path.name)
            if name is None or path.name in self.final:
                continue  # what fills a disk; what is compared byte by byte in the end
            try:
                held = incoming.state(CODE, name)
            except NotFound:
                held = PartState(0, None)
            before = self.acknowledged.get(path.name, 0)
            assert before <= held.offset <= path.stat().st_size, f"{path.name}: was {before}, is {held.offset}"
            self.acknowledged[path.name] = held.offset
            if held.final:
                self.final.add(path.name)

    @property
    def sent(self) -> int:
        """The bytes that were acknowledged when last looked at."""
        return sum(self.acknowledged.values())

    def look_at_receipts(self) -> None:
        """what is acknowledged is at headquarters, facts and parts, is there at this moment."""
        with self.office.database.reading() as here:
            head = here.scalars(select(OutboxHead)).one()
            acknowledged = set(here.scalars(select(Part.name).where(Part.received_at.is_not(None))))
        with self.hq.database.reading() as there:
            taken = there.scalar(select(Inbox.n)) or 0
            held = set(there.scalars(select(Part.name).where(Part.received_at.is_not(None))))
        assert head.received_n <= taken, f"acknowledged that {head.received_n} facts are there, and {taken} are"
        assert acknowledged <= held, f"acknowledged, and not there: {acknowledged - held}"

    @property
    def unsent(self) -> int:
        """How many facts the office still has to tell."""
        with self.office.database.reading() as session:
            head = session.scalars(select(OutboxHead)).one()
            return head.last_n - head.received_n

    def finish(self, within_s: float) -> None:
        """End all calls, and wait until headquarters has everything and the office knows it."""
        while self.office.talks:
            self.office.grow(self.office.talks[0])
        until("all receipts", self.all_received, within_s)
        until("all sealed at headquarters", self._all_sealed, within_s)
        until("all facts sent", self._all_sent, within_s)

    def all_received(self) -> bool:
        """Whether the office has headquarters' receipt for each part."""
        waits = Part.closed_at.is_not(None), Part.received_at.is_(None)
        with self.office.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Part).where(*waits)) == 0

    def _all_sealed(self) -> bool:
        with self.hq.database.reading() as session:
            sealed = Recording.state.in_((RecordingState.READY, RecordingState.EMPTY))
            return session.scalar(select(func.count()).select_from(Recording).where(sealed)) == self.office.calls

    def _all_sent(self) -> bool:
        return self.unsent == 0

    def expect_the_same(
        self, over: Collection[Cause] = (), gaps: Collection[Cause] = (), maybe: Collection[Cause] = ()
    ) -> None:
        """Every byte, every call, every event is at headquarters, once.

        Nothing was noticed there, but for what is `over`, and `maybe` was there and is over, and for `gaps` where
        something was never written. A part that never came to be has neither a file nor a hash, and both sides
        miss it in the same words.
        """
        self.look()
        self._expect_missed_by_both()
        self._reconcile()
        for path in self.office.paths.spool.iterdir():
            assert (self.hq.paths.incoming_office(CODE) / path.name).read_bytes() == path.read_bytes(), path.name
        with self.hq.database.reading() as there, self.office.database.reading() as here:
            head, inbox = here.scalars(select(OutboxHead)).one(), there.scalars(select(Inbox)).one()
            assert (inbox.epoch, inbox.n, inbox.taken) == (head.epoch, head.last_n, head.last_n)
            for table in (Call, CallEvent, SwitchRecordRow, Part, Recording):
                count = select(func.count()).select_from(table)
                assert there.scalar(count) == here.scalar(count), table.__tablename__
            parts = select(Part.name, Part.call_id, Part.length_bytes, Part.sha256).order_by(Part.name)
            assert there.execute(parts).all() == here.execute(parts).all()
            hashes = {name: sha256 for name, _, _, sha256 in there.execute(parts) if sha256 is not None}
            assert hashes == self._hashes()
            ended = {row.id: row.ended_at for row in there.scalars(select(Call))}
            assert ended == {row.id: row.ended_at for row in here.scalars(select(Call))}
            assert there.scalars(select(RefusedFact)).all() == []
            of_calls = Incident.cause.in_([cause for cause in Cause if cause.about is About.CALLS])
            incidents = there.scalars(select(Incident).where(of_calls)).all()
            healed = {row.cause for row in incidents if row.healed_at is not None} & {*over, *maybe}
            strange = [row for row in incidents if row.cause not in gaps and row.cause not in healed]
            strange += [row for row in incidents if row.cause in healed and row.healed_at is None]
            assert not strange, [(row.cause, row.subject, row.detail, row.healed_at) for row in strange]
            assert healed >= set(over)
            assert bool(gaps) == any(row.cause in gaps for row in incidents)

    def _expect_missed_by_both(self) -> None:
        """What sealing finds of a call whose part never came to be is the same at both sides."""
        with self.office.database.reading() as here:
            unwritten = dict(here.execute(select(Part.name, Part.call_id).where(Part.sha256.is_(None))).all())
        assert len(unwritten) == self.office.unwritten
        for call_id in unwritten.values():
            self.office.seal(call_id)
        until("the office has sent what it misses", self._all_sent)
        mine = _missed(self.office.database, unwritten.values())
        assert mine == _missed(self.hq.database, unwritten.values()), "found by headquarters itself"
        assert mine == _missed(self.hq.database, unwritten.values(), received=True), "sent by the office"
        assert {Missed(Cause.PART_MISSING, *part) for part in unwritten.items()} <= mine.keys()

    def _reconcile(self) -> None:
        """Look once more, now that all is there: headquarters' worker may have been killed before it did."""
        self.hq.worker.stop()
        at = now()
        looked = look_twice(self.hq.database, Site.of(self.hq.settings), at)
        with self.hq.database.transaction() as session:
            write_down(session, looked, at)

    def _hashes(self) -> dict[str, str]:
        spool = self.office.paths.spool.iterdir()
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in spool}

    def grow_older(self, days: float) -> None:
        """Let so much time have passed since all that is here, at both sides, was written."""
        by = timedelta(days=days)
        self.office.grow_older(by)
        with self.hq.database.transaction() as session:
            for inbox in session.scalars(select(Inbox)):
                inbox.heard_at, inbox.back_at = inbox.heard_at - by, inbox.back_at and inbox.back_at - by
                inbox.fact_at = inbox.fact_at and inbox.fact_at - by


def _missed(
    database: Database, calls: Collection[uuid.UUID], *, received: bool = False
) -> Mapping[Missed, dict[str, Any]]:
    """What sealing found of these calls on one side, with its numbers."""
    about = Incident.call_id.in_(calls), Incident.cause.in_(BY_SEALING), Incident.received == received
    with database.reading() as session:
        rows = session.scalars(select(Incident).where(*about))
        return {Missed(row.cause, row.subject, row.call_id): row.detail for row in rows}


@contextmanager
def running(
    hq: LoopbackHeadquarters, home: Path, dice: random.Random, url: str = "", inside: Sequence[str] = ()
) -> Iterator[Run]:
    """A run with an office in that folder, its uplink started; ended with the run."""
    office = PlayedOffice(home, hq, dice, url, inside=inside)
    try:
        office.uplink.start()
        yield Run(hq, office, dice)
    finally:
        office.stop()


def dice_of(seed: int) -> random.Random:
    """Dice whose run can be had again."""
    return random.Random(seed)  # noqa: S311 - no secret
