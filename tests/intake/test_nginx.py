"""Behind a real nginx, as the documents tell operators: who is who, and that no byte waits in between."""

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from demo.processes import until
from supervision.certificates import authority
from supervision.clock import now
from supervision.paths import CertificateFiles, HqPaths
from tests.intake.conftest import CHUNK, PART, URL
from tests.intake.nginx import proxied
from tests.intake.server import Server, ask, create

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A headquarters whose intake is reached through nginx only; each test is offices of its own to it."""
    folder = tmp_path_factory.mktemp("behind-nginx")
    paths = HqPaths(folder / "hq")
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["127.0.0.1"], paths.server.folder)
    with proxied(paths, folder) as server:
        yield server


def office(paths: HqPaths, code: str) -> CertificateFiles:
    return authority.issue_office(paths, code, paths.home / f"node-{uuid.uuid4()}")


@pytest.mark.parametrize("name", ["X-Client-Cert", "x-client-cert", "X_Client_Cert"])
def test_a_forged_header_is_overwritten_by_the_certificate_of_the_connection(
    server: Server, code: str, other_code: str, name: str
) -> None:
    first, second = office(server.paths, code), office(server.paths, other_code)
    forged = {name: quote(first.certificate.read_text())}
    own, other = server.connect(first), server.connect(second)
    assert create(own, PART).status == 201
    assert ask(own, "HEAD", URL).status == 200
    assert ask(other, "HEAD", URL, forged).status == 404, (
        "to the other there is no such part, whoever it says it is"
    )
    added = ask(other, "PATCH", URL, {"Upload-Offset": "0", "Content-Type": CHUNK, **forged}, b"forged")
    assert added.status == 404
    assert server.paths.incoming_part(code, PART).read_bytes() == b""
    own.close()
    other.close()


def test_no_certificate_anothers_an_expired_and_a_revoked_one_are_refused(
    server: Server, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = HqPaths(tmp_path / "others")
    authority.initialise(others, "test")
    with monkeypatch.context() as patch:
        patch.setattr(authority, "now", lambda: now() - dt.timedelta(days=3))
        expired = authority.issue_office(server.paths, code, tmp_path / "expired", days=1)
    forged = {"X-Client-Cert": quote(office(server.paths, code).certificate.read_text())}
    for files in (None, office(others, code), expired, server.paths.server):
        connection = server.connect(files)
        assert create(connection, PART, **forged).status in {400, 403}
        connection.close()
    connection = server.connect(office(server.paths, code))
    assert create(connection, PART).status == 201
    authority.revoke(server.paths, authority.serials_of(server.paths, code))
    assert ask(connection, "HEAD", URL).status == 403, "on the connection that is open, without a reload of nginx"
    connection.close()


def test_what_has_come_of_a_chunk_is_headquarters_before_its_end(server: Server, code: str) -> None:
    connection = server.connect(office(server.paths, code))
    assert create(connection, PART).status == 201
    connection.putrequest("PATCH", URL)
    for name, value in {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": CHUNK,
        "Content-Length": "200000",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"a" * 100_000)
    growing = server.paths.incoming_part(code, PART)
    until("a block of it at headquarters", lambda: growing.stat().st_size >= 65_536)
    connection.send(b"b" * 100_000)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "200000")
    connection.close()
    assert growing.read_bytes() == b"a" * 100_000 + b"b" * 100_000
