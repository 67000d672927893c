"""An intake with an authority of its own, and offices that speak tus to it."""

import base64
import itertools
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from supervision.certificates import authority
from supervision.certificates.reading import certificate_from
from supervision.database import Database
from supervision.paths import HqPaths, PartName
from supervision.settings import Settings
from tests.intake.server import Server, serving
from tests.store_fixtures import make_store
from web.intake import create_intake

PART = PartName(uuid.UUID("01890000-0000-7000-8000-000000000001"), "a", 1)
URL = f"/v1/parts/{PART}"
CHUNK = "application/offset+octet-stream"

_codes = itertools.count(3301)


class TlsConnection:
    """What gunicorn gives as `gunicorn.socket`, as far as the intake looks at it."""

    family = socket.AF_INET

    def __init__(self, certificate: bytes | None) -> None:
        self.certificate = certificate

    def getpeercert(self, binary_form: bool = False) -> bytes | None:
        """The peer's certificate, DER."""
        return self.certificate if binary_form else None

    def settimeout(self, seconds: float) -> None:
        """Nothing stalls here."""


class Office:
    """An office's node, before the werkzeug client."""

    def __init__(self, app: Flask, connection: Any) -> None:
        self.client = app.test_client()
        self.connection = connection

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, data: Any = b"") -> TestResponse:
        """One request, with the version of tus unless the headers say otherwise."""
        whole = {"Tus-Resumable": "1.0.0", **(headers or {})}
        sent = {name: value for name, value in whole.items() if value}
        base = {"gunicorn.socket": self.connection}
        return self.client.open(path, method=method, headers=sent, data=data, environ_overrides=base)

    def create(self, name: str = str(PART), length: int | None = None, **headers: str) -> TestResponse:
        """Begin a part."""
        said = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
        encoded = base64.b64encode(name.encode()).decode()
        return self.ask("POST", "/v1/parts", {"Upload-Metadata": f"filename {encoded}", **said, **headers})

    def add(self, offset: int, data: Any, url: str = URL, **more: str) -> TestResponse:
        """Add a chunk."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        return self.ask("PATCH", url, {"Upload-Offset": str(offset), "Content-Type": CHUNK, **headers}, data)

    def held(self, url: str = URL) -> int:
        """How much the intake says that it holds."""
        answer = self.ask("HEAD", url)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    """A headquarters with an authority."""
    paths = HqPaths(tmp_path / "hq")
    authority.initialise(paths, "test")
    return paths


@pytest.fixture
def settings(paths: HqPaths) -> Settings:
    """Its settings, with small limits."""
    return Settings(
        home=paths.home,
        intake_part_longest_bytes=1000,
        intake_chunk_longest_bytes=200,
        intake_unfinished_parts=3,
        intake_lock_wait_s=0,
    )


@pytest.fixture
def code() -> str:
    """An office that no other test is: for tests that share a server."""
    return str(next(_codes))


@pytest.fixture
def other_code() -> str:
    """Another one."""
    return str(next(_codes))


def der(paths: HqPaths, code: str) -> bytes:
    """A fresh certificate of an office, as TLS gives it."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - for this only

    files = authority.issue_office(paths, code, paths.home / f"node-{uuid.uuid4()}")
    return certificate_from(files.certificate.read_bytes()).public_bytes(Encoding.DER)


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The intake."""
    return create_intake(settings)


@pytest.fixture
def node(app: Flask, paths: HqPaths) -> Office:
    """Office 3301."""
    return Office(app, TlsConnection(der(paths, "3301")))


@pytest.fixture
def neighbour(app: Flask, paths: HqPaths) -> Office:
    """Office 3302."""
    return Office(app, TlsConnection(der(paths, "3302")))


def ready_to_serve(home: Path) -> HqPaths:
    """A headquarters with an authority, its server's certificate and its database, for a real gunicorn."""
    paths = HqPaths(home)
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["127.0.0.1"], paths.server.folder)
    make_store(paths.home / "hq.db")
    return paths


@pytest.fixture
def hq(paths: HqPaths) -> Iterator[Database]:
    """The database of a headquarters that is ready to serve."""
    database = Database(f"sqlite:///{paths.home / 'hq.db'}")
    yield database
    database.close()


@pytest.fixture
def server(paths: HqPaths, hq: Database) -> Iterator[Server]:
    """Its intake, served."""
    with serving(paths, SUPERVISION_MODE="hq") as server:
        yield server
