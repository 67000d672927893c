"""Sends the recordings: growing files are followed and sent over a few connections, newest first."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import structlog
from asyncinotify import Inotify, Mask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import Elsewhere, Final, Link, LinkDown, PartWaits, Rejected, Unknown
from ari_app.uplink.rules import Pace, Waiting, choose, chunk_bytes, late_at_once
from ari_app.uplink.spool import Spool
from supervision import disk
from supervision.database import Database
from supervision.paths import PartName, Paths
from supervision.recordings.models import Part

log = structlog.get_logger("uplink")
T = TypeVar("T")

LOOK_EVERY_S = 0.5
RECEIPTS_EVERY_S = 1.0
MOST_RECEIPTS = 500
REJECTED_AGAIN_S = 30.0
UNREADABLE_AGAIN_S = 5.0
UNKNOWN_AGAIN_S = 1.0
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
SEEN = Mask.CREATE | Mask.MODIFY | Mask.MOVED_TO


@dataclass
class Sender:
    """Sends parts until cancelled. What it knows it reads from the spool, the database and headquarters."""

    link: Link
    paths: Paths
    database: Database
    connections: int
    late_bytes_per_s: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _late: int = 0
    _late_free_at: float = 0.0

    def __post_init__(self) -> None:
        self.spool = Spool(self.paths)

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
            inotify.add_watch(self.paths.spool, SEEN)
            async for event in inotify:
                if event.mask & Mask.Q_OVERFLOW:
                    self._scan()  # some changes were not reported
                elif event.path is not None and self.spool.saw(event.path.name):
                    self._wake.set()

    def _scan(self) -> None:
        self.spool.scan()
        self._wake.set()

    async def _look(self) -> None:
        """Learn from the database what headquarters has and what is closed, and from the spool what is there."""
        self.spool.received(await self._when_there(self._received))
        self._scan()
        while True:
            for name, length in await self._when_there(self._closed):
                if self.spool.closed(name, length):
                    self._wake.set()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _when_there(self, look: Callable[[], T]) -> T:
        """What the database says; again and again while it is away."""
        failures = 0
        while True:
            try:
                return await asyncio.to_thread(look)
            except SQLAlchemyError as error:
                if failures == 0:
                    log.warning("the store is away", error=f"{type(error).__name__}: {error}"[:300])
                await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1

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
        """One connection: sends one chunk after the other, of whatever part is next."""
        failures, pace = 0, Pace()
        while True:
            async with self._chosen() as part:
                try:
                    pace = await self._send_once(part, pace)
                    failures = 0
                    continue
                except Unknown as error:
                    self.spool.ask_again(part.name)
                    self._postpone(part, UNKNOWN_AGAIN_S, error)
                    continue
                except Rejected as error:
                    self._postpone(part, REJECTED_AGAIN_S, error)
                    continue
                except PartWaits as error:
                    self._postpone(part, error.again_s, error)
                    continue
                except OSError as error:
                    self._postpone(part, UNREADABLE_AGAIN_S, error)
                    continue
                except LinkDown as error:
                    if failures == 0:
                        log.warning("link down", error=str(error)[:200])
            await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
            failures += 1

    def _postpone(self, part: Waiting, seconds: float, error: Exception) -> None:
        log.warning("part waits", part=part.name, seconds=seconds, error=f"{type(error).__name__}: {error}"[:300])
        self.spool.postpone(part.name, asyncio.get_running_loop().time() + seconds)

    @asynccontextmanager
    async def _chosen(self) -> AsyncIterator[Waiting]:
        """The part to send from next, ours alone meanwhile; waits for one."""
        while True:
            self._wake.clear()
            free = self.spool.free(asyncio.get_running_loop().time())
            name = choose(free, late_allowed=self._late < late_at_once(self.connections))
            if name is not None:
                break
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
        part = self.spool.parts[name]
        self.spool.hold(name, busy=True)
        self._late += not part.live
        try:
            yield part
        finally:
            self._late -= not part.live
            self.spool.hold(name, busy=False)
            self._wake.set()

    async def _send_once(self, part: Waiting, pace: Pace) -> Pace:
        name = PartName.parse(part.name)
        if name is None:
            raise ValueError(part.name)
        try:
            if part.offset is None:
                held = await self.link.begin(name)
                self.spool.know(part.name, held.offset, fixed=held.length is not None)
                return pace
            data = await asyncio.to_thread(
                disk.read_at, self.paths.part(name), part.offset, chunk_bytes(part, pace)
            )
            if not part.live:
                await self._in_turn(len(data))
            return await self._add(part, name, part.offset, data, pace)
        except Elsewhere as error:
            self.spool.know(part.name, error.at, fixed=part.fixed)
        except Final:
            self.spool.know(part.name, part.size, fixed=True)
        except disk.NoRegularFile:
            raise  # it waits, and is named: nobody but an intruder puts a link there
        except FileNotFoundError:
            log.warning("part gone from the spool", part=part.name)
            self.spool.parts.pop(part.name, None)
        return pace

    async def _add(self, part: Waiting, name: PartName, offset: int, data: bytes, pace: Pace) -> Pace:
        last = part.length is not None and offset + len(data) >= part.length
        began = asyncio.get_running_loop().time()
        offset = await self.link.add(name, offset, data, part.length if last else None)
        self.spool.know(part.name, offset, fixed=last)
        if part.live or not data:
            return pace
        return pace.after(len(data), asyncio.get_running_loop().time() - began)

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
            names = self.spool.wanting_receipt()[:MOST_RECEIPTS]
            if not names:
                continue
            try:
                received = await self.link.received(names)
                if received:
                    await asyncio.to_thread(self._note_received, received)
            except (LinkDown, Rejected, SQLAlchemyError) as error:
                log.info("no receipts", error=f"{type(error).__name__}: {error}"[:200])
                continue
            self.spool.received(received)

    def _note_received(self, received: Mapping[str, datetime]) -> None:
        with self.database.transaction() as session:
            for name, at in received.items():
                part = session.get(Part, name)
                if part is not None:
                    part.received_at = at
