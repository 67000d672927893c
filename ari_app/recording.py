"""Starting a recording, seeing that bytes arrive, and finding its parts closed at the end."""

import asyncio
import hashlib
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from asyncinotify import Inotify, Mask

from ari_app.ami import AmiLink, ChannelGone
from ari_app.events import Channel
from ari_app.store_writer import StoreWriter
from supervision import disk
from supervision.clock import now
from supervision.incidents.rules import Cause
from supervision.paths import PartName, Paths
from supervision.recordings.service import ClosedPart

log = structlog.get_logger("recording")

NO_BYTES_AFTER_S = 3.0
CLOSED_WITHIN_S = 3.0
CLOSED_KEPT = 10_000
STARTER = "a"


@dataclass
class Recorder:
    """The recordings of one office: each a list of parts, whose names are never used twice."""

    paths: Paths
    ami: AmiLink
    writer: StoreWriter
    _closed: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _watched: set[uuid.UUID] = field(default_factory=set)

    async def run(self) -> None:
        """Follow the closing of files in the spool until cancelled."""
        with Inotify() as inotify:
            inotify.add_watch(self.paths.spool, Mask.CLOSE_WRITE)
            async for event in inotify:
                if event.path is not None:
                    if len(self._closed) > CLOSED_KEPT:
                        self._closed.clear()  # who still waits for one sees that it stopped growing
                    self._closed.add(event.path.name)
                    self._wake.set()
                    self._wake = asyncio.Event()

    async def order(self, channel: Channel, call_id: uuid.UUID) -> PartName | None:
        """Have Asterisk record a channel into a new part. None: it was not asked, or refused. Raises ChannelGone.

        Nothing is written to the store here: whoever orders does that once the call has gone on.
        """
        part = self._next_part(call_id)
        if not await self.ami.start_mixmonitor(channel.name, self.paths.part(part)):
            return None
        return part

    def parts(self, call_id: uuid.UUID) -> list[PartName]:
        """The names of a call's parts on disk."""
        names = (PartName.parse(path.name) for path in self.paths.parts_of(call_id))
        return [name for name in names if name is not None]

    def _next_part(self, call_id: uuid.UUID) -> PartName:
        last = max((name.n for name in self.parts(call_id) if name.starter == STARTER), default=0)
        return PartName(call_id, STARTER, last + 1)

    async def watch_bytes(self, channel: Channel, call_id: uuid.UUID) -> None:
        """Three seconds after the line was answered there must be audio on disk; else a new part, and an incident.

        Asterisk's own word that it records proves nothing (architecture.md).
        """
        if call_id in self._watched:
            return
        self._watched.add(call_id)
        await asyncio.sleep(NO_BYTES_AFTER_S)
        if call_id not in self._watched or self.length(call_id) > 0:
            return
        try:
            part = await self.order(channel, call_id)
        except ChannelGone:
            return  # its end may be behind much else that we have still to read
        if part is None:
            await asyncio.sleep(NO_BYTES_AFTER_S)
            if call_id not in self._watched or self.length(call_id) > 0:
                return
        await self.writer.incident(Cause.NO_BYTES, str(call_id), call_id, {"new_part": str(part) if part else ""})
        if part is not None:
            await self.writer.note_part(call_id, str(part), now())

    def length(self, call_id: uuid.UUID) -> int:
        """Bytes on disk in all parts of a call."""
        return sum(size for path in self.paths.parts_of(call_id) if (size := _size(path)) is not None)

    def last_writes(self, call_id: uuid.UUID) -> list[datetime]:
        """When each part of a call was last written to."""
        return [datetime.fromtimestamp(path.lstat().st_mtime, UTC) for path in self.paths.parts_of(call_id)]

    def forget(self, call_id: uuid.UUID) -> None:
        """The call is over: nothing is watched any more."""
        self._watched.discard(call_id)

    async def finish(self, call_id: uuid.UUID) -> None:
        """Fix the call's parts once nobody writes to them, and hand the recording over to be sealed."""
        self.forget(call_id)
        parts = self.paths.parts_of(call_id)
        for path in parts:
            await self._until_closed(path)
        try:
            closed = [part for path in parts if (part := await asyncio.to_thread(measure, path)) is not None]
        except OSError as error:
            # The disk does not give it; the sweep comes back to a call whose recording is not final.
            detail = {"error": f"{type(error).__name__}: {error.strerror}"}
            await self.writer.incident(Cause.SEALING_FAILED, str(call_id), call_id, detail)
            return
        await self.writer.finish(call_id, closed)
        self._closed.difference_update(path.name for path in parts)
        log.info("recording final", call_id=str(call_id), parts=len(closed))

    async def _until_closed(self, path: Path) -> None:
        size = -1
        deadline = asyncio.get_running_loop().time() + CLOSED_WITHIN_S
        while path.name not in self._closed:
            wake = self._wake
            try:
                async with asyncio.timeout(0.5):
                    await wake.wait()
            except TimeoutError:
                # Closed before this process watched, maybe: then it has stopped growing.
                grown = _size(path)
                if grown is None or (grown == size and asyncio.get_running_loop().time() > deadline):
                    return
                size = grown


def measure(path: Path) -> ClosedPart | None:
    """Length and SHA-256 of a part as it is on disk; None if it is gone. Raises OSError where it is unreadable."""
    try:
        with open(disk.open_file(path), "rb") as file:  # noqa: PTH123 - a handle
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            written_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            return ClosedPart(path.name, file.tell(), digest, written_at)
    except FileNotFoundError:
        return None


def _size(path: Path) -> int | None:
    return disk.size_of_file(path)


def seconds_since(moment: datetime) -> float:
    """How long ago that was."""
    return (now() - moment).total_seconds()
