"""gunicorn as it serves the site: what it believes of a request, and who may read what it writes."""

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

import web
from supervision.secret_files import UMASK

ROOT = Path(web.__file__).parents[1]
FORGED = (
    b"GET /account/sign-in HTTP/1.1\r\nHost: site\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\n"
    b"X-Forwarded-Protocol: ssl\r\nSCRIPT_NAME: /evil\r\nPATH_INFO: /evil\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n"
)
# These make something for the whole machine, or the checkout itself.
NOT_OF_A_NODE = {
    "asterisk/root.py",
    "bench/__main__.py",
    "scripts/baseline.py",
    "scripts/pages.py",
    "supervision/discipline/verify_evidence.py",  # for any machine; it writes nothing
}
PROTECTS = re.compile(r"keep_from_others\(\)|os\.umask\(0o0[02]7\)")


@pytest.fixture(autouse=True)
def _own_umask() -> Iterator[None]:
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


def served(monkeypatch: pytest.MonkeyPatch, home: Path) -> Config:
    """gunicorn's configuration as our file makes it, whatever the environment says."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setenv("SUPERVISION_HOME", str(home))
    config = Config()
    for name, value in runpy.run_path(str(ROOT / "web/gunicorn.conf.py")).items():
        if name in config.settings:
            config.set(name, value)
    return config


@pytest.mark.parametrize("peer", [("127.0.0.1", 4711), ("::1", 4711), ("192.0.2.9", 4711), b"", ""], ids=str)
def test_gunicorn_believes_no_forwarded_header_of_anybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, peer: tuple[str, int] | bytes | str
) -> None:
    request = Request(served(monkeypatch, tmp_path), IterUnreader([FORGED]), peer)
    names = {name for name, _value in request.headers}
    assert request.scheme == "http"
    assert not names & {"SCRIPT_NAME", "PATH_INFO"}


@pytest.mark.parametrize("file", ["web/gunicorn.conf.py", "web/intake/gunicorn.conf.py"])
def test_what_the_servers_write_is_for_this_service_and_its_group_only(
    file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPERVISION_HOME", str(tmp_path))
    os.umask(0)
    runpy.run_path(str(ROOT / file))
    assert os.umask(0) == UMASK == 0o027


def commands() -> list[str]:
    folders = ("supervision", "ari_app", "asterisk", "demo", "bench", "scripts")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in files}
    benches = {name for name in texts if name.startswith("bench/")}
    started = {name for name, text in texts.items() if 'if __name__ == "__main__"' in text}
    return sorted(started - NOT_OF_A_NODE - benches)


def test_each_command_of_a_node_keeps_what_it_writes_from_others() -> None:
    assert len(commands()) >= 10
    assert [name for name in commands() if not PROTECTS.search((ROOT / name).read_text("utf-8"))] == []


def test_the_database_that_a_careless_shell_makes_is_not_for_everybody(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-m", "supervision.store", "upgrade"],
        cwd=ROOT,
        env={**os.environ, "SUPERVISION_HOME": str(home)},
        umask=0,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modes = {path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o007 for path in tmp_path.rglob("*")}
    assert "home/office.db" in modes
    assert set(modes.values()) == {0}
