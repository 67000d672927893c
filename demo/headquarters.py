"""Headquarters on loopback, in a folder of its own: intake, worker and site, each a process as in production."""

import shutil
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from asterisk.ports import free_ports, give_back
from demo.processes import Process, until
from supervision.certificates import authority
from supervision.database import Database
from supervision.paths import CertificateFiles, HqPaths, Paths
from supervision.settings import Mode, Settings
from supervision.store import upgrade


class LoopbackHeadquarters:
    """Headquarters: its authority, its database, and the processes that serve offices and people."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None, address: str = "127.0.0.1") -> None:
        """`address`: where its intake listens for offices; another than loopback only on a link of one's own."""
        self.home = home.resolve()
        self.address = address
        self.home.mkdir(parents=True, exist_ok=True)
        self.paths = HqPaths(self.home)
        self.intake_port, self.web_port = free_ports(2)
        self.environment = {
            "SUPERVISION_HOME": str(self.home),
            "SUPERVISION_MODE": Mode.HQ.value,
            "SUPERVISION_INTAKE_BIND": f"{address}:{self.intake_port}",
            "SUPERVISION_WEB_BIND": f"127.0.0.1:{self.web_port}",
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
        self.worker = self.process("supervision.jobs", name="worker")
        self.web = self.process("gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app", name="site")
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
        context = ssl.create_default_context(cafile=str(self.paths.ca.certificate))

        def answers() -> bool:
            if not self.intake.running:
                raise AssertionError(f"the intake ended:\n{self.intake.said()[-2000:]}")
            try:
                httpx.get(self.url, verify=context, trust_env=False)
            except httpx.ConnectError as error:
                return "certificate required" in str(error)
            except httpx.TransportError:
                return True  # it asked for a certificate, which we have not
            return True

        until("the intake answers", answers, 30)

    def start_site(self) -> None:
        """Start the review site, and wait until it answers."""
        self.web.start()

        def answers() -> bool:
            if not self.web.running:
                raise AssertionError(f"the site ended:\n{self.web.said()[-2000:]}")
            try:
                return httpx.get(f"{self.site}/", follow_redirects=True, trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        until("headquarters' site answers", answers, 30)

    def stop(self) -> None:
        """End all of it."""
        for process in (self.web, self.worker, self.intake):
            process.stop()
        self.database.close()
        give_back([self.intake_port, self.web_port])
