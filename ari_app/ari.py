"""The connection to Asterisk's ARI. Only this module knows which client it is (docs/decisions).

The client is asyncari, ari-py's living descendant, used for its Swagger operations and its websocket. Its
object layer is left aside: it caches channels by class and cannot survive a reconnect.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import anyio
import asyncari
import httpx
import structlog

from ari_app.events import AriEvent, Channel, NotUnderstood, parse_channel, parse_event, parse_time

log = structlog.get_logger("ari")
# asyncari makes a page of text of each event for a log that nobody asked for: a fifth of this process's work.
asyncari.client.pformat = lambda _event: ""

ADMISSION = "admission"
WATCH = "watch"
PING_EVERY_S = 1.0
PING_LONGEST_S = 2.0
ACTION_LONGEST_S = 2.0
RETRY_S = (0.2, 0.5, 1.0, 2.0)

LOST = (OSError, RuntimeError, TimeoutError, httpx.HTTPError, BaseExceptionGroup, anyio.ClosedResourceError)


class AriAway(Exception):
    """Asterisk cannot be asked over ARI just now."""


@dataclass
class AriLink:
    """A connection that mends itself. Events come through `on_event`, in order; it reports when it is up and when
    down.

    `on_misread` is called for an event that was not understood: what it was about is not known.
    A peer that froze is noticed by a ping within 3 s and the connection given up.
    """

    base_url: str
    user: str
    password: str
    on_event: Callable[[AriEvent], None]
    on_up: Callable[[], Awaitable[None]]
    on_down: Callable[[], Awaitable[None]]
    on_misread: Callable[[], None]
    _client: Any = None

    @property
    def up(self) -> bool:
        """Whether Asterisk can be asked now."""
        return self._client is not None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        failures = 0
        while True:
            try:
                async with self._connected() as reader:
                    failures = 0
                    await self._ping_until_lost(reader)
            except LOST as error:
                if failures == 0:
                    log.warning("ari lost", error=_short(error))
            await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
            failures += 1

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator["asyncio.Task[None]"]:
        async with asyncari.connect(self.base_url, f"{ADMISSION},{WATCH}", self.user, self.password) as client:
            client.class_map = {}
            reader = asyncio.create_task(self._read(client))
            try:
                for source in ("channel:", "bridge:"):
                    await client.swagger.applications.subscribe(applicationName=WATCH, eventSource=source)
                self._client = client
                log.info("ari connected")
                await self.on_up()
                yield reader
            finally:
                self._client = None
                reader.cancel()
                with contextlib.suppress(asyncio.CancelledError, *LOST):
                    await reader
                await self.on_down()

    async def _read(self, client: Any) -> None:
        async for message in client:
            try:
                event = parse_event(message._orig_msg)
                if event.type == "ApplicationReplaced":
                    return  # another connected under our name: Asterisk sends this one nothing any more
                self.on_event(event)
            except NotUnderstood as error:
                log.warning("event not understood", error=str(error))
                self.on_misread()

    async def _ping_until_lost(self, reader: "asyncio.Task[None]") -> None:
        while self._client is not None:
            if reader.done() or not self._client.websockets:  # asyncari does not say so of itself
                raise ConnectionError("the event connection was closed or taken")
            async with asyncio.timeout(PING_LONGEST_S):
                await self._client.swagger.asterisk.ping()
            await asyncio.sleep(PING_EVERY_S)

    async def continue_in_dialplan(self, channel_id: str) -> bool:
        """Send a channel on from Stasis. False if it is gone or Asterisk away: the dialplan goes on by itself."""
        return await self._ask("channels", "continueInDialplan", channelId=channel_id) is not None

    async def channels(self) -> list[Channel]:
        """All channels that live now. Raises AriAway."""
        answer = await self._ask("channels", "list")
        if answer is None:
            raise AriAway("channels could not be listed")
        channels = []
        for data in answer.json():
            try:
                channels.append(parse_channel(data))
            except NotUnderstood as error:
                log.warning("channel not understood", error=str(error))
        return channels

    async def started_at(self) -> datetime | None:
        """Since when this Asterisk runs; None if it does not say."""
        answer = await self._ask("asterisk", "getInfo", only="status")
        try:
            return None if answer is None else parse_time(str(answer.json()["status"]["startup_time"]))
        except (KeyError, TypeError, ValueError) as error:
            log.warning("asterisk does not say since when it runs", error=_short(error))
            return None

    async def _ask(self, resource: str, operation: str, **arguments: str) -> Any | None:
        client = self._client
        if client is None:
            return None
        try:
            async with asyncio.timeout(ACTION_LONGEST_S):
                return await getattr(getattr(client.swagger, resource), operation)(**arguments)
        except httpx.HTTPStatusError as error:
            if error.response.status_code not in {404, 409, 412}:
                log.warning("ari refused", operation=operation, status=error.response.status_code)
            return None
        except LOST as error:
            log.warning("ari did not answer", operation=operation, error=_short(error))
            return None


def _short(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"[:200].split("?api_key")[0]
