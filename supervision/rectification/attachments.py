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
from supervision.errors import InvalidInput, Unavailable
from supervision.paths import HqPaths
from supervision.rectification.rules import LARGEST_BYTES, Media, clean_name

HEAD = 4096
MOST_PARTS = 2000  # in a document: a directory of 10 MB is read for seconds
_BY_TYPE = {"application/pdf": Media.PDF, "image/jpeg": Media.JPEG, "image/png": Media.PNG}
_OFFICE = {"word/document.xml": Media.DOCX, "xl/workbook.xml": Media.XLSX}
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = {"WordDocument": Media.DOC, "Workbook": Media.XLS}
_TYPES = "[Content_Types].xml"
_LARGEST_TYPES = 1024 * 1024
_MACRO_PART, _MACRO_SHEETS, _MACRO_STREAM = "vbaproject.bin", "/macrosheets/", "_vba_project"
# A part's name is free, its type is not: documents with macros, the macros, and the older sheets of them. A type
# that is not written out, or in two-byte letters, could hide one.
_MACROS = (b"macroenabled", b"vbaproject", b"macrosheet", b"&#", b"<!", b"\0")
_PART = b"PK\x01\x02"


@dataclass(frozen=True)
class Kept:
    """What a file is: how it is called, its kind, its length, and the hash that it lies under once it is kept."""

    name: str
    media: Media
    size_bytes: int
    sha256: str


def examine(stream: IO[bytes], name: str) -> Kept:
    """What a file is. Raises InvalidInput where it is empty, too large, or nothing of what may be attached."""
    data = stream.read(LARGEST_BYTES + 1)
    if not data:
        raise InvalidInput("attachment", "file_empty")
    if len(data) > LARGEST_BYTES:
        raise InvalidInput("attachment", "file_too_large")
    media = media_of(data)
    if media is None:
        raise InvalidInput("attachment", "file_type")
    return Kept(clean_name(name, media), media, len(data), hashlib.sha256(data).hexdigest())


def keep_file(paths: HqPaths, stream: IO[bytes], examined: Kept) -> None:
    """Keep a file that was examined under its hash; one that is there already is not written again.

    To be done last, when nothing else refuses the act: what is kept is removed by nobody. Raises Unavailable where
    the disk does not take it.
    """
    stream.seek(0)
    data = stream.read(examined.size_bytes)
    path = paths.attachment(examined.sha256)
    try:
        make_folder(path.parent)
        with suppress(FileExistsError):
            write_new(path, data)
        is_there = path.is_file()
    except OSError as error:
        raise Unavailable(f"the attachment is not kept: {error.strerror}") from error
    if not is_there:
        raise Unavailable("the attachment is not kept")


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
    """A document of the old kind without macros, by the names in its directory, whatever their case."""
    if _MACRO_STREAM.encode("utf-16-le") in data.lower():
        return None
    return next((media for name, media in _STREAMS.items() if name.encode("utf-16-le") in data), None)


def _zipped(data: bytes) -> Media | None:
    """A Word or Excel document without macros, by its parts' names and types; nothing else is unpacked."""
    if data.count(_PART) > MOST_PARTS:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            with archive.open(_TYPES) as part:
                types = part.read(_LARGEST_TYPES + 1).lower()
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError):
        return None
    if len(types) > _LARGEST_TYPES or any(one in types for one in _MACROS):
        return None
    if any(name.lower().endswith(_MACRO_PART) or _MACRO_SHEETS in name.lower() for name in names):
        return None
    found = [media for name, media in _OFFICE.items() if name in names]
    return found[0] if len(found) == 1 else None
