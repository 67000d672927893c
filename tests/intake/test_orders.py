"""Offices ask which recordings they must delete, over the wire that knows who they are."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from ari_app.uplink.link import Link
from ari_app.uplink.orders import exchange_orders
from ari_app.uplink.streams import Uplink
from supervision.database import Database
from supervision.paths import HqPaths
from supervision.retention.messages import AT_ONCE
from supervision.retention.models import DeletionItem
from supervision.settings import Mode, Settings
from tests.intake.conftest import Office, TlsConnection, der
from tests.retention.archive import Archive, agreed, work
from tests.store_fixtures import make_store
from web.intake import create_intake


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    database = Database(make_store(settings.home / "office.db"))
    yield Archive(settings.home, database)
    database.close()


def asks(office: Office, gone: Any = ()) -> Any:
    answer = office.ask("POST", "/v1/deletions", {"Content-Type": "application/json"}, json.dumps(list(gone)))
    return answer.status_code, answer.get_json()


def test_an_office_gets_its_own_deletions_until_it_says_that_they_are_done(
    archive: Archive, settings: Settings, paths: HqPaths
) -> None:
    (call,), deletion_id = agreed(archive)
    work(archive)
    app: Flask = create_intake(settings)
    mine, other = (Office(app, TlsConnection(der(paths, code))) for code in ("01", "02"))
    status, answer = asks(mine)
    assert status == 200
    assert [order["call_id"] for order in answer["orders"]] == [str(call.id)]
    assert asks(other, [str(call.id)]) == (200, {"orders": []})
    assert asks(mine, [str(call.id)]) == (200, {"orders": []})
    with archive.database.reading() as session:
        assert session.get_one(DeletionItem, (deletion_id, call.id)).office_deleted_at is not None


@pytest.mark.parametrize("gone", [["x"], [str(uuid.UUID(int=n)) for n in range(AT_ONCE + 1)]])
def test_what_is_no_list_of_calls_is_refused(
    archive: Archive, settings: Settings, paths: HqPaths, gone: list[str]
) -> None:
    office = Office(create_intake(settings), TlsConnection(der(paths, "01")))
    assert asks(office, gone)[0] == 422


class Wire(Link):
    """The link without its TLS: the intake is asked in this process."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self.office.ask(method, path, {"Content-Type": "application/json"}, json.dumps(more["json"]))
        return httpx.Response(answer.status_code, content=answer.data)


def test_what_headquarters_deleted_goes_at_the_office_as_well_and_headquarters_knows(
    archive: Archive, settings: Settings, paths: HqPaths, tmp_path: Path, sqlite_url: str
) -> None:
    (call,), deletion_id = agreed(archive)
    work(archive)
    node = Archive(tmp_path / "node", Database(sqlite_url), Mode.OFFICE)
    with node.database.transaction() as session:
        own = node.recorded(node.people(session), id=call.id)
    wire = Wire(Office(create_intake(settings), TlsConnection(der(paths, "01"))))
    context = Uplink(wire, node.database, "01")
    asyncio.run(exchange_orders(context))
    assert node.sealed(own).exists()
    work(node)
    assert not node.sealed(own).exists()
    assert not node.raw(own).exists()
    asyncio.run(exchange_orders(context))
    with archive.database.reading() as session:
        assert session.get_one(DeletionItem, (deletion_id, call.id)).office_deleted_at is not None
    node.database.close()


@pytest.mark.parametrize("path", ["/v1/deletions", "/v1/receipts", "/v1/facts", "/v1/draws"])
def test_json_that_lies_too_deep_in_itself_is_refused(settings: Settings, paths: HqPaths, path: str) -> None:
    office = Office(create_intake(settings), TlsConnection(der(paths, "01")))
    assert office.ask("POST", path, {"Content-Type": "application/json"}, "[" * 50_000).status_code == 422
