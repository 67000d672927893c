"""The intake is killed again and again while an office sends: every acknowledged byte is there, none doubled."""

import hashlib
import http.client
import random
import ssl
from pathlib import Path

import psutil
import pytest

from supervision.certificates import authority
from supervision.parts.incoming import Incoming
from supervision.paths import CertificateFiles, HqPaths
from tests.intake.conftest import CHUNK, PART, URL
from tests.intake.server import Server, ask, create, serving

pytestmark = pytest.mark.enable_socket

KILLS = 30
BROKEN = (ssl.SSLError, ConnectionError, http.client.HTTPException, TimeoutError)


class Sender:
    """An office that sends one part, chunk by chunk, and asks again whenever the line breaks."""

    def __init__(self, server: Server, files: CertificateFiles, audio: bytes, dice: random.Random) -> None:
        self.server = server
        self.files = files
        self.audio = audio
        self.dice = dice
        self.acknowledged = 0
        self.killed = 0

    def send(self) -> None:
        """All of it, with the intake's worker killed at a random place of every chunk that is to be killed."""
        while self.acknowledged < len(self.audio):
            connection = self.server.connect(self.files)
            try:
                self.resume(connection)
                while self.acknowledged < len(self.audio):
                    self.add(connection)
            except BROKEN:
                pass
            finally:
                connection.close()

    def resume(self, connection: http.client.HTTPSConnection) -> None:
        """Ask how much is held: never less than was acknowledged."""
        assert create(connection, PART).status == 201
        answer = ask(connection, "HEAD", URL)
        assert answer.status == 200
        offset = int(answer.headers["Upload-Offset"])
        assert offset >= self.acknowledged
        self.acknowledged = offset

    def add(self, connection: http.client.HTTPSConnection) -> None:
        """One chunk; the worker may die before, within or right after it."""
        chunk = self.audio[self.acknowledged : self.acknowledged + self.dice.randint(1, 200_000)]
        place = None
        if self.killed < KILLS and self.dice.random() < 0.6:
            within = self.dice.randint(0, len(chunk))
            place = self.dice.choice((within, len(chunk)))  # half of them while the chunk is being made durable
        connection.putrequest("PATCH", URL)
        for name, value in {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(self.acknowledged),
            "Content-Type": CHUNK,
            "Content-Length": str(len(chunk)),
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(chunk[:place])
        if place is not None:
            self.kill()
            connection.send(chunk[place:])
        answer = connection.getresponse()
        answer.read()
        assert answer.status in {204, 423}, answer.status
        if answer.status == 204:
            self.acknowledged += len(chunk)

    def kill(self) -> None:
        """SIGKILL to whatever serves."""
        for worker in self.server.workers():
            try:
                worker.kill()
                self.killed += 1
            except psutil.NoSuchProcess:
                continue


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_every_acknowledged_byte_is_there(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - to be repeated from its seed
    audio = dice.randbytes(8_000_000)
    paths = HqPaths(tmp_path / "hq")
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["127.0.0.1"], paths.server.folder)
    files = authority.issue_office(paths, "3301", tmp_path / "node")
    with serving(paths) as server:
        sender = Sender(server, files, audio, dice)
        sender.send()
    assert sender.killed >= KILLS, sender.killed
    assert paths.incoming_part("3301", PART).read_bytes() == audio
    digest = hashlib.sha256(audio).hexdigest()
    assert Incoming(paths).finalize("3301", PART, len(audio), digest).final
