"""Headquarters on loopback, in a folder of its own: intake, worker and site, each a process as in production.

As everywhere, nginx stands before intake and site, which listen on unix sockets.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from asterisk.ports import free_ports, give_back
from demo.nginx import Nginx, intake_server, site_server, sockets_folder
from demo.processes import Process, accepts, until
from supervision.certificates import authority
from supervision.database import Database
from supervision.paths import CertificateFiles, HqPaths, Paths
from supervision.settings import Mode, Settings
from supervision.store import upgrade


class LoopbackHeadquarters:
    """Headquarters: its authority, its database, and the processes that serve offices and people."""

    def __init__(
        self,
        home: Path,
        settings: Mapping[str, str] | None = None,
        address: str = "127.0.0.1",
        *,
        by_address: bool = False,
    ) -> None:
        """Make its folder, authority and database.

        `address`: where its intake listens for offices; another than loopback only on a link of one's own.
        `by_address`: with nginx's own limits for each address, which elsewhere on loopback would bind all as one.
        """
        self.home = home.resolve()
        self.address = address
        self.home.mkdir(parents=True, exist_ok=True)
        self.paths = HqPaths(self.home)
        self.intake_port, self.web_port = free_ports(2)
        self.sockets = sockets_folder(self.home)
        self.environment = {
            "SUPERVISION_HOME": str(self.home),
            "SUPERVISION_MODE": Mode.HQ.value,
            "SUPERVISION_INTAKE_SOCKET": str(self.sockets / "intake.sock"),
            "SUPERVISION_WEB_BIND": f"unix:{self.sockets / 'site.sock'}",
            "SUPERVISION_TRUSTED_PROXIES": "1",
            "SUPERVISION_SECURE_COOKIES": "false",
            "PYTHONUNBUFFERED": "1",
            **(settings or {}),
        }
        if not self.paths.ca.certificate.exists():
            authority.initialise(self.paths, "loopback offices")
            authority.issue_server(self.paths, [address], self.paths.server.folder)
        self.intake = self.process(
            "gunicorn", "-c", "web/intake/gunicorn.conf.py", "web.intake.wsgi:app", name="intake"
        )
        self.worker = self.process("supervision.worker", name="worker")
        self.web = self.process("gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app", name="site")
        place = address, self.intake_port, self.home, self.sockets / "intake.sock"
        server = intake_server(*place, by_address=by_address)
        self.before_intake = Nginx(self.home / "nginx-intake", server, address, self.intake_port)
        server = site_server(self.web_port, self.sockets / "site.sock", by_address=by_address)
        self.before_site = Nginx(self.home / "nginx-site", server, "127.0.0.1", self.web_port)
        upgrade(self.settings.database())
        self.database = Database(self.settings.database())

    @property
    def settings(self) -> Settings:
        """The settings that its processes have."""
        return Settings(
            home=self.home, mode=Mode.HQ, database_url=self.environment.get("SUPERVISION_DATABASE_URL", "")
        )

    def process(self, *module: str, name: str) -> Process:
        """A process of headquarters, not yet started."""
        return Process(module, self.environment, self.home / f"{name}.log")

    @property
    def url(self) -> str:
        """Where offices send to."""
        return f"https://{self.address}:{self.intake_port}"

    @property
    def site(self) -> str:
        """The address of the review site."""
        return f"http://127.0.0.1:{self.web_port}"

    def admit(self, code: str, node: Paths) -> None:
        """Give an office's node what it needs to be known here: a certificate, its key, our authority's."""
        issued = self.home / "issued"
        files = CertificateFiles(issued, f"office-{code}")
        if not files.certificate.exists():
            files = authority.issue_office(self.paths, code, issued)
        node.to_hq.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for source, target in (
            (files.certificate, node.to_hq.certificate),
            (files.key, node.to_hq.key),
            (self.paths.ca.certificate, node.hq_authority),
        ):
            shutil.copyfile(source, target)
            target.chmod(0o600)

    def __enter__(self) -> Self:
        try:
            self.start_intake()
            self.worker.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start_intake(self) -> None:
        """Start the intake, and wait until it answers."""
        self.intake.start()

        def answers() -> bool:
            if not self.intake.running:
                raise AssertionError(f"the intake ended:\n{self.intake.said()[-2000:]}")
            return accepts(self.sockets / "intake.sock")

        until("the intake answers", answers)
        self.before_intake.serve()

    def start_site(self) -> None:
        """Start the review site, and wait until it answers."""
        self.web.start()
        self.before_site.serve()

        def answers() -> bool:
            if not self.web.running:
                raise AssertionError(f"the site ended:\n{self.web.said()[-2000:]}")
            try:
                return httpx.get(f"{self.site}/", follow_redirects=True, trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        until("headquarters' site answers", answers)

    def stop(self) -> None:
        """End all of it."""
        for process in (self.before_site, self.before_intake, self.web, self.worker, self.intake):
            process.stop()
        self.database.close()
        give_back([self.intake_port, self.web_port])
