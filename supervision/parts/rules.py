"""Whole frames, and the durable offset on disk: two slots, written in turn: a pure rule.

Decision 2: acknowledged is what is durable. Each slot has a checksum, a running number that says which of the two
is newer and where it belongs, the offset, and the length once it is fixed. The slots lie on two pages, so that a
page torn in the middle of a write never reaches the other slot: a torn write leaves the older one.
"""

import hashlib
import struct
from dataclasses import dataclass

PAGE_BYTES = 4096
FILE_BYTES = 2 * PAGE_BYTES

BYTES_A_FRAME = 4

_FACTS = struct.Struct(">8sQQq")
_MAGIC = b"offset1\0"
_DIGEST_BYTES = 16
SLOT_BYTES = _FACTS.size + _DIGEST_BYTES
_DEFERRED = -1


@dataclass(frozen=True)
class Slot:
    """One statement: so many bytes are durable, of so many in all (None: not known yet)."""

    generation: int
    offset: int
    length: int | None

    @property
    def position(self) -> int:
        """Where in the file it stands."""
        return self.generation % 2 * PAGE_BYTES

    def next(self, offset: int, length: int | None) -> "Slot":
        """The statement that follows; it stands in the other slot."""
        return Slot(self.generation + 1, offset, length)


def encode_slot(slot: Slot) -> bytes:
    """A slot as it is written, at `slot.position`."""
    facts = _FACTS.pack(_MAGIC, slot.generation, slot.offset, _DEFERRED if slot.length is None else slot.length)
    return facts + _digest(facts)


def first_slot_file(length: int | None) -> bytes:
    """The whole file of a part of which nothing has come."""
    return encode_slot(Slot(0, 0, length)).ljust(FILE_BYTES, b"\0")


def newest_slot(file: bytes) -> Slot | None:
    """The newer of the two slots that is whole; None if neither is."""
    whole = [slot for slot in (_decode(file, 0), _decode(file, PAGE_BYTES)) if slot is not None]
    return max(whole, key=lambda slot: slot.generation, default=None)


def whole_frames(size: int) -> int:
    """So many bytes without the frame that is not whole yet: only whole ones can be heard."""
    return size - size % BYTES_A_FRAME


def _decode(file: bytes, position: int) -> Slot | None:
    facts = file[position : position + _FACTS.size]
    digest = file[position + _FACTS.size : position + SLOT_BYTES]
    if len(facts) < _FACTS.size or digest != _digest(facts):
        return None
    magic, generation, offset, length = _FACTS.unpack(facts)
    slot = Slot(generation, offset, None if length == _DEFERRED else length)
    return slot if magic == _MAGIC and slot.position == position else None


def _digest(facts: bytes) -> bytes:
    return hashlib.blake2b(facts, digest_size=_DIGEST_BYTES).digest()
