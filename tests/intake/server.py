"""A real gunicorn with the intake, as operators start it, and requests over real connections."""

import base64
import http.client
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from asterisk.ports import free_ports, give_back
from demo.processes import until
from supervision.paths import CertificateFiles, HqPaths, PartName
from tests.forked import Forked


@dataclass
class Server:
    """A running intake."""

    process: Forked
    paths: HqPaths
    port: int

    @property
    def url(self) -> str:
        """Where parts are begun."""
        return f"https://127.0.0.1:{self.port}/v1/parts"

    def workers(self) -> list[psutil.Process]:
        """The processes that serve."""
        return psutil.Process(self.process.pid).children()

    def connect(self, files: CertificateFiles | None) -> http.client.HTTPSConnection:
        """A connection with this certificate; opened at its first request."""
        context = ssl.create_default_context(cafile=str(self.paths.ca.certificate))
        if files is not None:
            context.load_cert_chain(files.certificate, files.key)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)


@contextmanager
def serving(paths: HqPaths, **settings: str) -> Iterator[Server]:
    """Start the intake and wait until its worker serves; end it afterwards."""
    (port,) = free_ports(1)
    environ = {
        "SUPERVISION_HOME": str(paths.home),
        "SUPERVISION_INTAKE_BIND": f"127.0.0.1:{port}",
        "SUPERVISION_INTAKE_WORKERS": "1",
        **settings,
    }
    arguments = ["-c", "web/intake/gunicorn.conf.py", *OPTIONS, "web.intake.wsgi:app"]
    log = paths.home / f"intake-{port}.log"
    process = Forked("gunicorn.app.wsgiapp:run", arguments, {**os.environ, **environ}, log)
    try:
        until("the intake serves", lambda: not process.running or SERVES in process.said(), 60)
        assert process.running, process.said()
        yield Server(process, paths, port)
    finally:
        process.kill()
        give_back([port])


OPTIONS = ("--preload",)  # a worker that was killed is there again at once
SERVES = "Booting worker"


class UnixConnection(http.client.HTTPConnection):
    """HTTP on a unix socket, as nginx speaks it."""

    def __init__(self, path: Path) -> None:
        super().__init__("intake", timeout=20)
        self.path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self.path))


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> http.client.HTTPResponse:
    """One request; the answer with its body read, and the connection left open."""
    connection.request(method, path, body, {"Tus-Resumable": "1.0.0", **(headers or {})})
    answer = connection.getresponse()
    answer.read()
    return answer


def create(connection: http.client.HTTPConnection, part: PartName, **headers: str) -> http.client.HTTPResponse:
    """Begin a part of unknown length."""
    encoded = base64.b64encode(str(part).encode()).decode()
    said = {"Upload-Metadata": f"filename {encoded}", "Upload-Defer-Length": "1"}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(connection, "POST", "/v1/parts", {**said, **more})
