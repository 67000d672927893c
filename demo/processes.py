"""Our processes on loopback: started, stopped, killed, frozen; and waiting for what they bring about."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


class TooLate(AssertionError):
    """What was waited for did not come."""


def until(what: str, look: Callable[[], T | None], within_s: float = 60.0) -> T:
    """The first true thing that `look` gives. Raises TooLate, naming what was waited for."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TooLate(f"{what}: not within {within_s:g} s")
        time.sleep(0.03)


def accepts(at: Path | tuple[str, int]) -> bool:
    """Whether somebody listens there: at a unix socket, or an address and a port."""
    family, place = (socket.AF_UNIX, str(at)) if isinstance(at, Path) else (socket.AF_INET, at)
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError), socket.socket(family) as one:
        one.settimeout(20)
        one.connect(place)
        return True
    return False


class Process:
    """One of our processes: started, stopped, killed, frozen; its output in a file.

    `inside`: a command that runs it in a place of its own (`ip netns exec …`).
    """

    def __init__(
        self, module: Sequence[str], environment: Mapping[str, str], log: Path, inside: Sequence[str] = ()
    ) -> None:
        self.command = [*inside, sys.executable, "-m", *module]
        self.environment = {**os.environ, **environment}
        self.log = log
        self.folder = ROOT  # of the code that it runs
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it, adding to its log."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                self.command, cwd=self.folder, env=self.environment, stdout=out, stderr=out, start_new_session=True
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
        """SIGKILL, to it and to all that it started."""
        if self._process is not None and self.running:
            os.killpg(self.pid, signal.SIGKILL)
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
