"""What becomes of a chunk when the line between office and headquarters misbehaves: on real connections."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervision.certificates import authority
from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths
from tests.intake.conftest import CHUNK, PART, URL
from tests.intake.server import Server, ask, create, serving

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def stall_s() -> str:
    """How long the intake waits for a client that sends nothing: longer than a busy machine makes one wait."""
    return "15"


@pytest.fixture
def server(tmp_path: Path, stall_s: str) -> Iterator[Server]:
    """An intake that waits long for a lock."""
    paths = HqPaths(tmp_path / "hq")
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["127.0.0.1"], paths.server.folder)
    limits = {"SUPERVISION_INTAKE_CHUNK_LONGEST_BYTES": "1000000", "SUPERVISION_INTAKE_LOCK_WAIT_S": "20"}
    with serving(paths, SUPERVISION_INTAKE_STALL_S=stall_s, **limits) as server:
        yield server


@pytest.fixture
def line(server: Server, tmp_path: Path) -> Iterator[http.client.HTTPSConnection]:
    """A connection of office 3301, with the part begun."""
    connection = server.connect(authority.issue_office(server.paths, "3301", tmp_path / "node"))
    assert create(connection, PART).status == 201
    yield connection
    connection.close()


def begin(line: http.client.HTTPSConnection, offset: int, announced: int, data: bytes) -> None:
    """The beginning of a PATCH."""
    line.putrequest("PATCH", URL)
    for name, value in (("Tus-Resumable", "1.0.0"), ("Upload-Offset", str(offset)), ("Content-Type", CHUNK)):
        line.putheader(name, value)
    line.putheader("Content-Length", str(announced))
    line.endheaders()
    line.send(data)


def add(line: http.client.HTTPSConnection, offset: int, data: bytes) -> http.client.HTTPResponse:
    """A whole PATCH."""
    return ask(line, "PATCH", URL, {"Upload-Offset": str(offset), "Content-Type": CHUNK}, data)


@pytest.mark.parametrize("stall_s", ["1"])
def test_a_client_that_stalls_in_a_chunk_is_let_go_and_what_came_is_kept(
    line: http.client.HTTPSConnection, server: Server
) -> None:
    begin(line, 0, 500_000, b"a" * 100_000)
    answer = line.getresponse()
    assert answer.status == 408
    answer.read()
    line.close()
    held = Incoming(server.paths).state("3301", PART).offset
    assert held >= 65_536, "each whole block that came"
    assert ask(line, "HEAD", URL).headers["Upload-Offset"] == str(held)
    assert add(line, held, b"b").status == 204


def test_a_client_that_goes_away_in_a_chunk_leaves_what_came(
    line: http.client.HTTPSConnection, server: Server
) -> None:
    begin(line, 0, 500_000, b"a" * 200_000)
    assert isinstance(line.sock, socket.socket)
    line.sock.shutdown(socket.SHUT_RDWR)
    line.close()
    answer = add(line, 0, b"a" * 500_000)  # waits for the writer that is being let go
    assert answer.status in {204, 409}
    if answer.status == 409:
        held = int(answer.headers["Upload-Offset"])
        assert 0 < held <= 200_000
        assert add(line, held, b"a" * (500_000 - held)).status == 204
    assert server.paths.incoming_part("3301", PART).read_bytes() == b"a" * 500_000


def test_a_refusal_is_heard_although_the_chunk_was_being_sent(line: http.client.HTTPSConnection) -> None:
    assert add(line, 5, b"a" * 900_000).status == 409
    assert add(line, 0, b"a" * 900_000).status == 204, "on the same connection"
    assert add(line, 900_000, b"a" * 1_000_001).status == 413


def test_a_chunked_body_is_taken_too(line: http.client.HTTPSConnection) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": CHUNK}
    line.request("PATCH", URL, iter([b"0123", b"456"]), headers, encode_chunked=True)
    answer = line.getresponse()
    answer.read()
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "7")
