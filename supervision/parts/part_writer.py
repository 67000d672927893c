"""One part while it is written to: blocks go behind what is durable, and count once `keep` has returned.

Whoever holds a `PartWriter` is the only one who writes (`Incoming.open`). A process that is killed anywhere leaves
the last durable offset standing; what lies behind it is cut off when the part is next opened.
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from supervision import disk
from supervision.errors import InvalidInput
from supervision.parts.errors import AlreadyFinal, DiskFault, DiskFull, LengthFixed
from supervision.parts.rules import SLOT_BYTES, Slot, encode_slot

BLOCK_BYTES = 64 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

log = structlog.get_logger()


@dataclass(frozen=True)
class PartState:
    """What is held of a part: `offset` bytes for good, of `length` (None: not known yet)."""

    offset: int
    length: int | None
    sha256: str | None = None

    @property
    def final(self) -> bool:
        """Whether length and hash are fixed and agree with what is held."""
        return self.sha256 is not None

    @property
    def complete(self) -> bool:
        """Whether all that was announced has come."""
        return self.final or self.offset == self.length


@contextmanager
def working_disk() -> Iterator[None]:
    """Turn the system's errors into DiskFull and DiskFault."""
    try:
        yield
    except OSError as error:
        log.error("incoming_disk", error=str(error))  # noqa: TRY400 - its place says nothing more
        raise (DiskFull if error.errno in _FULL else DiskFault)(error.strerror or str(error)) from error


class PartWriter:
    """The one writer of one part."""

    def __init__(self, data: int, offsets: int, slot: Slot, sha256: str | None) -> None:
        self._data = data
        self._offsets = offsets
        self._slot = slot
        self._sha256 = sha256
        self._end = slot.offset
        self._length = slot.length

    @property
    def state(self) -> PartState:
        """What is durable."""
        length = self._slot.offset if self._sha256 is not None else self._slot.length
        return PartState(self._slot.offset, length, self._sha256)

    @property
    def length(self) -> int | None:
        """How long the part will be, as far as it was said, durably or not yet."""
        return self.state.length if self._sha256 is not None else self._length

    def fix_length(self, length: int) -> None:
        """Say how long the part will be; durable with the next `keep`. LengthFixed if it was said otherwise."""
        if self.length not in (None, length):
            raise LengthFixed(f"the length is {self.length}")
        if self._sha256 is not None:
            return
        if length < self._end:
            raise InvalidInput("length", str(length), f"{self._end} bytes are held")
        self._length = length

    def write(self, block: bytes) -> None:
        """Add a block behind the others. It does not count yet."""
        if self._sha256 is not None and block:
            raise AlreadyFinal
        with working_disk():
            disk.write_all(self._data, block, self._end)
        self._end += len(block)

    def keep(self) -> PartState:
        """Make all that was written durable: the data first, then the offset. What returns may be acknowledged."""
        if (self._end, self._length) != (self._slot.offset, self._slot.length):
            slot = self._slot.next(self._end, self._length)
            with working_disk():
                if self._end != self._slot.offset:
                    os.fdatasync(self._data)
                self._state_durably(slot)
            self._slot = slot
        return self.state

    def drop(self) -> None:
        """Forget what was written since the last `keep`."""
        self._end, self._length = self._slot.offset, self._slot.length
        with working_disk():
            os.ftruncate(self._data, self._end)

    def hash(self) -> str:
        """SHA-256 of all that is durable."""
        digest, at = hashlib.sha256(), 0
        with working_disk():
            while block := os.pread(self._data, min(BLOCK_BYTES * 16, self._slot.offset - at), at):
                digest.update(block)
                at += len(block)
        return digest.hexdigest()

    def close(self) -> None:
        """Let go; what was not kept is gone."""
        if self._end != self._slot.offset:
            with suppress(DiskFault, DiskFull):  # it is cut off when the part is next opened
                self.drop()

    def _state_durably(self, slot: Slot) -> None:
        try:
            disk.write_all(self._offsets, encode_slot(slot), slot.position)
            os.fdatasync(self._offsets)
        except OSError:
            # Readers must not believe an offset that may not be durable.
            with suppress(OSError):
                disk.write_all(self._offsets, bytes(SLOT_BYTES), slot.position)
            raise
