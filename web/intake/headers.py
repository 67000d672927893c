"""The headers of the tus protocol, each parsed once into what it means."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from flask import request

from supervision.errors import InvalidInput
from supervision.paths import PartName
from web.intake.problems import CHECKSUM_DIFFERS, Problem

VERSION = "1.0.0"
ALGORITHMS = ("sha1", "sha256")
CHUNK_TYPE = "application/offset+octet-stream"
_LARGEST = 2**62


@dataclass(frozen=True)
class Checksum:
    """What a chunk's hash should be."""

    algorithm: str
    digest: bytes

    def check(self, found: bytes) -> None:
        """A 460 problem if it is another."""
        if not hmac.compare_digest(found, self.digest):
            detail = f"The {self.algorithm} of what arrived is another; nothing of it was kept"
            raise Problem(CHECKSUM_DIFFERS, "checksum-differs", "Checksum mismatch", detail)


def require_version() -> None:
    """A 412 problem unless the client speaks our version."""
    if request.headers.get("Tus-Resumable") != VERSION:
        detail = f"Tus-Resumable: {VERSION} is needed"
        raise Problem(412, "wrong-version", "Another version of tus", detail, {"Tus-Version": VERSION})


def part_named(text: str) -> PartName | None:
    """The part of that name, spelt exactly as its name is spelt."""
    name = PartName.parse(text)
    return name if name is not None and str(name) == text else None


def part_to_create() -> PartName:
    """The part that Upload-Metadata names in `filename`."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                text = base64.b64decode(value, validate=True).decode("ascii")
            except (binascii.Error, UnicodeDecodeError, ValueError) as error:
                raise InvalidInput("Upload-Metadata", "filename is not base64 of a part's name") from error
            if (name := part_named(text)) is not None:
                return name
            raise InvalidInput("Upload-Metadata", "filename is not a part's name", "<call id>.a1.raw")
    raise InvalidInput("Upload-Metadata", "no filename", "the part's name, base64")


def metadata(part: PartName) -> str:
    """Upload-Metadata that names the part."""
    return "filename " + base64.b64encode(str(part).encode()).decode()


def number(name: str) -> int | None:
    """A header that counts bytes; None if it is not there."""
    text = request.headers.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > _LARGEST:
        raise Problem(400, "bad-header", "A header cannot be read", f"{name}: a number of bytes is needed")
    return int(text)


def length_to_create() -> int | None:
    """The length of a new part; None if it is said later."""
    length, deferred = number("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if (length is None) == (deferred is None) or deferred not in (None, "1"):
        detail = "Either Upload-Length or Upload-Defer-Length: 1 is needed"
        raise Problem(400, "bad-header", "A header cannot be read", detail)
    return length


def checksum() -> Checksum | None:
    """What Upload-Checksum says; None if it is not there."""
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, digest = text.partition(" ")
    try:
        wanted = base64.b64decode(digest.strip(), validate=True)
    except (binascii.Error, ValueError):
        wanted = b""
    if algorithm not in ALGORITHMS or len(wanted) != hashlib.new(algorithm).digest_size:
        detail = f"Upload-Checksum: one of {', '.join(ALGORITHMS)}, and its digest in base64"
        raise Problem(400, "bad-checksum", "The checksum cannot be read", detail)
    return Checksum(algorithm, wanted)
