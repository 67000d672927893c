"""An office's node follows its rosters over mutual TLS: real certificates, real gunicorn, the real uplink."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from ari_app.uplink.link import Link, client
from ari_app.uplink.rosters import fetch_roster
from ari_app.uplink.streams import Uplink
from supervision.actor import Role, scope_of
from supervision.clock import now
from supervision.context import Context
from supervision.database import Database
from supervision.paths import CertificateFiles, HqPaths
from supervision.people.models import Account
from supervision.people.sign_ins import actor_of
from supervision.rosters.arrangements import set_hours
from supervision.rosters.messages import find_standing
from supervision.rosters.rules import LineState, duty_at
from tests.factories import make_account, make_office
from tests.intake.conftest import ready_to_serve
from tests.intake.server import Server
from tests.intake.test_identity import office
from tests.intake.test_people import Node
from tests.rosters.test_rules import AFTERNOON, MORNING, at

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    return ready_to_serve(tmp_path / "hq")


def shown_to(server: Server, files: CertificateFiles) -> str:
    """Whose rosters the holder of a certificate is shown."""
    connection = server.connect(files)
    connection.request("GET", "/v1/roster")
    body = json.loads(connection.getresponse().read())
    connection.close()
    return str(body["office_code"])


def follow(node: Node, port: int) -> bool:
    """What the uplink does about rosters, once."""

    async def ask() -> bool:
        async with client(f"https://127.0.0.1:{port}", node.paths, 2) as http:
            return await fetch_roster(Uplink(Link(http), node.database, "3301"))

    return asyncio.run(ask())


def test_a_node_has_what_was_set_at_headquarters_by_its_next_question_and_keeps_it(
    server: Server, hq: Database, tmp_path: Path
) -> None:
    node = Node(tmp_path / "node", server.paths)
    assert follow(node, server.port)
    assert not follow(node, server.port), "nothing has changed"
    with hq.transaction() as session:
        make_office(session, "3301")
        leader = make_account(session, Role.OFFICE_LEADER, office_code="3301")
        context = Context(session, actor_of(leader), scope_of(actor_of(leader)))
        set_hours(context, "3301", MORNING, AFTERNOON, version=0)
    assert follow(node, server.port)
    with node.database.reading() as session:
        standing = find_standing(session, "3301", now(), copied=True)
        assert standing is not None
        assert duty_at(standing.roster, "3301-1", at("13:00")).state is LineState.CLOSED
        assert not session.scalars(select(Account)).all(), "the copy needs nobody's account here"


def test_an_office_is_shown_its_own_rosters_only(server: Server) -> None:
    for code in ("3301", "3302"):
        assert shown_to(server, office(server.paths, code)) == code
