"""Clients that others wrote send parts to a real intake: tuspy (fixed length), tus-js-client (deferred length)."""

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tusclient.client import TusClient

from supervision.certificates import authority
from supervision.parts.incoming import Incoming
from supervision.parts.part_writer import PartState
from supervision.paths import CertificateFiles, HqPaths
from tests.architecture.source import ROOT
from tests.intake.conftest import PART
from tests.intake.server import Server, serving

pytestmark = pytest.mark.enable_socket

AUDIO = random.Random(4).randbytes(700_001)  # noqa: S311 - a sound, not a secret


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running intake with TLS."""
    paths = HqPaths(tmp_path / "hq")
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["127.0.0.1"], paths.server.folder)
    with serving(paths) as server:
        yield server


@pytest.fixture
def node(server: Server, tmp_path: Path) -> CertificateFiles:
    """Office 3301's certificate."""
    return authority.issue_office(server.paths, "3301", tmp_path / "node")


@pytest.fixture
def spooled(tmp_path: Path) -> Path:
    """A part in the office's spool."""
    path = tmp_path / str(PART)
    path.write_bytes(AUDIO)
    return path


def held(server: Server) -> tuple[PartState, bytes]:
    """What headquarters holds of the part."""
    state = Incoming(server.paths).state("3301", PART)
    return state, server.paths.incoming_part("3301", PART).read_bytes()


def test_tuspy_sends_a_part_of_fixed_length_and_goes_on_where_it_was(
    server: Server, node: CertificateFiles, spooled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.paths.ca.certificate))
    client = TusClient(server.url, client_cert=(str(node.certificate), str(node.key)))
    with spooled.open("rb") as stream:  # tuspy would leave a file open that it opens itself
        chunked = {"chunk_size": 100_000, "metadata": {"filename": str(PART)}, "upload_checksum": True}
        first = client.uploader(file_stream=stream, **chunked)
        first.upload(stop_at=300_000)
        assert first.offset == 300_000
        second = client.uploader(file_stream=stream, url=first.url, **chunked)
        assert second.offset == 300_000
        second.upload()
    assert held(server) == (PartState(len(AUDIO), len(AUDIO)), AUDIO)


def test_tus_js_client_sends_a_part_of_unknown_length_is_cut_and_goes_on(
    server: Server, node: CertificateFiles, spooled: Path
) -> None:
    program = shutil.which("node")
    assert program, "scripts/setup.sh installs node"
    files = [spooled, server.paths.ca.certificate, node.certificate, node.key]
    command = [program, "tests/intake/tus_js.mjs", server.url, str(PART), *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["cut"], "the line was cut in the middle of a chunk"
    assert 0 < report["accepted"] <= report["resumed"] < len(AUDIO), "it goes on where headquarters was"
    assert report["url"].endswith(f"/v1/parts/{PART}")
    assert held(server) == (PartState(len(AUDIO), len(AUDIO)), AUDIO)
