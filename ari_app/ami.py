"""The connection to Asterisk's AMI, by panoramisk, for two things that ARI lacks: MixMonitor, and its mutes.

panoramisk's known faults are met here: it cannot see a half-open connection (we ping), it sends queued
actions late after a reconnect (ours are all marked forgettable), a bad password only leaves it unauthenticated
(we say so), and Chinese text split across packets loses characters (we send and read none).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from panoramisk.manager import Manager

from supervision.paths import asterisk_safe

log = structlog.get_logger("ami")

PING_EVERY_S = 1.0
PING_LONGEST_S = 2.0
ACTION_LONGEST_S = 1.0
NO_CHANNEL = "No such channel"  # Asterisk's words


class ChannelGone(LookupError):
    """Asterisk has that channel no longer: its call is over, and what tells of it is on its way to us."""


@dataclass
class AmiLink:
    """A connection that mends itself; a peer that froze is noticed within 3 s."""

    host: str
    port: int
    user: str
    password: str
    on_up: Callable[[], Awaitable[None]]
    on_down: Callable[[], Awaitable[None]]
    on_mute: Callable[[Mapping[str, str]], None]
    _manager: Any = field(default=None)
    _up: bool = False

    @property
    def up(self) -> bool:
        """Whether an action can be sent to Asterisk now."""
        return self._up

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            signed_in = asyncio.Event()
            manager = Manager(
                host=self.host,
                port=self.port,
                username=self.user,
                secret=self.password,
                events="call",  # manager.conf lets none through but mutes
                ping_delay=3600,
                forgetable_actions=("ping", "login", "mixmonitor", "stopmixmonitor"),
                on_login=lambda _manager, event=signed_in: event.set(),
            )
            manager.register_event("MixMonitorMute", lambda _manager, event: self.on_mute(event))
            try:
                await self._serve(manager, signed_in)
            except (OSError, TimeoutError) as error:
                log.debug("ami lost", error=str(error))
            finally:
                await self._set_up(None)
                _close(manager)
            await asyncio.sleep(0.5)

    async def _serve(self, manager: Any, signed_in: asyncio.Event) -> None:
        connecting = manager.connect()
        # It would reconnect by itself, unasked and unseen; a new manager is made instead.
        manager.connect = lambda *_, **__: None
        try:
            async with asyncio.timeout(PING_LONGEST_S):
                await connecting
                await signed_in.wait()
        except TimeoutError:
            if manager.protocol is not None and manager.authenticated_future is None:
                log.warning("ami refused the password", user=self.user)
            raise
        await self._set_up(manager)
        while True:
            async with asyncio.timeout(PING_LONGEST_S):
                await manager.send_action({"Action": "Ping"})
            await asyncio.sleep(PING_EVERY_S)

    async def _set_up(self, manager: Any) -> None:
        was, self._manager, self._up = self._up, manager, manager is not None
        if self._up and not was:
            log.info("ami connected")
            await self.on_up()
        elif was and not self._up:
            log.warning("ami lost")
            await self.on_down()

    async def start_mixmonitor(self, channel: str, part: Path) -> bool:
        """Start recording a channel into a new file, caller left and what he hears right (option D).

        True only says that Asterisk took the order; bytes in the file prove it. False: refused, or away. Raises
        ChannelGone.
        """
        manager = self._manager
        if manager is None:
            return False
        action = {"Action": "MixMonitor", "Channel": channel, "File": asterisk_safe(part), "Options": "D"}
        try:
            async with asyncio.timeout(ACTION_LONGEST_S):
                answer = await manager.send_action(action)
        except (OSError, TimeoutError):
            log.warning("ami did not answer", action="MixMonitor")
            return False
        if not answer.success and str(answer.message) == NO_CHANNEL:
            raise ChannelGone(channel)
        if not answer.success:
            log.warning("mixmonitor refused", message=str(answer.message)[:200])
        return bool(answer.success)


def _close(manager: Any) -> None:
    if manager.pinger is not None:
        manager.pinger.cancel()
    if manager.protocol is not None:
        with contextlib.suppress(OSError):
            manager.protocol.transport.abort()
