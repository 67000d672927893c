"""An office copies its own people over mutual TLS, and no other's: real certificates, real gunicorn and uplink."""

import asyncio
import json
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select

from ari_app.uplink.facts import FactSender
from ari_app.uplink.link import Link, LinkDown, client
from ari_app.uplink.people import fetch_people
from ari_app.uplink.streams import Uplink
from supervision.actor import Role
from supervision.certificates import authority
from supervision.clock import now
from supervision.database import Database
from supervision.offices.description import load_description
from supervision.offices.models import DeskAssignment
from supervision.offices.service import load_office
from supervision.paths import CertificateFiles, HqPaths, Paths
from supervision.people.models import Account, PeopleCopy
from supervision.settings import Mode, Settings
from tests.draws.test_over_the_wire import admit
from tests.factories import QUICK, make_account
from tests.intake.conftest import ready_to_serve
from tests.intake.server import Server, serving
from tests.intake.test_identity import handshake_fails, header, office
from tests.store_fixtures import make_store

pytestmark = pytest.mark.enable_socket

OFFICE = """
office: {code: "3301", name: 第一税务所}
lines:
  - {key: 3301-1, number: "62310001", name: 一号线, gateway: {account: fxo1}, desks: ["801"], leader: "900"}
desks:
  - {extension: "801", name: 一号台, officer: {login: zhang.san, name: 张三}}
  - {extension: "900", name: 带班领导, officer: {login: li.qiang, name: 李强, role: office_leader}}
"""


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    return ready_to_serve(tmp_path / "hq")


def of(server: Server, files: CertificateFiles, **headers: str) -> tuple[int, list[str], str]:
    """Ask as the holder of a certificate: status, logins, ETag."""
    connection = server.connect(files)
    connection.request("GET", "/v1/people", headers={name.replace("_", "-"): v for name, v in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    logins = [one["login"] for one in json.loads(body)["accounts"]] if answer.status == 200 else []
    return answer.status, logins, answer.headers.get("ETag", "")


def test_two_offices_cannot_read_each_others_people(server: Server, hq: Database) -> None:
    with hq.transaction() as session:
        for code in ("3301", "3302"):
            make_account(session, office_code=code, login=f"of.{code}")
        make_account(session, Role.SECURITY_ADMINISTRATOR, login="feng.jing")
    assert of(server, office(server.paths, "3301"))[:2] == (200, ["of.3301"])
    assert of(server, office(server.paths, "3302"))[:2] == (200, ["of.3302"])
    assert of(server, office(server.paths, "3303"))[:2] == (200, []), "an office without people yet"


def test_an_unchanged_copy_costs_nothing_and_another_offices_name_for_it_is_none(
    server: Server, hq: Database
) -> None:
    with hq.transaction() as session:
        make_account(session, office_code="3301")
    own, other = office(server.paths, "3301"), office(server.paths, "3302")
    etag = of(server, own)[2]
    assert of(server, own, If_None_Match=etag)[0] == 304
    assert of(server, other, If_None_Match=etag)[0] == 200
    with hq.transaction() as session:
        session.scalars(select(Account)).one().active = False
    assert of(server, own, If_None_Match=etag)[0] == 200


def test_no_certificate_anothers_or_a_revoked_one_reads_nobody(server: Server, tmp_path: Path) -> None:
    strangers = HqPaths(tmp_path / "strangers")
    authority.initialise(strangers, "test")
    handshake_fails(server, None)
    handshake_fails(server, office(strangers, "3301"))
    own = office(server.paths, "3301")
    assert of(server, own)[0] == 200
    authority.revoke(server.paths, authority.serials_of(server.paths, "3301"))
    assert of(server, own)[0] == 403


def test_a_forged_identity_header_reads_nobody(server: Server) -> None:
    own, other = office(server.paths, "3301"), office(server.paths, "3302")
    forged = header(other)["X-Client-Cert"]
    assert of(server, own, X_Client_Cert=forged)[0] == 403


class Node:
    """An office's node with an uplink of its own."""

    def __init__(self, home: Path, hq: HqPaths) -> None:
        self.paths = admit(hq, Paths(home), "3301")
        self.paths.office_file.write_text(OFFICE, "utf-8")
        self.settings = Settings(home=home, mode=Mode.OFFICE, hq_url="https://hq.example")
        self.database = Database(make_store(home / "office.db"))
        with self.database.transaction() as session:
            load_office(session, load_description(self.paths.office_file), people_from_hq=True)

    def follow(self, port: int) -> bool:
        """What the uplink does, once: tell what there is, and ask for people."""

        async def both() -> bool:
            async with client(f"https://127.0.0.1:{port}", self.paths, 2) as http:
                context = Uplink(Link(http), self.database, "3301")
                while await FactSender(context).send_once():
                    pass
                return await fetch_people(context, self.settings)

        return asyncio.run(both())

    def people(self) -> dict[str, uuid.UUID]:
        with self.database.reading() as session:
            return {row.login: row.id for row in session.scalars(select(Account).where(Account.active))}


def test_a_new_office_fills_headquarters_and_itself_and_follows_each_change(
    server: Server, hq: Database, tmp_path: Path
) -> None:
    node = Node(tmp_path / "node", server.paths)
    assert node.people() == {}
    assert node.follow(server.port)
    assert node.people().keys() == {"zhang.san", "li.qiang"}
    assert not node.follow(server.port), "nothing has changed"
    with hq.transaction() as session:
        account = session.scalars(select(Account).where(Account.login == "zhang.san")).one()
        assert account.id == node.people()["zhang.san"]
        account.password_hash = QUICK
        make_account(session, office_code="3301", login="zhao.lei")
        session.scalars(select(Account).where(Account.login == "li.qiang")).one().active = False
    assert node.follow(server.port)
    assert node.people().keys() == {"zhang.san", "zhao.lei"}
    with node.database.reading() as session:
        copied = session.scalars(select(Account).where(Account.login == "zhang.san")).one()
        assert copied.password_hash == QUICK
        assert len(session.scalars(select(DeskAssignment)).all()) == 2
        assert session.scalars(select(PeopleCopy)).one().confirmed_at <= now()
    node.database.close()


def test_a_copy_outlives_headquarters_and_the_uplinks_restart(
    paths: HqPaths, hq: Database, tmp_path: Path
) -> None:
    node = Node(tmp_path / "node", paths)
    with serving(paths, SUPERVISION_MODE="hq") as server:
        node.follow(server.port)
        port = server.port
    held = node.people()
    with pytest.raises(LinkDown):
        node.follow(port)
    assert node.people() == held
    with serving(paths, SUPERVISION_MODE="hq") as server:
        assert not node.follow(server.port), "the copy's name is in the database, not in the process"
    node.database.close()
