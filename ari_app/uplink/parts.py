"""The recordings on their way: growing files are followed and sent over a few connections, newest first."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog
from asyncinotify import Inotify, Mask
from sqlalchemy import select

from ari_app.uplink.link import Elsewhere, Final, Link, LinkDown, Rejected
from ari_app.uplink.rules import Waiting, choose, chunk_bytes
from supervision.database import Database
from supervision.paths import PartName, Paths
from supervision.recordings.models import Part

log = structlog.get_logger("uplink")

LOOK_EVERY_S = 0.5
RECEIPTS_EVERY_S = 1.0
MOST_RECEIPTS = 500
REJECTED_AGAIN_S = 30.0
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass
class Sender:
    """Sends parts until cancelled. What it knows it reads from the spool, the database and headquarters."""

    link: Link
    paths: Paths
    database: Database
    connections: int
    late_bytes_per_s: int = 0
    _parts: dict[str, Waiting] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _late: int = 0
    _late_free_at: float = 0.0
    _rejected: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Follow the spool, send, and ask for receipts."""
        self.paths.spool.mkdir(parents=True, exist_ok=True)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            group.create_task(self._look())
            group.create_task(self._ask_receipts())
            for _ in range(self.connections):
                group.create_task(self._send())

    async def _watch(self) -> None:
        with Inotify() as inotify:
            inotify.add_watch(self.paths.spool, Mask.CREATE | Mask.MODIFY | Mask.MOVED_TO)
            async for event in inotify:
                if event.path is not None:
                    self._saw(event.path.name)

    async def _look(self) -> None:
        """Learn from the database what is closed and what headquarters has, and from the spool what is there."""
        await self._scan(await asyncio.to_thread(self._received))
        while True:
            for name, length in await asyncio.to_thread(self._closed):
                self._saw(name)
                part = self._parts.get(name)
                if part is not None and part.length is None:
                    self._parts[name] = replace(part, length=length)
                    self._wake.set()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _scan(self, received: set[str]) -> None:
        self._sent |= received
        for name in await asyncio.to_thread(os.listdir, self.paths.spool):
            self._saw(name)

    def _saw(self, name: str) -> None:
        part = PartName.parse(name)
        if part is None or name in self._sent:
            return
        try:
            found = self.paths.part(part).stat()
        except FileNotFoundError:
            return
        known = self._parts.get(name, Waiting(name, None, 0, None, fixed=False, touched_at=datetime.now(UTC)))
        touched_at = datetime.fromtimestamp(found.st_mtime, UTC)
        self._parts[name] = replace(known, size=found.st_size, touched_at=touched_at)
        self._wake.set()

    def _received(self) -> set[str]:
        with self.database.reading() as session:
            return set(session.scalars(select(Part.name).where(Part.received_at.is_not(None))))

    def _closed(self) -> list[tuple[str, int]]:
        with self.database.reading() as session:
            query = select(Part.name, Part.length_bytes).where(
                Part.closed_at.is_not(None), Part.received_at.is_(None)
            )
            return [(row.name, row.length_bytes or 0) for row in session.execute(query)]

    async def _send(self) -> None:
        failures = 0
        while True:
            async with self._chosen() as part:
                try:
                    await self._send_once(part)
                    failures = 0
                    continue
                except Rejected as error:
                    log.warning("part rejected", part=part.name, error=str(error))
                    self._rejected[part.name] = asyncio.get_running_loop().time() + REJECTED_AGAIN_S
                    continue
                except LinkDown as error:
                    if failures == 0:
                        log.warning("link down", error=str(error)[:200])
            await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
            failures += 1

    @asynccontextmanager
    async def _chosen(self) -> AsyncIterator[Waiting]:
        """The part to send from next, ours alone meanwhile; waits for one."""
        while True:
            self._wake.clear()
            name = choose(self._free(), late_allowed=self._late < max(1, self.connections // 2))
            if name is not None:
                break
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
        part = self._parts[name]
        self._parts[name] = replace(part, busy=True)
        self._late += not part.live
        try:
            yield part
        finally:
            self._late -= not part.live
            if name in self._parts:
                self._parts[name] = replace(self._parts[name], busy=False)
            self._wake.set()

    def _free(self) -> list[Waiting]:
        moment = asyncio.get_running_loop().time()
        return [part for part in self._parts.values() if self._rejected.get(part.name, 0.0) <= moment]

    async def _send_once(self, part: Waiting) -> None:
        name = PartName.parse(part.name)
        if name is None:
            raise ValueError(part.name)
        try:
            if part.offset is None:
                held = await self.link.begin(name)
                self._know(part.name, held.offset, fixed=held.length is not None)
                return
            data = await asyncio.to_thread(_read, self.paths.part(name), part.offset, chunk_bytes(part))
            if not part.live:
                await self._in_turn(len(data))
            last = part.length is not None and part.offset + len(data) >= part.length
            offset = await self.link.add(name, part.offset, data, part.length if last else None)
            self._know(part.name, offset, fixed=last)
        except Elsewhere as error:
            self._know(part.name, error.at, fixed=part.fixed)
        except Final:
            self._know(part.name, part.size, fixed=True)
        except FileNotFoundError:
            log.warning("part gone from the spool", part=part.name)
            self._parts.pop(part.name, None)

    def _know(self, name: str, offset: int, *, fixed: bool) -> None:
        part = self._parts[name]
        self._parts[name] = replace(part, offset=offset, fixed=part.fixed or fixed)

    async def _in_turn(self, length: int) -> None:
        """Keep what comes late within its bandwidth; what is live waits for nobody."""
        if self.late_bytes_per_s:
            moment = asyncio.get_running_loop().time()
            begins = max(moment, self._late_free_at)
            self._late_free_at = begins + length / self.late_bytes_per_s
            await asyncio.sleep(begins - moment)

    async def _ask_receipts(self) -> None:
        while True:
            await asyncio.sleep(RECEIPTS_EVERY_S)
            names = [part.name for part in self._parts.values() if part.fixed and not part.wants][:MOST_RECEIPTS]
            if not names:
                continue
            try:
                received = await self.link.received(names)
            except (LinkDown, Rejected) as error:
                log.debug("no receipts", error=str(error)[:200])
                continue
            if received:
                await asyncio.to_thread(self._note_received, received)
            for name in received:
                self._sent.add(name)
                self._parts.pop(name, None)

    def _note_received(self, received: Mapping[str, datetime]) -> None:
        with self.database.transaction() as session:
            for name, at in received.items():
                part = session.get(Part, name)
                if part is not None:
                    part.received_at = at


def _read(path: Path, offset: int, length: int) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(handle, length, offset)
    finally:
        os.close(handle)
