"""The store of what offices send: append-only part files, each with its durable offset beside it (decision 12).

    <home>/incoming/<office>/<call>.a1.raw      the bytes, as they come
    <home>/incoming/<office>/<call>.a1.offset   how many of them are durable, and the length once it is fixed
    <home>/incoming/<office>/<call>.a1.final    length and SHA-256, once the part is final
    <home>/incoming/<office>/<call>.a1.away     the bytes were removed on purpose; the part stays final
    <home>/incoming-open/<office>/              a mark for each part that is not final (open_parts.py)

No database has a hand in it, so audio comes in while PostgreSQL is away. Nothing acknowledged is ever overwritten,
and removed only by `put_away`, which is for the worker: no request leads there.
"""

import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from supervision import disk
from supervision.errors import InvalidInput, NotFound
from supervision.parts.errors import (
    AlreadyFinal,
    Damaged,
    Differs,
    Incomplete,
    LengthFixed,
    Locked,
)
from supervision.parts.open_parts import Limits, OpenParts
from supervision.parts.part_writer import PartState, PartWriter, working_disk
from supervision.parts.rules import FILE_BYTES, Slot, first_slot_file, newest_slot, whole_frames
from supervision.paths import HqPaths, PartName, probe_parts

_LOOK_AGAIN_S = 0.02
_MODE = 0o640
MOST_OPEN = 10_000

log = structlog.get_logger()


@dataclass(frozen=True)
class Final:
    """What a part was declared to be when it ended."""

    length: int
    sha256: str


class Incoming:
    """The parts of all offices under one home."""

    def __init__(self, paths: HqPaths) -> None:
        self._paths = paths
        self._open_parts = OpenParts(paths)

    def create(
        self,
        office: str,
        name: PartName,
        length: int | None,
        most_unfinished: int,
        most_open: int = MOST_OPEN,
    ) -> PartState:
        """Begin a part, or find it begun already: called with the same again it is the same part.

        Raises LengthFixed if it was begun with another length; TooManyUnfinished where the office has as many of
        which bytes are to come, or as many in all that are not final, as it may have.
        """
        try:
            held = self.state(office, name)
        except NotFound:
            with working_disk():
                self._open_parts.admit(office, Limits(most_unfinished, most_open))
                self._open_parts.note_begun(office, name)
            self._make(office, name, length)
            held = self.state(office, name)
            if held.complete:
                self._open_parts.note_complete(office, name)
        if length is None or length == held.length:
            return held
        if held.length is not None:
            raise LengthFixed(f"the length is {held.length}")
        with self.open(office, name, 0) as writer:
            writer.fix_length(length)
            return writer.keep()

    def state(self, office: str, name: PartName) -> PartState:
        """What is held of a part, durably; without waiting for its writer. Raises NotFound, Damaged."""
        with working_disk():
            offsets = self._open_offsets(office, name, os.O_RDONLY)
            try:
                slot = self._slot(offsets, office, name)
                os.fdatasync(offsets)  # what the writer has just written may not be durable before this
            finally:
                os.close(offsets)
            if not self.is_away(office, name):
                self._check_size(self._paths.incoming_part(office, name), slot)
            final = self._final(office, name, slot)
        if final is not None:
            return PartState(slot.offset, final.length, final.sha256)
        return PartState(slot.offset, slot.length)

    @contextmanager
    def open(self, office: str, name: PartName, wait_s: float) -> Iterator[PartWriter]:
        """Become the one writer of a part. What was never acknowledged is cut off.

        Raises NotFound, Damaged, AlreadyFinal for a part that was put away, and Locked if another writer holds it
        for longer than one waits.
        """
        with working_disk():
            offsets = self._open_offsets(office, name, os.O_RDWR)
        try:
            _lock(offsets, wait_s)
            with working_disk():
                slot = self._slot(offsets, office, name)
                if self.is_away(office, name):
                    raise AlreadyFinal
                data = self._open_data(office, name, slot)
            try:
                final = self._final(office, name, slot)
                writer = PartWriter(data, offsets, slot, final.sha256 if final else None)
                try:
                    yield writer
                finally:
                    writer.close()
                    if writer.state.complete and not writer.state.final:
                        with working_disk():
                            self._open_parts.note_complete(office, name)
            finally:
                os.close(data)
        finally:
            os.close(offsets)  # frees the lock

    def finalize(self, office: str, name: PartName, length: int, sha256: str, wait_s: float = 5) -> PartState:
        """Fix length and hash for good, if they are what is held. Called again it changes nothing.

        Raises Incomplete while bytes are missing; Differs if more or other bytes are held, or if it was declared
        final otherwise; NotFound, Damaged, Locked.
        """
        declared = Final(length, checked_hash(sha256))
        with self.open(office, name, wait_s) as writer:
            held = writer.state
            if held.sha256 is not None:
                if Final(held.offset, held.sha256) != declared:
                    raise Differs("the part is final, with another length or hash")
                return held
            if held.length not in (None, length) or held.offset > length:
                raise Differs(f"{held.offset} bytes are held, of {held.length}")
            if held.offset < length:
                raise Incomplete(held.offset)
            if writer.hash() != declared.sha256:
                raise Differs("the hash of what is held is another")
            text = json.dumps({"length": length, "sha256": declared.sha256})
            with working_disk():
                disk.write_new(self._paths.incoming_final(office, name), text.encode(), _MODE)
                self._open_parts.note_final(office, name)
            return PartState(length, length, declared.sha256)

    def is_away(self, office: str, name: PartName) -> bool:
        """Whether a part's bytes were removed on purpose."""
        return self._paths.incoming_away(office, name).exists()

    def put_away(self, office: str, name: PartName) -> None:
        """Remove a final part's bytes for good; what it was stays known, and it is never received again.

        Done again it is the same. Raises NotFound, Damaged, and Incomplete where the part is not final.
        """
        held = self.state(office, name)
        if held.sha256 is None:
            raise Incomplete(held.offset)
        with working_disk():
            path = self._paths.incoming_part(office, name)
            if not self.is_away(office, name):
                disk.replace(self._paths.incoming_away(office, name), b"", _MODE)
            path.unlink(missing_ok=True)
            disk.sync_folder(path.parent)

    def path(self, office: str, name: PartName) -> Path:
        """The file of a part as it grows."""
        return self._paths.incoming_part(office, name)

    def names(self, office: str, call_id: uuid.UUID) -> list[PartName]:
        """The parts of a call that have begun to come."""
        return probe_parts(call_id, lambda name: self._paths.incoming_offset(office, name).exists())

    def held(self, office: str, name: PartName) -> int:
        """What is durable; nothing of a part whose offset cannot be believed."""
        try:
            return whole_frames(self.state(office, name).offset)
        except (NotFound, Damaged):
            return 0

    def read(self, office: str, name: PartName, at: int, most: int) -> bytes:
        """Of what is durable."""
        ready = whole_frames(min(most, self.held(office, name) - at))
        return disk.read_at(self.path(office, name), at, ready) if ready > 0 else b""

    def remove(self, office: str, names: Iterable[PartName]) -> None:
        """Put parts away; those that never came need not be."""
        for name in names:
            with suppress(NotFound):
                self.put_away(office, name)

    def unfinished(self, office: str) -> int:
        """How many of an office's parts are still to be completed."""
        with working_disk():
            return self._open_parts.growing(office)

    def _make(self, office: str, name: PartName, length: int | None) -> None:
        path = self._paths.incoming_part(office, name)
        with working_disk():
            disk.make_folder(path.parent, 0o750)
            disk.sync_folder(path.parent.parent)  # whoever made the folder may have died before this
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
            try:
                held = os.fstat(handle).st_size
                os.fsync(handle)
            finally:
                os.close(handle)
            offsets = self._paths.incoming_offset(office, name)
            if held and not offsets.exists():
                raise _damaged(office, name, "there are bytes without an offset")
            try:
                disk.write_new(offsets, first_slot_file(length), _MODE)
            except FileExistsError:
                disk.sync_folder(path.parent)  # somebody else began it at the same time

    def _open_offsets(self, office: str, name: PartName, flags: int) -> int:
        try:
            return os.open(self._paths.incoming_offset(office, name), flags | os.O_CLOEXEC)
        except FileNotFoundError:
            path = self._paths.incoming_part(office, name)
            if path.exists() and path.stat().st_size:
                raise _damaged(office, name, "there are bytes without an offset") from None
            raise NotFound(f"part {name}") from None

    def _slot(self, offsets: int, office: str, name: PartName) -> Slot:
        slot = newest_slot(os.pread(offsets, FILE_BYTES, 0))
        if slot is None:
            raise _damaged(office, name, "neither offset can be read")
        return slot

    def _open_data(self, office: str, name: PartName, slot: Slot) -> int:
        path = self._paths.incoming_part(office, name)
        self._check_size(path, slot)
        data = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if os.fstat(data).st_size > slot.offset:  # else it is left untouched: sealing may be reading it
            os.ftruncate(data, slot.offset)
        return data

    def _check_size(self, path: Path, slot: Slot) -> None:
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            size = -1
        if size < slot.offset:
            raise _damaged(path.parent.name, path.name, f"{slot.offset} bytes were acknowledged, {size} are there")

    def _final(self, office: str, name: PartName, slot: Slot) -> Final | None:
        try:
            stored = json.loads(self._paths.incoming_final(office, name).read_bytes())
            final = Final(int(stored["length"]), checked_hash(str(stored["sha256"])))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, InvalidInput) as error:
            raise _damaged(office, name, f"what makes it final cannot be read: {error}") from error
        if final.length != slot.offset:
            raise _damaged(office, name, f"final with {final.length} bytes, {slot.offset} are durable")
        return final


def checked_hash(text: str) -> str:
    """A SHA-256 in hex, small letters; InvalidInput if it is none."""
    if len(text) != 64 or not set(text) <= set("0123456789abcdefABCDEF"):
        raise InvalidInput("sha256", text[:80], "64 hexadecimal digits")
    return text.lower()


def _lock(handle: int, wait_s: float) -> None:
    """Lock a file that this process has opened, or raise Locked. A process that dies frees it."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Locked("somebody else is writing to this part") from None
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


def _damaged(office: str, name: PartName | str, what: str) -> Damaged:
    log.error("incoming_damaged", office=office, part=str(name), what=what)
    return Damaged(what)
