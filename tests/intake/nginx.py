"""A real nginx before a real intake, configured as `docs/nginx-intake.conf` tells operators."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk.ports import free_ports, give_back
from demo.processes import until
from supervision.paths import HqPaths
from tests.architecture.source import ROOT
from tests.intake.server import Server, answers, serving

AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{server}
}}
"""


def configured(paths: HqPaths, folder: Path, port: int) -> Path:
    """The documented server with the names and paths of this test, and what belongs around it."""
    server = (ROOT / "docs/nginx-intake.conf").read_text("utf-8")
    for theirs, ours in {
        "listen 8443 ssl": f"listen 127.0.0.1:{port} ssl",
        "hq.example": "127.0.0.1",
        "/srv/supervision": str(paths.home),
        "/run/supervision/intake.sock": str(folder / "intake.sock"),
    }.items():
        assert theirs in server
        server = server.replace(theirs, ours)
    path = folder / "nginx.conf"
    path.write_text(AROUND.format(folder=folder, server=server), "utf-8")
    return path


@contextmanager
def proxied(paths: HqPaths, folder: Path) -> Iterator[Server]:
    """The intake on its private socket, and nginx with TLS before it."""
    (port,) = free_ports(1)
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "scripts/setup.sh installs nginx"
    with serving(paths, SUPERVISION_INTAKE_SOCKET=str(folder / "intake.sock")) as server:
        command = [program, "-e", "stderr", "-p", str(folder), "-c", str(configured(paths, folder, port))]
        with (folder / "nginx.log").open("w") as log:
            nginx = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own words
        try:
            until("nginx listens", lambda: nginx.poll() is not None or answers(port), 60)
            assert nginx.poll() is None, (folder / "nginx.log").read_text()
            yield Server(server.process, paths, port)
        finally:
            nginx.kill()
            nginx.wait()
            give_back([port])
