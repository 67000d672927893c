"""A node whose database was put back from a copy tells all that happens then, and no fact is taken for known."""

import asyncio
import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ari_app.uplink.facts import FactSender
from ari_app.uplink.link import Link, LinkDown, NumberedTwice
from ari_app.uplink.streams import Uplink
from supervision.audit.models import OfficeAuditEntry
from supervision.audit.service import record
from supervision.calls import service as calls
from supervision.calls.models import Call
from supervision.calls.rules import LineRules, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.exchange.rules import PutBack
from supervision.exchange.service import Batch
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.ingest.messages import parse_batch
from supervision.ingest.service import receive_batch
from supervision.offices.description import parse_description
from supervision.offices.service import load_office
from supervision.reconcile.office_rules import compare_outboxes
from supervision.reconcile.service import look, write_down
from supervision.reconcile.site import Site
from supervision.reconcile.witnesses import outboxes_of
from supervision.settings import Settings
from tests.draws.two_sides import OFFICE
from tests.store_fixtures import make_store

CODE = "3101"
LINE = LineOfOffice(CODE, 0, LineRules())


class Wire(Link):
    """Headquarters behind a wire that can be cut."""

    def __init__(self, hq: Database) -> None:
        self.hq, self.cut = hq, False

    async def send(self, batch: Batch) -> int:
        """As the intake does."""
        if self.cut:
            raise LinkDown("cut")
        facts = [{"n": f.n, "kind": f.kind, "at": f.at.isoformat(), "body": f.body} for f in batch.facts]
        body = {"epoch": str(batch.epoch), "sent_at": now().isoformat(), "facts": facts}
        try:
            with self.hq.transaction() as session:
                return receive_batch(session, CODE, parse_batch(json.dumps(body).encode()), now())
        except PutBack as error:
            raise NumberedTwice(error.n) from error


@dataclass
class Pair:
    """A node with its database's file, and headquarters."""

    file: Path
    node: Database
    hq: Database
    wire: Wire

    def call(self) -> uuid.UUID:
        """A call comes in at the office."""
        call_id = uuid.uuid4()
        with self.node.transaction() as session:
            calls.note_call(session, Offered(call_id, "3101-1", f"c.{call_id}", now()), LINE, Witness.ARI, ())
            record(session, None, "desk_assigned", f"desk:{call_id}", {}, CODE)
        return call_id

    def tell(self) -> None:
        """The uplink, started anew, sends all that there is."""
        sender = FactSender(Uplink(self.wire, self.node, CODE))
        while asyncio.run(sender.send_once()):
            pass

    def put_back(self, copy: Path) -> None:
        """The node's database is replaced by a copy of it."""
        self.node.close()
        for more in ("-wal", "-shm"):
            self.file.with_name(self.file.name + more).unlink(missing_ok=True)
        shutil.copy(copy, self.file)
        self.node = Database(f"sqlite:///{self.file}")

    def copied(self) -> Path:
        """A copy of the node's database."""
        self.node.close()
        copy = self.file.with_name("copy.db")
        shutil.copy(self.file, copy)
        self.node = Database(f"sqlite:///{self.file}")
        return copy

    def calls_at_headquarters(self) -> set[uuid.UUID]:
        """Which calls headquarters knows."""
        with self.hq.reading() as session:
            return set(session.scalars(select(Call.id)))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    node, hq = (Database(make_store(tmp_path / f"{name}.db")) for name in ("node", "hq"))
    with node.transaction() as session:
        load_office(session, parse_description(OFFICE))
    pair = Pair(tmp_path / "node.db", node, hq, Wire(hq))
    yield pair
    pair.node.close()
    hq.close()


def is_sent_anew(pair: Pair) -> None:
    """An incident says what happened, both machines have it, and nothing disagrees any more."""
    for database in (pair.node, pair.hq):
        with database.reading() as session:
            incident = session.scalars(select(Incident).where(Incident.cause == Cause.SEQUENCE_SKIPPED)).one()
            assert incident.detail["put_back"] is True
    with pair.node.reading() as session:
        assert compare_outboxes(outboxes_of(session)) == []
    with pair.hq.reading() as session:
        logs = select(OfficeAuditEntry.epoch, func.count()).group_by(OfficeAuditEntry.epoch)
        assert sorted(n for _, n in session.execute(logs)) == [4, 4]
        assert [one.n - one.taken for one in session.scalars(select(Inbox))] == [0, 0]
        assert session.scalars(select(Incident).where(Incident.cause == Cause.AUDIT_BROKEN)).all() == []


def test_a_node_that_was_put_back_tells_under_new_numbers_what_happens_from_then_on(pair: Pair) -> None:
    first = pair.call()
    pair.tell()
    copy = pair.copied()
    lost = [pair.call(), pair.call()]
    pair.tell()
    pair.put_back(copy)
    later = pair.call()
    pair.tell()
    assert pair.calls_at_headquarters() == {first, *lost, later}
    is_sent_anew(pair)


def test_that_a_node_was_put_back_does_not_heal_before_somebody_has_seen_it(pair: Pair, tmp_path: Path) -> None:
    pair.call()
    pair.tell()
    copy = pair.copied()
    pair.call()
    pair.tell()
    pair.put_back(copy)
    pair.tell()
    settings = Settings(home=tmp_path / "home", database_url=f"sqlite:///{pair.file}")
    for seen in (False, True):
        with pair.node.transaction() as session:
            incident = session.scalars(select(Incident).where(Incident.cause == Cause.SEQUENCE_SKIPPED)).one()
            incident.seen_at = now() if seen else None
            write_down(session, look(session, Site.of(settings), now()), now())
            assert (incident.healed_at is not None) is seen


def test_what_happened_while_headquarters_was_away_is_reported_even_if_its_numbers_go_beyond(pair: Pair) -> None:
    first = pair.call()
    pair.tell()
    copy = pair.copied()
    lost = [pair.call() for _ in range(2)]
    pair.tell()
    pair.put_back(copy)
    pair.wire.cut = True
    later = {pair.call() for _ in range(5)}
    with pytest.raises(LinkDown):
        pair.tell()
    pair.wire.cut = False
    pair.tell()
    assert pair.calls_at_headquarters() == {first, *lost, *later}


def test_an_answer_that_was_lost_begins_nothing_anew(pair: Pair) -> None:
    class Deaf(Wire):
        async def send(self, batch: Batch) -> int:
            await super().send(batch)
            raise LinkDown("the answer is lost")

    pair.call()
    pair.wire = Deaf(pair.hq)
    with pytest.raises(LinkDown):
        pair.tell()
    pair.wire = Wire(pair.hq)
    pair.call()
    pair.tell()
    with pair.hq.reading() as session:
        assert len(session.scalars(select(Inbox)).all()) == 1
