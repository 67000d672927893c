"""An office that sends more than its lines can produce is asked to wait, and named; no other office is."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select

from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.settings import Mode, Settings
from tests.intake.conftest import Office
from tests.intake.test_protocol import refused
from tests.store_fixtures import make_store
from web.intake import create_intake

PARTS = [f"{uuid.uuid4()}.d1.raw" for _ in range(3)]


@pytest.fixture
def app(settings: Settings) -> Flask:
    """An intake that takes a hundred bytes of an office within a day."""
    make_store(settings.home / "hq.db")
    return create_intake(settings.model_copy(update={"mode": Mode.HQ, "intake_bytes_per_day": 100}))


def test_an_office_that_fills_the_disk_within_its_other_limits_is_stopped_and_named(
    node: Office, neighbour: Office, hq: Database
) -> None:
    for name in PARTS:
        node.create(name)
    assert node.add(0, b"x" * 60, f"/v1/parts/{PARTS[0]}").status_code == 204
    assert node.add(0, b"x" * 60, f"/v1/parts/{PARTS[1]}").status_code == 204
    for _ in range(2):
        answer = refused(node.add(0, b"x" * 60, f"/v1/parts/{PARTS[2]}"), 429, "too-much-data")
    assert 0.1 * 86_400 < int(answer.headers["Retry-After"]) <= 0.3 * 86_400
    assert node.ask("POST", "/v1/facts", data=b"x" * 101).status_code != 429, "facts have a volume of their own"
    refused(node.ask("POST", "/v1/facts", data=b"x" * 50), 429, "too-much-data")
    assert node.held(f"/v1/parts/{PARTS[1]}") == 60, "what it asks is answered"
    neighbour.create(PARTS[0])
    assert neighbour.add(0, b"x" * 60, f"/v1/parts/{PARTS[0]}").status_code == 204
    with hq.reading() as session:
        found = session.scalars(select(Incident)).all()
    assert [(one.office_code, one.cause.value, one.times) for one in found] == [("3301", "office_floods", 1)]


def test_a_body_whose_length_is_not_said_counts_as_long_as_it_may_be(node: Office) -> None:
    node.create(PARTS[0])
    chunked = {"Upload_Offset": "0", "Transfer_Encoding": "chunked"}
    node.add(0, b"", f"/v1/parts/{PARTS[0]}", **chunked)
    refused(node.add(0, b"x", f"/v1/parts/{PARTS[0]}"), 429, "too-much-data")
