"""A TCP link that can go bad in every way: slow, narrow, stalled, deaf in one direction, reset, gone.

It stands between the real uplink and the real intake; TLS passes through it as it is.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

BLOCK_BYTES = 64 * 1024
LOOK_AGAIN_S = 0.01
AT_ONCE_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Weather:
    """How the link is. What a stalled direction holds comes later, unless the connections are reset before."""

    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    up: bool = True
    down: bool = True
    open: bool = True

    def passes(self, direction: str) -> bool:
        """Whether anything goes through that way."""
        return self.up if direction == "up" else self.down


CLEAR = Weather()


@dataclass
class Proxy:
    """Forwards connections from `port` on loopback to a port on loopback, as the weather lets it."""

    target: int
    weather: Weather = CLEAR
    passed: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    _free_at: dict[str, float] = field(default_factory=lambda: {"up": 0.0, "down": 0.0})
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def reset(self) -> None:
        """End all connections at once, with RST; what was under way is lost."""
        self._loop.call_soon_threadsafe(self._reset)

    def _reset(self) -> None:
        for writer in self._writers:
            with contextlib.suppress(OSError):
                ours: socket.socket = writer.get_extra_info("socket")
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_RESET)
            writer.transport.abort()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _end(self) -> None:
        self._server.close()
        self._reset()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        self._writers.add(near_out)
        ends = [near_out]
        try:
            if self.weather.open:
                far_in, far_out = await asyncio.open_connection("127.0.0.1", self.target)
                self._writers.add(far_out)
                ends.append(far_out)
                await asyncio.gather(self._pump(near_in, far_out, "up"), self._pump(far_in, near_out, "down"))
        except OSError:
            pass  # one end is gone, so the other goes, too
        finally:
            for end in ends:
                self._writers.discard(end)
                end.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, direction: str) -> None:
        while data := await source.read(BLOCK_BYTES):
            await self._wait(len(data), direction)
            sink.write(data)
            await sink.drain()
            self.passed[direction] += len(data)
        if sink.can_write_eof():
            sink.write_eof()

    async def _wait(self, length: int, direction: str) -> None:
        await asyncio.sleep(self.weather.delay_s)
        if self.weather.bytes_per_s:
            moment = self._loop.time()
            begins = max(moment, self._free_at[direction])
            self._free_at[direction] = begins + length / self.weather.bytes_per_s
            await asyncio.sleep(self._free_at[direction] - moment)
        while not self.weather.passes(direction):  # noqa: ASYNC110 - the weather is set by another thread
            await asyncio.sleep(LOOK_AGAIN_S)
