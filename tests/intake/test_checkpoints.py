"""Headquarters' signed heads go to the offices over mutual TLS; the one that an office keeps is held to them."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from ari_app.uplink.checkpoints import CheckpointKeeper
from ari_app.uplink.link import Link, client
from ari_app.uplink.streams import Uplink
from supervision.audit.checkpoints import list_checkpoints, list_receipts, make_checkpoint
from supervision.audit.service import record
from supervision.certificates import authority
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paths import CertificateFiles, HqPaths, Paths
from tests.draws.test_over_the_wire import admit
from tests.intake.conftest import ready_to_serve
from tests.intake.server import Server, serving
from tests.intake.test_identity import handshake_fails, header, office
from tests.store_fixtures import make_store

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    return ready_to_serve(tmp_path / "hq")


class Node:
    """An office's node that keeps heads."""

    def __init__(self, home: Path, hq: HqPaths, code: str = "3301") -> None:
        self.code, self.paths = code, admit(hq, Paths(home), code)
        self.database = Database(make_store(home / "office.db"))

    def keep(self, server: Server, at: datetime | None = None, began_at: datetime | None = None) -> int:
        """What the uplink does, once, at that time of its clock; it was started some time before."""
        moment = at or now()

        async def once() -> int:
            async with client(f"https://127.0.0.1:{server.port}", self.paths, 2) as http:
                keeper = CheckpointKeeper(Uplink(Link(http), self.database, self.code, clock=lambda: moment))
                keeper.began_at = began_at or moment
                return await keeper.fetch_once()

        return asyncio.run(once())

    def numbers(self) -> list[int]:
        with self.database.reading() as session:
            return [row.number for row in list_checkpoints(session).rows]


@pytest.fixture
def node(tmp_path: Path, paths: HqPaths) -> Iterator[Node]:
    node = Node(tmp_path / "node", paths)
    yield node
    node.database.close()


def sign(hq: Database, paths: HqPaths, at: datetime) -> None:
    with hq.transaction() as session:
        record(session, None, "signed_in", "account:1", {})
    with hq.transaction() as session:
        assert make_checkpoint(session, Paths(paths.home), at) is not None


def differing(side: Database) -> list[tuple[str, str, bool]]:
    with side.reading() as session:
        rows = session.scalars(select(Incident).where(Incident.cause == Cause.HEAD_DIFFERS)).all()
        return [(row.office_code, row.subject, row.healed_at is None) for row in rows]


def test_each_head_is_at_the_office_a_look_later_and_none_is_taken_twice(
    server: Server, hq: Database, paths: HqPaths, node: Node
) -> None:
    assert node.keep(server) == 0, "nothing was signed yet"
    sign(hq, paths, now() - timedelta(hours=2))
    sign(hq, paths, now() - timedelta(hours=1))
    assert node.keep(server) == 2
    assert node.keep(server) == 0
    sign(hq, paths, now())
    assert node.keep(server) == 1
    assert node.numbers() == [3, 2, 1]
    assert differing(hq) == differing(node.database) == []


def test_a_log_rewritten_at_headquarters_is_found_by_the_head_that_an_office_keeps(
    server: Server, hq: Database, paths: HqPaths, node: Node
) -> None:
    sign(hq, paths, now())
    node.keep(server)
    with hq.transaction() as session:
        (kept,) = session.scalars(text("SELECT hash FROM audit_entries WHERE n = 1"))
        session.execute(text("DROP TRIGGER audit_entries_no_update"))
        session.execute(text("UPDATE audit_entries SET hash = :hash WHERE n = 1"), {"hash": "f" * 64})
    node.keep(server)
    assert differing(hq) == [("3301", "head", True)]
    with hq.transaction() as session:
        session.execute(text("UPDATE audit_entries SET hash = :hash WHERE n = 1"), {"hash": kept})
    node.keep(server)
    assert differing(hq) == [("3301", "head", False)], "it was put back, and heals"


def test_a_head_that_does_not_follow_is_an_incident_of_the_office_until_one_does(
    server: Server, hq: Database, paths: HqPaths, node: Node
) -> None:
    sign(hq, paths, now() - timedelta(hours=2))
    node.keep(server)
    (Paths(paths.home).secrets / "audit-signing-key").unlink()
    sign(hq, paths, now() - timedelta(hours=1))
    node.keep(server)
    assert differing(node.database) == [("3301", "checkpoint", True)], "another key"
    assert node.numbers() == [2, 1]
    sign(hq, paths, now())
    node.keep(server)
    assert differing(node.database) == [("3301", "checkpoint", False)]


def test_headquarters_knows_up_to_which_head_each_office_keeps_them(
    server: Server, hq: Database, paths: HqPaths, node: Node
) -> None:
    def known() -> dict[str, int]:
        with hq.reading() as session:
            return dict(list_receipts(session))

    sign(hq, paths, now() - timedelta(hours=1))
    sign(hq, paths, now())
    node.keep(server)
    assert known() == {}, "it asked for the first; whether they came is not known"
    node.keep(server)
    assert known() == {"3301": 2}


def test_no_new_head_for_hours_while_headquarters_answers_is_an_incident_until_one_comes(
    server: Server, hq: Database, paths: HqPaths, node: Node
) -> None:
    def late() -> list[bool]:
        with node.database.reading() as session:
            rows = session.scalars(select(Incident).where(Incident.cause == Cause.HEAD_LATE)).all()
            return [row.healed_at is None for row in rows]

    began = now()
    node.keep(server, at=began)
    node.keep(server, began_at=began, at=began + timedelta(hours=2))
    assert late() == [], "none was ever kept, and it is not long yet"
    node.keep(server, began_at=began, at=began + timedelta(hours=4))
    assert late() == [True]
    sign(hq, paths, now())
    node.keep(server, began_at=began, at=began + timedelta(hours=5))
    assert late() == [False]
    node.keep(server, began_at=began, at=began + timedelta(hours=9))
    node.keep(server, began_at=began, at=began + timedelta(hours=10))
    assert late() == [False, True]


def asked(server: Server, files: CertificateFiles, query: str, **headers: str) -> int:
    connection = server.connect(files)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", f"/v1/checkpoints?{query}", headers=named)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status != 200 or "checkpoints" in json.loads(body)
    return answer.status


def test_no_certificate_anothers_a_revoked_one_and_a_forged_header_are_refused(
    server: Server, tmp_path: Path
) -> None:
    strangers = HqPaths(tmp_path / "strangers")
    authority.initialise(strangers, "test")
    handshake_fails(server, None)
    handshake_fails(server, office(strangers, "3301"))
    own, other = office(server.paths, "3301"), office(server.paths, "3302")
    assert asked(server, own, "after=0") == 200
    assert asked(server, own, "after=0", X_Client_Cert=header(other)["X-Client-Cert"]) == 403
    authority.revoke(server.paths, authority.serials_of(server.paths, "3301"))
    assert asked(server, own, "after=0") == 403


@pytest.fixture(scope="module")
def serves_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for what leaves everything as it is."""
    with serving(ready_to_serve(tmp_path_factory.mktemp("serves-on") / "hq"), SUPERVISION_MODE="hq") as server:
        yield server


@pytest.mark.parametrize("query", ["after=x", "after=-1", "n=1e3", "after=99999999999999999999"])
def test_nonsense_is_reported_as_such(serves_on: Server, code: str, query: str) -> None:
    assert asked(serves_on, office(serves_on.paths, code), query) == 422
