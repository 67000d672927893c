"""A real nginx before a real intake, configured as `docs/nginx-intake.conf` tells operators."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk.ports import free_ports, give_back
from demo.nginx import Nginx, intake_server
from supervision.paths import HqPaths
from tests.intake.server import Server, serving


@contextmanager
def proxied(paths: HqPaths, folder: Path) -> Iterator[Server]:
    """The intake on its private socket, and nginx with TLS before it."""
    (port,) = free_ports(1)
    private = folder / "intake.sock"
    server = intake_server("127.0.0.1", port, paths.home, private, by_address=True)
    nginx = Nginx(folder / "nginx", server, "127.0.0.1", port)
    with serving(paths, SUPERVISION_INTAKE_SOCKET=str(private)) as intake:
        try:
            nginx.serve()
            yield Server(intake.process, paths, port)
        finally:
            nginx.kill()
            give_back([port])
