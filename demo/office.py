"""A whole office node on loopback, in a folder of its own: for the demo, the tests and the benchmarks.

Real Asterisk, real `ari_app`, the real worker and site, each a process as in production; only the telephone
lines and desks are sipp's (`demo.phones`). Several can run at once.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import yaml

from asterisk.ports import free_ports, free_range, give_back
from asterisk.render import Network, render
from asterisk.root import Installation, find_or_make
from asterisk.runtime import Pbx
from asterisk.sounds import install_sounds
from demo.headquarters import LoopbackHeadquarters
from demo.nginx import Nginx, site_server, sockets_folder
from demo.phones import Desk, Desks, Gateway
from demo.processes import Process, TooLate, until
from supervision.database import Database
from supervision.offices.description import OfficeDescription, load_description
from supervision.paths import Paths
from supervision.settings import Settings
from supervision.store import upgrade


class LoopbackOffice:
    """One office node: home folder, Asterisk, control process; worker and site by name."""

    def __init__(  # noqa: PLR0913 - what differs between a test, the demo and a benchmark
        self,
        home: Path,
        description: Mapping[str, Any],
        *,
        installation: Installation | None = None,
        settings: Mapping[str, str] | None = None,
        rtp_ports: int = 200,
        sounds: bool = False,
        hq: LoopbackHeadquarters | None = None,
        rtp_timeout_s: int = 60,
        rtp_timeout_hold_s: int = 600,
    ) -> None:
        self.home = home.resolve()
        self.paths = Paths(self.home)
        self.home.mkdir(parents=True, exist_ok=True)
        sip, http, ami, web, hep = free_ports(5)
        described = {**description, "office": {**description["office"], "site": f"http://127.0.0.1:{web}"}}
        self.paths.office_file.write_text(yaml.safe_dump(described, allow_unicode=True), "utf-8")
        self.description: OfficeDescription = load_description(self.paths.office_file)
        rtp = free_range(rtp_ports)
        self._ports = [sip, http, ami, web, hep, *range(rtp[0], rtp[1] + 1)]
        # The phones here are not there between two acts, and must not count as away for that.
        self.network = Network(
            sip,
            http,
            ami,
            hep,
            rtp[0],
            rtp[1],
            qualify_s=0,
            rtp_timeout_s=rtp_timeout_s,
            rtp_timeout_hold_s=rtp_timeout_hold_s,
        )
        self.web_port = web
        site = sockets_folder(self.home) / "site.sock"
        self.before_site = Nginx(self.home / "nginx-site", site_server(web, site), "127.0.0.1", web)
        self.environment = {
            "SUPERVISION_HOME": str(self.home),
            "SUPERVISION_ARI_URL": f"http://127.0.0.1:{http}/",
            "SUPERVISION_AMI_PORT": str(ami),
            "SUPERVISION_HEP_PORT": str(hep),
            "SUPERVISION_SECURE_COOKIES": "false",
            "SUPERVISION_WEB_BIND": f"unix:{site}",
            "SUPERVISION_TRUSTED_PROXIES": "1",
            "PYTHONUNBUFFERED": "1",
            **({"SUPERVISION_HQ_URL": hq.url, "SUPERVISION_HQ_SITE_URL": hq.site} if hq else {}),
            **(settings or {}),
        }
        self.hq = hq
        if hq is not None:
            hq.admit(self.description.office.code, self.paths)
        found = installation or find_or_make()
        render(self.description, self.network, self.paths, found.modules)
        if sounds:
            install_sounds(self.paths)
        self.pbx = Pbx(self.home, found)
        self.app = self.process("ari_app")
        self.uplink = self.process("ari_app.uplink")
        self.worker = self.process("supervision.worker")
        self.web = self.process("gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app")
        self._phones: list[Desks | Gateway] = []
        upgrade(self.settings.database())
        self.database = Database(self.settings.database())

    @property
    def settings(self) -> Settings:
        """The settings that its processes have."""
        return Settings(home=self.home, database_url=self.environment.get("SUPERVISION_DATABASE_URL", ""))

    def process(self, *module: str) -> Process:
        """A process of this node, not yet started."""
        return Process(module, self.environment, self.home / f"{module[0]}.log")

    def __enter__(self) -> Self:
        try:
            self.pbx.start()
            self.start_app()
            if self.hq is not None:
                self.uplink.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End all of it, phones first."""
        for phone in self._phones:
            phone.unplug()
        for process in (self.before_site, self.web, self.worker, self.uplink, self.app):
            process.stop()
        self.pbx.stop()
        self.database.close()
        give_back(self._ports)

    def start_app(self) -> None:
        """Start the control process and wait until both its wires are up."""
        before = self.app.said()
        self.app.start()
        self.wait_for_app(before)

    def wait_for_app(self, before: str = "") -> None:
        """Wait until the control process has said, after `before`, that both wires are up."""

        def connected() -> bool:
            if not self.app.running:
                raise TooLate(f"ari_app ended:\n{self.app.said()[-2000:]}")
            said = self.app.said()[len(before) :]
            return "ari connected" in said and "ami connected" in said

        until("both wires up", connected)

    @property
    def site(self) -> str:
        """The address of the review site."""
        return f"http://127.0.0.1:{self.web_port}"

    def start_site(self) -> None:
        """Start the worker and the review site, and wait until the site answers."""
        self.worker.start()
        self.web.start()
        self.before_site.serve()

        def answers() -> bool:
            if not self.web.running:
                raise TooLate(f"the site ended:\n{self.web.said()[-2000:]}")
            try:
                return httpx.get(f"{self.site}/", follow_redirects=True).status_code == 200
            except httpx.TransportError:
                return False

        until("the site answers", answers)

    def gateway(self, line_key: str) -> Gateway:
        """The FXO gateway's port of a line."""
        line = next(line for line in self.description.lines if line.key == line_key)
        folder = self.home / "phones"
        if line.gateway.account:
            password = self.paths.secret(f"sip-line-{line_key}").read_text("ascii").strip()
            gateway = Gateway(self._address, line.gateway.account, password, folder)
        else:
            header = {str(line.gateway.header): str(line.gateway.value)}
            gateway = Gateway(self._address, f"port-{line_key}", "", folder, header)
        self._phones.append(gateway)
        return gateway

    def desk(self, extension: str) -> Desk:
        """A desk's phone, registered."""
        desk = Desk(self._address, extension, self._desk_password(extension), self.home / "phones")
        self._phones.append(desk)
        return desk.register()

    def desks(self, extensions: Sequence[str]) -> Desks:
        """Several desks' phones in one process, registered."""
        passwords = {extension: self._desk_password(extension) for extension in extensions}
        desks = Desks(self._address, passwords, self.home / "phones")
        self._phones.append(desks)
        return desks.register()

    def number(self, line_key: str) -> str:
        """The number that a line's port dials."""
        return next(line.number for line in self.description.lines if line.key == line_key)

    @property
    def _address(self) -> tuple[str, int]:
        return "127.0.0.1", self.network.sip_port

    def _desk_password(self, extension: str) -> str:
        return self.paths.secret(f"sip-desk-{extension}").read_text("ascii").strip()
