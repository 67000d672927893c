"""What a process tells systemd (`Type=notify`): that it is ready, alive, and how it is. Elsewhere nobody listens.

The protocol is one datagram to a unix socket (sd_notify(3)). The packages that wrap it have been abandoned for
years, or need a compiler and libsystemd.
"""

import asyncio
import contextlib
import os
import socket
import time

ASKS_AT_LEAST_S = 20.0


def notify(*states: str) -> None:
    """Send states such as `READY=1` and `STATUS=…`. What cannot be sent is no fault of the process."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one,
    ):
        one.settimeout(1)
        one.sendto("\n".join(states).encode(), f"\0{address[1:]}" if address.startswith("@") else address)


class Alive:
    """Says that the process is alive, as often as the unit's `WatchdogSec` asks for, and no more often."""

    def __init__(self) -> None:
        asked_s = int(os.environ.get("WATCHDOG_USEC") or 0) / 1e6
        self.every_s = min(asked_s / 3, ASKS_AT_LEAST_S) if asked_s else ASKS_AT_LEAST_S
        self._said_at = float("-inf")

    def notify(self) -> None:
        """To be called from wherever the process does its work, and nowhere else."""
        if time.monotonic() - self._said_at >= self.every_s:
            self._said_at = time.monotonic()
            notify("WATCHDOG=1")


async def stay_alive() -> None:
    """Say so for as long as this event loop runs its tasks."""
    alive = Alive()
    while True:
        alive.notify()
        await asyncio.sleep(alive.every_s)
