"""The first process of a container: starts one of our processes and hears whether it is alive, as systemd would.

Our processes tell their service manager that they are ready and alive (sd_notify(3)); container engines do not
listen. This one does: `--healthy` answers the engine's health check from what was heard, and where `WATCHDOG_USEC`
is set and the process was silent for longer, it is ended, so that the engine starts it anew. It reaps orphans and
passes signals on. Arguments: those of the release's Python, such as `-m supervision.worker`.
"""

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path

PYTHON = "/opt/supervision/current/.venv/bin/python"
FOLDER = Path(os.environ.get("WATCHED_FOLDER", "/tmp/watched"))  # noqa: S108 - the container's own
LOOKS_EVERY_S = 1.0


def allowed_s() -> float | None:
    """How long the process may be silent."""
    asked = int(os.environ.get("WATCHDOG_USEC") or 0)
    return asked / 1e6 if asked else None


def healthy() -> int:
    """0 if the process has said that it is ready, and that it is alive no longer ago than allowed."""
    try:
        silent_s = time.time() - (FOLDER / "alive").stat().st_mtime
    except FileNotFoundError:
        sys.stdout.write("it has not said that it is ready\n")
        return 1
    longest_s = allowed_s()
    sys.stdout.write(f"it spoke {silent_s:.0f} s ago\n")
    return 0 if longest_s is None or silent_s <= longest_s else 1


class Watch:
    """One process, and what it says."""

    def __init__(self, command: list[str]) -> None:
        FOLDER.mkdir(exist_ok=True)
        self.alive = FOLDER / "alive"
        self.alive.unlink(missing_ok=True)
        address = FOLDER / "notify"
        address.unlink(missing_ok=True)
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.ear.bind(str(address))
        self.wake, wake = socket.socketpair()
        self.wake.setblocking(False)
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._waker = wake
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(one, self._pass_on)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.heard_at: float | None = None
        environment = {**os.environ, "NOTIFY_SOCKET": str(address)}
        self.pid = os.posix_spawn(command[0], command, environment, setsigdef=[signal.SIGPIPE])

    def _pass_on(self, number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def run(self) -> int:
        """Until it ends; its exit code."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.ear, selectors.EVENT_READ)
            selector.register(self.wake, selectors.EVENT_READ)
            while True:
                selector.select(LOOKS_EVERY_S)
                with contextlib.suppress(BlockingIOError):
                    self.wake.recv(4096)
                code = self.reap()
                if code is not None:
                    return code
                self.hear()
                self.end_if_silent()

    def reap(self) -> int | None:
        """Take note of all that ended; the exit code if the process did."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 1
            if pid == 0:
                return None
            if pid == self.pid:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code

    def hear(self) -> None:
        """What it has said since."""
        with contextlib.suppress(BlockingIOError):
            while True:
                said = self.ear.recv(4096).decode("utf-8", "replace").splitlines()
                if "READY=1" in said or (self.heard_at is not None and "WATCHDOG=1" in said):
                    self.heard_at = time.monotonic()
                    self.alive.touch()

    def end_if_silent(self) -> None:
        """As systemd does: SIGABRT, after which the engine starts all anew."""
        longest_s = allowed_s()
        if self.heard_at is None or longest_s is None or time.monotonic() - self.heard_at <= longest_s:
            return
        sys.stderr.write(f"watched: silent for more than {longest_s:g} s: ended\n")
        os.kill(self.pid, signal.SIGABRT)
        self.heard_at = time.monotonic()


def main(arguments: list[str]) -> int:
    """Answer for the process, or be the one who watches it."""
    if arguments == ["--healthy"]:
        return healthy()
    os.umask(0o027)  # as the units' UMask
    return Watch([PYTHON, *arguments]).run()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
