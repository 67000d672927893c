"""Files are known by their content, kept once under their hash, and refused in words."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.errors import InvalidInput, Unavailable
from supervision.paths import HqPaths
from supervision.rectification.attachments import MOST_PARTS, examine, keep_file, media_of
from supervision.rectification.rules import LARGEST_BYTES, Media
from tests.rectification.factories import PDF, PNG, zipped

DOCX = zipped("[Content_Types].xml", "word/document.xml")
MACROS = [
    '<Override ContentType="application/vnd.ms-office.vbaProject"/>',
    '<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>',
    '<Override ContentType="application/vnd.ms-excel.macrosheet+xml"/>',
    '<Override ContentType="application/vnd.ms-office.vb&#97;Project"/>',
    '<!DOCTYPE a [<!ENTITY b "vbaPro">]><Override ContentType="application/vnd.ms-office.&b;ject"/>',
    "\ufeffvbaProject".encode("utf-16-le").decode("latin-1"),
    " " * 1024 * 1024 + " ",
]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
FILES: list[tuple[bytes, Media | None]] = [
    (PDF, Media.PDF),
    (PNG, Media.PNG),
    (b"\xff\xd8\xff\xe1\x00\x18Exif\0\0" + bytes(9), Media.JPEG),
    (DOCX, Media.DOCX),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), Media.XLSX),
    (OLE + "WordDocument".encode("utf-16-le"), Media.DOC),
    (OLE + "Workbook".encode("utf-16-le"), Media.XLS),
    (OLE, None),
    (zipped("a.exe"), None),
    (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
    *((zipped("[Content_Types].xml", "word/document.xml", "word/a.bin", types=one), None) for one in MACROS),
    (zipped("[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml"), None),
    (OLE + "WordDocument".encode("utf-16-le") + "_VBA_PROJECT".encode("utf-16-le"), None),
    (OLE + "Workbook".encode("utf-16-le") + "_VBA_PROJECT_CUR".encode("utf-16-le"), None),
    (OLE + "Workbook".encode("utf-16-le") + "_vba_Project".encode("utf-16-le"), None),
    (b"PK\x03\x04 and nothing else", None),
    (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", None),
    (b"\n" + PDF, None),
    (b"\xef\xbb\xbf" + PDF, None),
    (b"<html><script>alert(1)</script>" + bytes(20) + PDF + b"\xff\xd9", None),
    (b"<!doctype html><script>alert(1)</script>", None),
    (b"<html>%PDF-1.7", None),
    (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', None),
    (b"MZ\x90\0\3" + bytes(60), None),
    (b"#!/bin/sh\nrm -rf /\n", None),
    ("整改报告".encode(), None),
    (b"\0", None),
]


@pytest.mark.parametrize(("data", "media"), FILES)
def test_a_file_is_what_its_content_says(data: bytes, media: Media | None) -> None:
    assert media_of(data) is media


def test_a_file_is_kept_once_under_its_hash_whatever_it_is_called(tmp_path: Path) -> None:
    paths = HqPaths(tmp_path)
    first, second = (examine(io.BytesIO(PDF), name) for name in ("../../a.exe", "报告"))
    for one in (first, second):
        keep_file(paths, io.BytesIO(PDF), one)
    assert (first.name, second.name) == ("a.pdf", "报告.pdf")
    assert first.sha256 == second.sha256
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [paths.attachment(first.sha256)]
    assert paths.attachment(first.sha256).read_bytes() == PDF


@pytest.mark.parametrize(
    ("data", "wrong"),
    [(b"", "file_empty"), (b"MZ", "file_type"), (PDF + bytes(LARGEST_BYTES), "file_too_large")],
)
def test_what_cannot_be_attached_is_refused(data: bytes, wrong: str) -> None:
    with pytest.raises(InvalidInput, match=wrong):
        examine(io.BytesIO(data), "a.pdf")


@pytest.mark.parametrize("name", ["", "..", "../" + "a" * 64, "A" * 64])
def test_only_a_hash_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a hash"):
        HqPaths(tmp_path).attachment(name)


def test_a_directory_that_lies_is_no_document() -> None:
    data = bytearray(DOCX)
    with zipfile.ZipFile(io.BytesIO(DOCX)) as archive:
        start = archive.start_dir
    data[start : start + 4] = b"\0\0\0\0"
    assert media_of(bytes(data)) is None


def test_a_directory_of_a_later_kind_is_no_document() -> None:
    data = bytearray(DOCX)
    at = data.find(b"PK\x01\x02") + 6
    data[at : at + 2] = (99).to_bytes(2, "little")  # the version that is needed to unpack it
    assert media_of(bytes(data)) is None


def test_a_directory_with_more_names_than_any_document_has_is_not_read() -> None:
    """A directory of 10 MB took a process of the site for seconds, and five of them can be sent at once."""
    parts = ["[Content_Types].xml", "word/document.xml", *(f"word/media/{n}.png" for n in range(MOST_PARTS))]
    assert media_of(zipped(*parts)) is None
    assert media_of(zipped(*parts[:MOST_PARTS])) is Media.DOCX


@given(st.binary(max_size=300), st.integers(0, len(DOCX)), st.sampled_from([DOCX, PDF, PNG, OLE, b""]))
def test_no_bytes_whatever_are_more_than_refused(noise: bytes, at: int, base: bytes) -> None:
    for data in (base[:at] + noise + base[at:], base[:at] + noise + base[at + len(noise) :], noise):
        assert media_of(data) in {None, *Media}


def test_a_place_that_takes_no_file_is_said(tmp_path: Path) -> None:
    paths = HqPaths(tmp_path)
    paths.attachments.parent.mkdir(parents=True, exist_ok=True)
    paths.attachments.write_text("in the way")
    with pytest.raises(Unavailable):
        keep_file(paths, io.BytesIO(PDF), examine(io.BytesIO(PDF), "a.pdf"))
