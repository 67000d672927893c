"""Who is believed to be which office: with real gunicorn, real TLS, and a real unix socket."""

import datetime as dt
import http.client
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from supervision.certificates import authority
from supervision.clock import now
from supervision.paths import CertificateFiles, HqPaths
from supervision.settings import Settings
from tests.intake.conftest import PART, URL, Office, TlsConnection
from tests.intake.server import Server, UnixConnection, ask, create, serving
from web.intake import create_intake

pytestmark = pytest.mark.enable_socket


def made(home: Path) -> HqPaths:
    """A headquarters with an authority, and a server's certificate."""
    paths = HqPaths(home)
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["127.0.0.1"], paths.server.folder)
    return paths


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    """A headquarters of the test's own."""
    return made(tmp_path / "hq")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running intake with TLS; each test is offices of its own to it."""
    with serving(made(tmp_path_factory.mktemp("identity") / "hq")) as server:
        yield server


def office(paths: HqPaths, code: str) -> CertificateFiles:
    return authority.issue_office(paths, code, paths.home / f"node-{uuid.uuid4()}")


def header(files: CertificateFiles) -> dict[str, str]:
    """The certificate as nginx passes it on."""
    return {"X-Client-Cert": quote(files.certificate.read_text())}


def test_an_office_is_known_by_its_certificate_and_reaches_its_own_parts_only(
    server: Server, code: str, other_code: str
) -> None:
    own = server.connect(office(server.paths, code))
    other = server.connect(office(server.paths, other_code))
    assert create(own, PART).status == 201
    assert ask(own, "HEAD", URL).status == 200
    assert ask(other, "HEAD", URL).status == 404, "as if there were none"
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert ask(other, "PATCH", URL, headers, b"forged").status == 404
    assert ask(own, "PATCH", URL, headers, b"true").status == 204
    assert server.paths.incoming_part(code, PART).read_bytes() == b"true"
    own.close()
    other.close()


def test_a_revoked_certificate_is_refused_on_a_connection_that_is_open(server: Server, code: str) -> None:
    connection = server.connect(office(server.paths, code))
    assert create(connection, PART).status == 201
    before = connection.sock
    authority.revoke(server.paths, authority.serials_of(server.paths, code))
    assert ask(connection, "HEAD", URL).status == 403
    assert connection.sock is before, "the same connection"
    connection.close()


def test_without_a_list_of_the_revoked_nobody_comes_in(paths: HqPaths) -> None:
    with serving(paths) as server:
        connection = server.connect(office(server.paths, "3301"))
        assert create(connection, PART).status == 201
        server.paths.crl.unlink()
        assert ask(connection, "HEAD", URL).status == 503
        connection.close()


def test_a_header_over_tls_is_a_forgery(server: Server, code: str, other_code: str) -> None:
    own, other = office(server.paths, code), office(server.paths, other_code)
    connection = server.connect(own)
    assert create(connection, PART).status == 201
    for shown in (other, own):
        assert ask(connection, "HEAD", URL, header(shown)).status == 403
    connection.close()


def handshake_fails(server: Server, files: CertificateFiles | None) -> None:
    connection = server.connect(files)
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        ask(connection, "HEAD", URL)
    connection.close()


def test_the_handshake_refuses_no_certificate_anothers_and_an_expired_one(
    server: Server, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = HqPaths(tmp_path / "others")
    authority.initialise(others, "test")
    handshake_fails(server, None)
    handshake_fails(server, office(others, code))
    handshake_fails(server, server.paths.server)
    with monkeypatch.context() as patch:
        patch.setattr(authority, "now", lambda: now() - dt.timedelta(days=3))
        expired = authority.issue_office(server.paths, code, tmp_path / "expired", days=1)
    handshake_fails(server, expired)
    connection = server.connect(office(server.paths, code))
    assert create(connection, PART).status == 201, "the intake serves on"
    connection.close()


def test_a_stranger_who_says_nothing_does_not_keep_others_out(server: Server, code: str) -> None:
    silent = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    silent.connect()
    connection = server.connect(office(server.paths, code))
    assert create(connection, PART).status == 201
    connection.close()
    silent.close()


def test_on_the_private_socket_the_proxys_header_is_believed(paths: HqPaths, tmp_path: Path) -> None:
    path = tmp_path / "intake.sock"
    with serving(paths, SUPERVISION_INTAKE_SOCKET=str(path)):
        assert path.stat().st_mode & 0o007 == 0, "nobody else may connect"
        connection, own = UnixConnection(path), header(office(paths, "3301"))
        assert create(connection, PART, **own).status == 201
        assert ask(connection, "HEAD", URL, own).status == 200
        assert ask(connection, "HEAD", URL, header(office(paths, "3302"))).status == 404
        assert ask(connection, "HEAD", URL).status == 401
        assert ask(connection, "HEAD", URL, {"X-Client-Cert": "rubbish"}).status == 401
        authority.revoke(paths, authority.serials_of(paths, "3301"))
        assert ask(connection, "HEAD", URL, own).status == 403
        connection.close()


def test_a_header_over_plain_tcp_is_a_forgery_and_without_one_nobody_is_there(
    paths: HqPaths, tmp_path: Path
) -> None:
    path = tmp_path / "private.sock"
    path.touch()
    settings = {"GUNICORN_CMD_ARGS": "--bind 127.0.0.1:0", "SUPERVISION_INTAKE_SOCKET": str(path)}
    with serving(paths, **settings) as server:
        connections = [one for worker in server.workers() for one in worker.net_connections()]
        (port,) = {one.laddr.port for one in connections if one.status == "LISTEN"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        assert ask(connection, "HEAD", URL, header(office(paths, "3301"))).status == 403
        assert ask(connection, "HEAD", URL).status == 401
        connection.close()


def test_another_unix_socket_is_not_the_private_one(paths: HqPaths, tmp_path: Path) -> None:
    path, bound = tmp_path / "private.sock", tmp_path / "bound.sock"
    settings = {"GUNICORN_CMD_ARGS": f"--bind unix:{bound}", "SUPERVISION_INTAKE_SOCKET": str(path)}
    path.touch()
    with serving(paths, **settings):
        connection = UnixConnection(bound)
        assert ask(connection, "HEAD", URL, header(office(paths, "3301"))).status == 403
        connection.close()


def test_without_any_connection_to_ask_nobody_is_there(paths: HqPaths) -> None:
    app = create_intake(Settings(home=paths.home))
    assert Office(app, TlsConnection(None)).create().status_code == 401
    assert Office(app, None).create().status_code == 401
