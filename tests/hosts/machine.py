"""One booted machine: an overlay over the shared root, started by systemd-nspawn in a namespace of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from asterisk.cache import MissingPart, output_of, program
from tests.hosts.network import Network

BOOTS_WITHIN_S = 60.0
SHARED = "/srv/backups"  # the second place for backups: a folder that machines of the bureau share
# In a container the clock is the host's: chrony may only watch it.
CHRONY = """[Unit]
ConditionCapability=

[Service]
ExecStart=
ExecStart=!/usr/sbin/chronyd -x -F 1
"""


class Machine:
    """A machine of Debian's, bare but for the packages of the root, reached by SSH with the test's key."""

    def __init__(self, name: str, address: str, network: Network, folder: Path, shared: Path) -> None:
        self.name = name
        self.address = address
        self._network = network
        self._folder = folder
        self._shared = shared
        self.root = self._folder / "root"
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, lower: Path, public_key: str, names: Sequence[tuple[str, str]]) -> None:
        """Lay its overlay, and put in what an installer of Debian's would have asked for."""
        upper, work = self._folder / "upper", self._folder / "work"
        for path in (upper, work, self.root):
            path.mkdir(parents=True)
        layers = f"lowerdir={lower},upperdir={upper},workdir={work}"
        output_of([program("mount", "mount"), "-t", "overlay", "-o", layers, "overlay", self.root])
        self.write("etc/hostname", self.name + "\n")
        self.write("etc/hosts", "127.0.0.1 localhost\n" + "".join(f"{a} {n}\n" for a, n in names))
        self.write("etc/machine-id", "")
        self.write("root/.ssh/authorized_keys", public_key)
        self.write("etc/systemd/system/chrony.service.d/container.conf", CHRONY)
        os.utime(self.root / "var/lib/apt/lists")  # the root's package lists count as fresh: there is no mirror

    def write(self, path: str, text: str) -> None:
        """A file in it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def boot(self) -> None:
        """Start it; `wait` says when it is there."""
        command = [
            program("systemd-nspawn", "systemd-container"),
            *("--quiet", "--register=no", "--keep-unit", "--boot", "-D", str(self.root), "-M", self.name),
            *(
                "--capability=CAP_NET_ADMIN,CAP_NET_RAW",
                f"--network-namespace-path={self._network.path(self.name)}",
            ),
            f"--bind={self._shared}:{SHARED}",
            *("--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe"),
        ]
        with (self._folder / "console.log").open("ab") as console:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )

    def wait(self, ssh: Sequence[str]) -> None:
        """Return when it answers by SSH. Raises MissingPart with the end of its console if it does not."""
        until = time.monotonic() + BOOTS_WITHIN_S
        while True:
            try:
                output_of([*ssh, f"root@{self.address}", "true"], timeout_s=10)
            except (MissingPart, subprocess.TimeoutExpired) as error:
                if time.monotonic() > until or self._process is None or self._process.poll() is not None:
                    console = (self._folder / "console.log").read_text("utf-8", "replace")[-1500:]
                    raise MissingPart(f"{self.name} does not answer: {error}\n{console}") from error
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """Shut it down, and take its overlay away."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if os.path.ismount(self.root):
            output_of([program("umount", "mount"), "--lazy", self.root])
