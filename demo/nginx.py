"""nginx before our processes on loopback, configured by the files that operators are given in `docs/`."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from asterisk.cache import MissingPart
from asterisk.runtime import LONGEST_SOCKET_PATH
from demo.processes import ROOT, Process, accepts, until

AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""
# On loopback all people and all offices have one address, and with it one share of what addresses are allowed.
ALL_AT_ONE_ADDRESS: Mapping[str, str] = {
    "rate=50r/s": "rate=5000r/s",
    "burst=200 ": "burst=5000 ",
    "site_connections 60": "site_connections 500",
    "rate=200r/s": "rate=5000r/s",
    "burst=400 ": "burst=5000 ",
    "intake_connections 64": "intake_connections 500",
}


def sockets_folder(home: Path) -> Path:
    """Where the unix sockets between nginx and us are: in the home, or elsewhere where its path is too long."""
    folder = home / "run"
    if len(os.fsencode(folder / "intake.sock")) > LONGEST_SOCKET_PATH:
        return Path(tempfile.mkdtemp(prefix="s."))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def site_server(port: int, upstream: Path, *, by_address: bool = False) -> str:
    """`docs/nginx-site.conf` without TLS, which browsers do not ask for on loopback."""
    text = (ROOT / "docs/nginx-site.conf").read_text("utf-8")
    plain = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("ssl_"))
    ours = {
        "listen 443 ssl": f"listen 127.0.0.1:{port}",
        "supervision.example": "127.0.0.1",
        "/run/supervision/site.sock": str(upstream),
    }
    return _put(plain, ours, by_address=by_address)


def intake_server(address: str, port: int, home: Path, upstream: Path, *, by_address: bool = False) -> str:
    """`docs/nginx-intake.conf` for a headquarters in this home."""
    ours = {
        "listen 8443 ssl": f"listen {address}:{port} ssl",
        "hq.example": address,
        "/srv/supervision": str(home),
        "/run/supervision/intake.sock": str(upstream),
    }
    return _put((ROOT / "docs/nginx-intake.conf").read_text("utf-8"), ours, by_address=by_address)


def _put(text: str, ours: Mapping[str, str], *, by_address: bool) -> str:
    for theirs, our in ours.items():
        if theirs not in text:
            raise ValueError(f"the documented configuration has no {theirs!r}")
        text = text.replace(theirs, our)
    for strict, loose in {} if by_address else ALL_AT_ONE_ADDRESS.items():
        text = text.replace(strict, loose)
    return text


class Nginx(Process):
    """An nginx of its own, one process, with one server."""

    def __init__(self, folder: Path, server: str, address: str, port: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            raise MissingPart("nginx is missing: scripts/setup.sh installs it")
        configuration = folder / "nginx.conf"
        configuration.write_text(AROUND.format(folder=folder, servers=server), "utf-8")
        super().__init__([], {}, folder / "nginx.log")
        self.command = [program, "-e", "stderr", "-p", str(folder), "-c", str(configuration)]
        self.at = address, port

    def serve(self) -> None:
        """Start it if it does not run, and wait until it listens."""
        if not self.running:
            self.start()
        until("nginx listens", lambda: not self.running or accepts(self.at))
        if not self.running:
            raise AssertionError(f"nginx ended:\n{self.said()[-2000:]}")
