"""Headquarters' disk fails (EIO) while an office sends: nothing unsynced is acknowledged, and it is seen."""

import errno
import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.offices.models import Office as OfficeRow
from supervision.paths import HqPaths
from supervision.settings import Settings
from tests.intake.conftest import PART, Office, TlsConnection, der
from web.intake import create_intake


@pytest.fixture
def hq(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    with database.transaction() as session:
        session.add(OfficeRow(code="3301", name="第一税务所"))
    yield database
    database.close()


@pytest.fixture
def node(hq: Database, sqlite_url: str, settings: Settings, paths: HqPaths) -> Office:
    app = create_intake(settings.model_copy(update={"database_url": sqlite_url}))
    return Office(app, TlsConnection(der(paths, "3301")))


def incidents(hq: Database) -> list[tuple[str, str, str, int]]:
    with hq.reading() as session:
        rows = session.scalars(select(Incident).order_by(Incident.subject))
        return [(row.office_code, row.cause, row.subject, row.times) for row in rows]


def sick(*_: Any) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("call", ["pwrite", "fdatasync"])
def test_what_the_disk_did_not_take_is_not_acknowledged_and_is_one_incident(
    hq: Database, node: Office, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    node.create()
    node.add(0, b"01234")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, sick)
        answers = [node.add(5, b"56789") for _ in range(2)]
    assert [(answer.status_code, answer.json and answer.json["type"]) for answer in answers] == [
        (503, "urn:supervision:problem:disk-fault")
    ] * 2
    assert incidents(hq) == [("3301", Cause.DISK_FAULT, str(PART), 1)]
    assert node.held() == 5
    assert node.add(5, b"56789").status_code == 204


def test_a_part_that_cannot_even_be_begun_is_an_incident(
    hq: Database, node: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", sick)
        assert node.create().status_code == 503
    assert incidents(hq) == [("3301", Cause.DISK_FAULT, str(PART), 1)]
    assert node.create().status_code == 201
