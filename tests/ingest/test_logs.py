"""Each node's whole audit log is at headquarters, verified as it comes, and kept whatever is wrong with it."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from supervision.audit.models import AuditEntry, OfficeAuditEntry
from supervision.audit.service import record
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import RefusedFact
from supervision.exchange.queries import latest_position
from supervision.exchange.service import next_batch, note_received
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.ingest.messages import parse_batch
from supervision.ingest.service import receive_batch
from supervision.offices.description import parse_description
from supervision.offices.service import load_office
from tests.ingest.test_service import OFFICE, wire
from tests.store_fixtures import make_store

pytestmark = pytest.mark.usefixtures("unhurried")

CONTENT = ("n", "at", "actor_id", "actor", "act", "subject", "office_code", "detail", "previous", "hash")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Database]:
    """A node on which somebody acted before it knew whose it is."""
    database = Database(make_store(tmp_path / "node.db"))
    act(database)
    with database.transaction() as session:
        load_office(session, parse_description(OFFICE))
    yield database
    database.close()


def act(node: Database, name: str = "signed_in") -> None:
    with node.transaction() as session:
        record(session, None, name, "account:1", {"秒": 1.5, "whole": 3.0, "none": None})


def send(node: Database, hq: Database, **changed: Any) -> None:
    """Tell what there is, with the facts of the log changed on the way."""
    with node.reading() as session:
        batch = next_batch(session, "3101", 200)
    assert batch is not None
    facts = json.loads(wire(batch))["facts"]
    for fact in facts:
        if fact["kind"] == "audit":
            fact["body"] |= changed
    with hq.transaction() as session:
        n = receive_batch(session, "3101", parse_batch(wire(batch, facts=facts)), now())
    with node.transaction() as session:
        note_received(session, "3101", batch.epoch, n)


def entries(hq: Database) -> list[dict[str, Any]]:
    with hq.reading() as session:
        rows = session.scalars(select(OfficeAuditEntry).order_by(OfficeAuditEntry.n)).all()
        assert {row.node_code for row in rows} <= {"3101"}
        return [{name: getattr(row, name) for name in CONTENT} for row in rows]


def breaks(hq: Database) -> list[tuple[int, str]]:
    with hq.reading() as session:
        rows = session.scalars(select(Incident).where(Incident.cause == Cause.AUDIT_BROKEN))
        return [(row.detail["n"], row.detail["fault"]) for row in rows]


def test_headquarters_has_the_whole_log_even_from_before_the_node_sent_anything(
    node: Database, store: Database
) -> None:
    act(node, "recording_downloaded")
    send(node, store)
    with node.reading() as session:
        own = session.scalars(select(AuditEntry).order_by(AuditEntry.n)).all()
        assert entries(store) == [{name: getattr(row, name) for name in CONTENT} for row in own]
    assert len(own) == 3
    assert breaks(store) == []


def test_an_act_that_is_rolled_back_is_sent_to_nobody(node: Database, store: Database) -> None:
    with pytest.raises(RuntimeError), node.transaction() as session:
        record(session, None, "signed_in", "account:2", {})
        raise RuntimeError
    send(node, store)
    assert [row["subject"] for row in entries(store)].count("account:2") == 0


def test_the_same_sent_again_is_kept_once(node: Database, store: Database) -> None:
    send(node, store)
    before = entries(store)
    with node.transaction() as session:
        batch = next_batch(session, "3101", 200)
        assert batch is not None
        note_received(session, "3101", batch.epoch, 0)
    with store.transaction() as session:
        session.execute(text("UPDATE inboxes SET n = 0"))  # its database was put back from a copy
    send(node, store)
    assert entries(store) == before
    assert breaks(store) == []


def test_an_entry_altered_on_its_way_is_kept_and_an_incident(node: Database, store: Database) -> None:
    send(node, store)
    last = len(entries(store))
    act(node)
    send(node, store, actor="another")
    assert entries(store)[-1]["actor"] == "another"
    assert breaks(store) == [(last + 1, "altered")]
    act(node)
    send(node, store)
    assert breaks(store) == [(last + 1, "altered")], "what follows is right in itself"


def test_a_log_rewritten_at_the_node_is_found_by_its_next_entry(node: Database, store: Database) -> None:
    send(node, store)
    last = len(entries(store))
    with node.transaction() as session:
        session.execute(text("DROP TRIGGER audit_entries_no_update"))
        session.execute(text("UPDATE audit_entries SET hash = :hash WHERE n = :n"), {"hash": "f" * 64, "n": last})
    act(node)
    send(node, store)
    assert breaks(store) == [(last + 1, "not_chained")]


def test_another_entry_under_a_number_that_is_taken_does_not_take_its_place(
    node: Database, store: Database
) -> None:
    send(node, store)
    before = entries(store)
    with node.reading() as session:
        batch = next_batch(session, "3101", 200)
    assert batch is not None
    forged = json.loads(json.dumps(before[0], default=str)) | {"actor": "another", "hash": "e" * 64}
    forged["at"] = before[0]["at"].isoformat()
    with store.transaction() as session:
        held = latest_position(session, "3101")
        n = held[1] + 1 if held else 1
        fact = {"n": n, "kind": "audit", "at": now().isoformat(), "body": forged}
        receive_batch(session, "3101", parse_batch(wire(batch, facts=[fact])), now())
    assert entries(store) == before
    assert breaks(store) == [(1, "other_head")]


def test_a_rebuilt_node_begins_another_log(node: Database, store: Database) -> None:
    send(node, store)
    with node.reading() as session:
        batch = next_batch(session, "3101", 1)
    assert batch is not None
    entry = {name: value for name, value in entries(store)[0].items() if name != "at"}
    body = entry | {"at": entries(store)[0]["at"].isoformat()}
    fact = {"n": 1, "kind": "audit", "at": now().isoformat(), "body": body}
    with store.transaction() as session:
        receive_batch(session, "3101", parse_batch(wire(batch, epoch=str(uuid.uuid4()), facts=[fact])), now())
    with store.reading() as session:
        assert session.scalars(select(RefusedFact)).all() == []
    assert [row["n"] for row in entries(store)].count(1) == 2
    assert breaks(store) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE office_audit_entries SET act = 'x'", "DELETE FROM office_audit_entries"]
)
def test_what_an_office_reported_of_its_log_can_be_neither_changed_nor_removed(
    node: Database, store: Database, statement: str
) -> None:
    send(node, store)
    with pytest.raises(DBAPIError, match="never"), store.transaction() as session:
        session.execute(text(statement))
