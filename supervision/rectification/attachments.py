"""Files that people attach: known by their content, kept under their hash. The only module that knows puremagic.

A file's name and type are never believed: the name is only shown, and the type follows from the bytes.
"""

import hashlib
import io
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

import puremagic

from supervision.disk import make_folder, write_new
from supervision.errors import InvalidInput
from supervision.paths import HqPaths
from supervision.rectification.rules import LARGEST_BYTES, Media, clean_name

HEAD = 4096
_BY_TYPE = {"application/pdf": Media.PDF, "image/jpeg": Media.JPEG, "image/png": Media.PNG}
_OFFICE = {"word/document.xml": Media.DOCX, "xl/workbook.xml": Media.XLSX}
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = {"WordDocument": Media.DOC, "Workbook": Media.XLS}
_TYPES = "[Content_Types].xml"
_LARGEST_TYPES = 1024 * 1024
_MACROS_PART = "vbaproject.bin"
# A part's name is free, its type is not: documents with macros, the macros, and the older sheets of them. A type
# that is not written out, or in two-byte letters, could hide one.
_MACROS = (b"macroenabled", b"vbaproject", b"macrosheet", b"&#", b"<!", b"\0")


@dataclass(frozen=True)
class Kept:
    """A file that lies under its hash."""

    name: str
    media: Media
    size_bytes: int
    sha256: str


def keep_file(paths: HqPaths, stream: IO[bytes], name: str) -> Kept:
    """Keep a file under its hash; one that is there already is not written again.

    Raises InvalidInput where it is empty, too large, or nothing of what may be attached. Where the act is refused
    afterwards, a file is left that nothing names: it does no harm.
    """
    data = stream.read(LARGEST_BYTES + 1)
    if not data:
        raise InvalidInput("attachment", "file_empty")
    if len(data) > LARGEST_BYTES:
        raise InvalidInput("attachment", "file_too_large")
    media = media_of(data)
    if media is None:
        raise InvalidInput("attachment", "file_type")
    digest = hashlib.sha256(data).hexdigest()
    path = paths.attachment(digest)
    make_folder(path.parent)
    with suppress(FileExistsError):
        write_new(path, data)
    return Kept(clean_name(name, media), media, len(data), digest)


def media_of(data: bytes) -> Media | None:
    """What a file is by its content; None for what may not be attached."""
    if data.startswith(_COMPOUND):
        return _compound(data)
    if data.startswith(b"PK"):
        return _zipped(data)
    try:
        found = puremagic.magic_string(data[:HEAD])
    except (puremagic.PureError, ValueError):
        return None
    return _BY_TYPE.get(max(found, key=lambda one: one.confidence).mime_type)


def _compound(data: bytes) -> Media | None:
    """An older Word or Excel document without macros, by the names in its directory, in which case is not told."""
    if "_vba_project".encode("utf-16-le") in data.lower():
        return None
    return next((media for name, media in _STREAMS.items() if name.encode("utf-16-le") in data), None)


def _zipped(data: bytes) -> Media | None:
    """A Word or Excel document without macros, by its parts' names and types; nothing else is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            with archive.open(_TYPES) as part:
                types = part.read(_LARGEST_TYPES + 1).lower()
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError):
        return None
    if len(types) > _LARGEST_TYPES or any(one in types for one in _MACROS):
        return None
    if any(name.lower().endswith(_MACROS_PART) for name in names):
        return None
    found = [media for name, media in _OFFICE.items() if name in names]
    return found[0] if len(found) == 1 else None
