"""Headquarters' own clock, a day behind: offices are asked to come again, and no fact is refused for good."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import Inbox, RefusedFact
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paths import HqPaths
from supervision.settings import Mode, Settings
from tests.intake.conftest import Office
from tests.store_fixtures import make_store
from web.intake import create_intake, facts

EPOCH, OTHER = uuid.UUID(int=5), uuid.UUID(int=6)
DAY = timedelta(days=1, hours=1)


@pytest.fixture
def app(paths: HqPaths, hq: Database) -> Flask:
    """The intake of a headquarters that has its database."""
    make_store(paths.home / "hq.db")
    return create_intake(Settings(home=paths.home, mode=Mode.HQ, database_url=hq.url))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Set headquarters' clock."""
    return lambda off: monkeypatch.setattr(facts, "now", lambda: now() + off)


def tell(office: Office, n: int, sent_at: datetime, epoch: uuid.UUID = EPOCH) -> TestResponse:
    """A fact about the machine, sent as it was seen."""
    body = {"seen_at": sent_at.isoformat(), "volumes": [], "waiting_parts": 0, "waiting_bytes": 0}
    fact = {"n": n, "kind": "machine", "at": sent_at.isoformat(), "body": body | {"oldest_unsent_at": None}}
    batch = {"epoch": str(epoch), "sent_at": sent_at.isoformat(), "facts": [fact]}
    return office.ask("POST", "/v1/facts", data=json.dumps(batch))


def refused(hq: Database) -> int:
    with hq.reading() as session:
        return len(session.scalars(select(RefusedFact)).all())


def incidents(hq: Database) -> list[tuple[str, bool]]:
    with hq.reading() as session:
        query = select(Incident).where(Incident.cause == Cause.CLOCK_BEHIND).order_by(Incident.first_seen_at)
        rows = session.scalars(query).all()
        return [(one.office_code, one.healed_at is not None) for one in rows]


def test_with_headquarters_clock_a_day_behind_facts_wait_and_none_is_refused_for_good(
    node: Office, neighbour: Office, hq: Database, clock: Callable[[timedelta], None]
) -> None:
    assert tell(node, 1, now()).status_code == 200
    clock(-DAY)
    answer = tell(node, 2, now())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert tell(neighbour, 1, now(), OTHER).status_code == 503, "of an office that was never heard before, too"
    assert (refused(hq), incidents(hq)) == (0, [("hq", False)])
    clock(timedelta())
    assert (tell(node, 2, now()).json or {})["n"] == 2
    assert (tell(neighbour, 1, now(), OTHER).json or {})["n"] == 1
    assert (refused(hq), incidents(hq)) == (0, [("hq", True)])


def test_a_clock_that_was_a_year_ahead_for_a_while_stops_no_office_once_it_is_right(
    node: Office, hq: Database, clock: Callable[[timedelta], None]
) -> None:
    clock(timedelta(days=365))
    assert tell(node, 1, now()).status_code == 200
    clock(timedelta())
    assert tell(node, 2, now()).status_code == 200
    assert (refused(hq), incidents(hq)) == (0, [])
    with hq.reading() as session:
        back_at = session.scalars(select(Inbox.back_at)).one()
    assert back_at is not None
    assert back_at <= now(), "or nothing would be missed before that date"


def test_an_office_whose_clock_is_ahead_is_heard_where_headquarters_was_ahead_once_and_another_agrees_with_it_now(
    node: Office, neighbour: Office, hq: Database, clock: Callable[[timedelta], None]
) -> None:
    clock(timedelta(days=365))
    assert tell(neighbour, 1, now(), uuid.UUID(int=7)).status_code == 200, "an epoch that is heard no more"
    clock(timedelta())
    ahead = now() + timedelta(minutes=11)
    assert tell(node, 1, ahead).status_code == 503, "it is the first that speaks"
    assert tell(neighbour, 1, now(), OTHER).status_code == 200
    assert tell(node, 1, ahead).status_code == 200
    assert incidents(hq) == [("hq", True)]


def test_where_clocks_differ_that_headquarters_is_behind_is_named_once_an_hour(
    node: Office, neighbour: Office, hq: Database, clock: Callable[[timedelta], None]
) -> None:
    assert tell(neighbour, 1, now(), OTHER).status_code == 200
    clock(-DAY)
    for n in (1, 2):
        assert tell(node, 1, now()).status_code == 503
        assert tell(neighbour, n, now() - DAY, uuid.UUID(int=8)).status_code == 200, "its clock is behind as ours"
        with hq.transaction() as session:  # nobody agrees any more
            session.execute(update(Inbox).where(Inbox.epoch == uuid.UUID(int=8)).values(stamps=False))
    assert incidents(hq) == [("hq", True)]
    clock(-DAY + timedelta(hours=2))
    assert tell(node, 1, now()).status_code == 503
    assert incidents(hq) == [("hq", True), ("hq", False)]


def test_an_office_that_only_says_that_it_is_later_makes_nobody_doubt_headquarters_clock(
    node: Office, neighbour: Office, hq: Database
) -> None:
    assert tell(neighbour, 1, now(), OTHER).status_code == 200
    assert tell(node, 1, now() + timedelta(days=400)).status_code == 200
    assert (refused(hq), incidents(hq)) == (1, [])
