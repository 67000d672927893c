"""The names of files: each is composed and parsed in one place."""

import uuid

import pytest

from supervision.paths import PartName, call_of_sealed, sealed_name

CALL = uuid.UUID("01890000-0000-7000-8000-000000000001")


def test_the_call_of_a_sealed_file_is_found_by_its_name() -> None:
    assert call_of_sealed(sealed_name(CALL)) == CALL


@pytest.mark.parametrize("name", ["", "x.flac", ".flac", str(CALL), str(PartName(CALL, "a", 1))])
def test_what_is_no_sealed_file_has_no_call(name: str) -> None:
    assert call_of_sealed(name) is None
