"""What the uplink tells when there is nothing to tell: that the office is there; and when it was answered."""

import asyncio
from datetime import datetime, timedelta

import pytest

from ari_app.uplink.facts import FactSender
from ari_app.uplink.link import Link, LinkDown
from ari_app.uplink.streams import Uplink
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.queries import headquarters_reached_at
from supervision.exchange.rules import HEARTBEAT_EVERY, OFFLINE_AFTER, FactKind, is_offline
from supervision.exchange.service import Batch, open_outbox, send_fact


class Headquarters(Link):
    """A wire that takes every batch, or is down."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.down = False

    async def send(self, batch: Batch) -> int:
        """All of it taken in."""
        if self.down:
            raise LinkDown("cut")
        self.sent.append(len(batch.facts))
        return sum(self.sent)


@pytest.fixture
def node(store: Database) -> Database:
    """A node whose outbox is empty."""
    with store.transaction() as session:
        open_outbox(session, "07")
    return store


class Ahead:
    """The uplink's clock, which a test moves on."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def later(self, by: timedelta) -> None:
        """Move it on."""
        self.by += by

    def __call__(self) -> datetime:
        """What it shows."""
        return now() + self.by


def reached_at(node: Database) -> datetime | None:
    with node.reading() as session:
        return headquarters_reached_at(session)


def test_a_node_with_nothing_to_tell_says_now_and_then_that_it_is_there(node: Database) -> None:
    wire, clock = Headquarters(), Ahead()
    sender = FactSender(Uplink(wire, node, "07", clock))
    assert asyncio.run(sender.send_once()) is False
    assert asyncio.run(sender.send_once()) is False
    assert wire.sent == [0], "once at the start"
    clock.later(HEARTBEAT_EVERY)
    asyncio.run(sender.send_once())
    assert wire.sent == [0, 0]
    with node.transaction() as session:
        send_fact(session, "07", FactKind.CALL, {})
    assert asyncio.run(sender.send_once()) is True
    clock.later(HEARTBEAT_EVERY / 2)
    asyncio.run(sender.send_once())
    assert wire.sent == [0, 0, 1], "a fact says it, too"


def test_a_clock_that_is_set_back_does_not_silence_a_node(node: Database) -> None:
    wire, clock = Headquarters(), Ahead()
    sender = FactSender(Uplink(wire, node, "07", clock))
    asyncio.run(sender.send_once())
    clock.later(-timedelta(days=1))
    asyncio.run(sender.send_once())
    assert wire.sent == [0, 0]


def test_when_headquarters_answered_is_noted_and_only_then(node: Database) -> None:
    wire = Headquarters()
    wire.down = True
    sender = FactSender(Uplink(wire, node, "07"))
    with pytest.raises(LinkDown):
        asyncio.run(sender.send_once())
    assert reached_at(node) is None
    wire.down, before = False, now()
    asyncio.run(sender.send_once())
    answered = reached_at(node)
    assert answered is not None
    assert before <= answered <= now()


def test_headquarters_is_away_once_it_has_not_answered_for_longer_than_a_minute() -> None:
    at = now()
    assert is_offline(None, at)
    assert not is_offline(at - OFFLINE_AFTER, at)
    assert is_offline(at - OFFLINE_AFTER - timedelta(seconds=1), at)
    assert HEARTBEAT_EVERY * 2 < OFFLINE_AFTER, "one lost beat is no alarm"
