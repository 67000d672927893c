"""Free ports on loopback that no other test, demo or Asterisk of ours takes before we use them.

A port is ours when it binds (TCP and UDP) *and* its byte in one lock file is locked by us, so that a port
handed out and not yet opened is not handed out again, by this process or another. All lie below the range
from which the kernel picks by itself. The locks go with the process, or with `give_back`.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from threading import Lock

PORTS = range(15000, 32000)


class _Ledger:
    """Which ports this process holds."""

    def __init__(self) -> None:
        self.mine: set[int] = set()
        self.guard = Lock()
        self._file: int | None = None
        self._pid = 0

    def take(self, port: int) -> bool:
        """Lock the port's byte, if neither we nor another process has it, and see that it is really free."""
        if port in self.mine or not self._lock(port):
            return False
        if not _binds(port):
            self.give(port)
            return False
        self.mine.add(port)
        return True

    def give(self, port: int) -> None:
        """Unlock the port's byte."""
        self.mine.discard(port)
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, port)

    def _lock(self, port: int) -> bool:
        ledger = self._ledger()
        try:
            fcntl.lockf(ledger, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            return False
        return True

    def _ledger(self) -> int:
        if self._file is None or self._pid != os.getpid():
            # Kept open for the life of the process: closing it would drop all its locks.
            path = Path(tempfile.gettempdir()) / f"supervision-ports.{os.getuid()}"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            self._pid = os.getpid()
            self.mine.clear()
        return self._file


_LEDGER = _Ledger()


def free_ports(n: int) -> list[int]:
    """Ports, free for TCP and UDP on 127.0.0.1, and kept for this process until given back."""
    with _LEDGER.guard:
        found: list[int] = []
        for port in random.sample(PORTS, len(PORTS)):
            if len(found) == n:
                return found
            if _LEDGER.take(port):
                found.append(port)
        if len(found) < n:
            give_back_unguarded(found)
            raise OSError(f"no {n} free ports on loopback")
        return found


def free_range(n: int) -> tuple[int, int]:
    """First and last of `n` consecutive free ports, the first one even, as RTP wants; kept likewise."""
    starts = list(range(PORTS.start, PORTS.stop - n, 2))
    with _LEDGER.guard:
        for start in random.sample(starts, min(len(starts), 500)):
            taken: list[int] = []
            for port in range(start, start + n):
                if not _LEDGER.take(port):
                    break
                taken.append(port)
            if len(taken) == n:
                return start, start + n - 1
            give_back_unguarded(taken)
    raise OSError(f"no {n} consecutive free ports on loopback")


def give_back(ports: list[int]) -> None:
    """Let others have these ports again."""
    with _LEDGER.guard:
        give_back_unguarded(ports)


def give_back_unguarded(ports: list[int]) -> None:
    """The same for who holds the ledger's guard already."""
    for port in ports:
        _LEDGER.give(port)


def _binds(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
