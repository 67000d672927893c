"""The outbox: a fact is written with what it tells or not at all."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from supervision.database import Database
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from supervision.exchange.service import forget_before, next_batch, note_received, open_outbox, send_fact


class Undone(Exception):
    """The act did not come about."""


def sent(store: Database, *bodies: str) -> None:
    for body in bodies:
        with store.transaction() as session:
            send_fact(session, "07", FactKind.CALL, {"what": body})


def waiting(store: Database, most: int = 100) -> list[tuple[int, str]]:
    with store.reading() as session:
        batch = next_batch(session, "07", most)
        assert batch is not None
        return [(fact.n, fact.body["what"]) for fact in batch.facts]


@pytest.fixture
def node(store: Database) -> Database:
    with store.transaction() as session:
        open_outbox(session, "07")
    return store


def test_facts_are_numbered_in_the_order_of_their_acts_without_a_gap(node: Database) -> None:
    sent(node, "a")
    with pytest.raises(Undone), node.transaction() as session:
        send_fact(session, "07", FactKind.CALL, {"what": "undone"})
        raise Undone
    sent(node, "b")
    assert waiting(node) == [(1, "a"), (2, "b")]


def test_what_headquarters_has_is_not_sent_again_until_it_has_less(node: Database) -> None:
    sent(node, "a", "b", "c")
    with node.transaction() as session:
        batch = next_batch(session, "07", 2)
        assert batch is not None
        note_received(session, "07", batch.epoch, 2)
    assert waiting(node) == [(3, "c")]
    with node.transaction() as session:
        note_received(session, "07", uuid.uuid4(), 3)
    assert waiting(node) == [(3, "c")], "another epoch is no concern of this one"
    with node.transaction() as session:
        note_received(session, "07", batch.epoch, 1)
    assert waiting(node) == [(2, "b"), (3, "c")]


def test_only_what_headquarters_has_is_ever_forgotten(node: Database) -> None:
    sent(node, "a", "b", "c")
    later = datetime.now(UTC) + timedelta(days=60)
    with node.transaction() as session:
        batch = next_batch(session, "07", 2)
        assert batch is not None
        note_received(session, "07", batch.epoch, 2)
        assert forget_before(session, datetime.now(UTC) - timedelta(days=60)) == 0
        assert forget_before(session, later) == 2
    with node.reading() as session:
        assert [row.n for row in session.scalars(select(OutboxEntry))] == [3]


def test_headquarters_which_has_no_outbox_tells_nobody(store: Database) -> None:
    with store.transaction() as session:
        send_fact(session, "07", FactKind.CALL, {})
        assert next_batch(session, "07", 10) is None
        assert forget_before(session, datetime.now(UTC)) == 0
