"""The site's own files: kept for a year under an address that changes with them, and compressed."""

import gzip
import re

import pytest

from supervision.actor import Role
from tests.web.conftest import People
from web import static_files

PACKED = {"Accept-Encoding": "br;q=1.0, gzip;q=0.8"}


@pytest.fixture
def sheet(people: People) -> str:
    """The address of a sheet, as a page names it."""
    page = people.stranger().get("/account/sign-in").text
    found = re.search(r'href="(/static/[0-9a-f]{16}/css/base\.css)"', page)
    assert found
    return found[1]


def test_a_file_is_kept_for_a_year_and_sets_no_cookie(people: People, sheet: str) -> None:
    answer = people.enters(Role.AUDITOR).get(sheet)  # a session that is looked at is given a new cookie
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == (static_files.FOLDER / "css/base.css").read_bytes()


def test_a_file_is_compressed_for_whoever_takes_it_so(people: People, sheet: str) -> None:
    plain, packed = people.stranger().get(sheet), people.stranger().get(sheet, headers=PACKED)
    assert plain.content_encoding is None
    assert packed.content_encoding == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    refused = people.stranger().get(sheet, headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.content_encoding is None


def test_a_page_of_the_version_before_gets_the_files_of_now_and_keeps_none(people: People, sheet: str) -> None:
    old = re.sub("[0-9a-f]{16}", "0" * 16, sheet)
    answer = people.stranger().get(old)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, no-cache")
    again = people.stranger().get(old, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["css/none.css", "../static_files.py", "css/../../secret.py", "css"])
def test_nothing_else_is_served_and_the_refusal_is_not_kept(people: People, sheet: str, name: str) -> None:
    answer = people.stranger().get(sheet.replace("css/base.css", name))
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "private, no-store"
