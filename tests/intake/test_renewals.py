"""A node's certificate renewed over the wire before it runs out, and shown from then on, by real gunicorn."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from ari_app.uplink.certificates import renew_once, take_certificates
from ari_app.uplink.link import Link, Renewed, client
from ari_app.uplink.streams import Uplink
from supervision.audit.models import AuditEntry
from supervision.certificates import authority
from supervision.certificates.reading import certificate_from
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paths import HqPaths, Paths
from tests.intake.conftest import ready_to_serve
from tests.intake.server import Server
from tests.store_fixtures import make_store

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    return ready_to_serve(tmp_path / "hq")


def node_of(hq: HqPaths, home: Path, left: int = authority.CERTIFICATE_DAYS) -> Paths:
    """A node whose certificate holds for so many days more."""
    node = Paths(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authority, "now", lambda: now() - dt.timedelta(days=authority.CERTIFICATE_DAYS - left))
        issued = authority.issue_office(hq, "3301", home / "issued")
    node.to_hq.folder.mkdir(parents=True)
    node.to_hq.certificate.write_bytes(issued.certificate.read_bytes())
    node.to_hq.key.write_bytes(issued.key.read_bytes())
    node.hq_authority.write_bytes(hq.ca.certificate.read_bytes())
    return node


def ends_at(node: Paths) -> dt.datetime:
    return certificate_from(node.to_hq.certificate.read_bytes()).not_valid_after_utc


def test_a_nodes_certificate_is_renewed_before_it_runs_out_and_shown_from_then_on(
    server: Server, hq: Database, tmp_path: Path
) -> None:
    node = node_of(server.paths, tmp_path / "node", left=100)
    database = Database(make_store(tmp_path / "office.db"))

    async def twice() -> None:
        def connect() -> object:
            return client(f"https://127.0.0.1:{server.port}", node, 2)

        link = Link(connect())  # type: ignore[arg-type]
        context = Uplink(link, database, "3301")
        before = ends_at(node)
        old = await renew_once(context, node, connect)  # type: ignore[arg-type]
        assert old is not None
        await old.aclose()
        assert ends_at(node) > before + dt.timedelta(days=600)
        node.to_hq.certificate.unlink()  # what is shown now is not read from the file any more
        answered = await link.certificates()
        assert certificate_from(answered.certificate).not_valid_after_utc > before + dt.timedelta(days=600)
        await link.close()

    asyncio.run(twice())
    database.close()
    with hq.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "certificates_renewed")).all()
        assert [(one.subject, one.office_code) for one in entries] == [("certificate:3301", "3301")]


def test_the_node_says_when_headquarters_goes_on_showing_a_certificate_that_runs_out(
    paths: HqPaths, tmp_path: Path
) -> None:
    node = node_of(paths, tmp_path / "node")
    database = Database(make_store(tmp_path / "office.db"))
    context = Uplink(Link(client("https://127.0.0.1:9", node, 2)), database, "3301")
    own, theirs = node.to_hq.certificate.read_bytes(), node.hq_authority.read_bytes()
    for left, healed in ((59, False), (700, True)):
        shown = certificate_from(node_of(paths, tmp_path / str(left), left).to_hq.certificate.read_bytes())
        renewed = Renewed(own, theirs, authority.text_of(shown))
        assert not asyncio.run(take_certificates(context, node, renewed))
        with database.reading() as session:
            (incident,) = session.scalars(select(Incident)).all()
            assert (incident.cause, incident.subject) == (Cause.CERTIFICATE_ENDS, "served")
            assert (incident.healed_at is not None) == healed
    database.close()
