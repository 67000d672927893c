"""A whole office node on loopback, in a folder of its own: for the demo, the tests and the benchmarks.

Real Asterisk, real `ari_app`, the real worker and site, each a process as in production; only the telephone
lines and desks are sipp's (`demo.phones`). Several can run at once.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import yaml

from asterisk.ports import free_ports, free_range, give_back
from asterisk.render import Network, render
from asterisk.root import Installation, find_or_make
from asterisk.runtime import Pbx
from asterisk.sounds import install_sounds
from demo.phones import Desk, Desks, Gateway
from supervision.database import Database
from supervision.offices.description import OfficeDescription, load_description
from supervision.paths import Paths
from supervision.settings import Settings
from supervision.store import upgrade

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


class TooLate(AssertionError):
    """What was waited for did not come."""


def until(what: str, look: Callable[[], T | None], within_s: float = 15.0) -> T:
    """The first true thing that `look` gives. Raises TooLate, naming what was waited for."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TooLate(f"{what}: not within {within_s:g} s")
        time.sleep(0.03)


class Process:
    """One of our processes: started, stopped, killed, frozen; its output in a file."""

    def __init__(self, module: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.command = [sys.executable, "-m", *module]
        self.environment = {**os.environ, **environment}
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it, adding to its log."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                self.command, cwd=ROOT, env=self.environment, stdout=out, stderr=out, start_new_session=True
            )
        return self

    @property
    def pid(self) -> int:
        """Its process id. Raises RuntimeError if it was never started."""
        if self._process is None:
            raise RuntimeError(f"{self.command} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._process is not None and self._process.poll() is None

    def stop(self, within_s: float = 10.0) -> int:
        """SIGTERM, and SIGKILL if it does not end in time. Gives the exit code."""
        if self._process is None:
            return 0
        if self.running:
            self.thaw()
            self._process.terminate()
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None and self.running:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it is there and does nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def said(self) -> str:
        """All that it wrote to its log."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""


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
    ) -> None:
        self.home = home.resolve()
        self.paths = Paths(self.home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.paths.office_file.write_text(yaml.safe_dump(dict(description), allow_unicode=True), "utf-8")
        self.description: OfficeDescription = load_description(self.paths.office_file)
        sip, http, ami, web = free_ports(4)
        rtp = free_range(rtp_ports)
        self._ports = [sip, http, ami, web, *range(rtp[0], rtp[1] + 1)]
        # The phones here are not there between two acts, and must not count as away for that.
        self.network = Network(sip, http, ami, rtp[0], rtp[1], qualify_s=0)
        self.web_port = web
        self.environment = {
            "SUPERVISION_HOME": str(self.home),
            "SUPERVISION_ARI_URL": f"http://127.0.0.1:{http}/",
            "SUPERVISION_AMI_PORT": str(ami),
            "SUPERVISION_SECURE_COOKIES": "false",
            "SUPERVISION_WEB_BIND": f"127.0.0.1:{web}",
            "PYTHONUNBUFFERED": "1",
            **(settings or {}),
        }
        found = installation or find_or_make()
        render(self.description, self.network, self.paths, found.modules)
        if sounds:
            install_sounds(self.paths)
        self.pbx = Pbx(self.home, found)
        self.app = self.process("ari_app")
        self.worker = self.process("supervision.jobs")
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
        for process in (self.web, self.worker, self.app):
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

        def answers() -> bool:
            if not self.web.running:
                raise TooLate(f"the site ended:\n{self.web.said()[-2000:]}")
            try:
                return httpx.get(f"{self.site}/", follow_redirects=True).status_code == 200
            except httpx.TransportError:
                return False

        until("the site answers", answers, 30)

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
