"""Callers' names in the encodings that gateways send."""

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supervision.calls.caller_rules import display_name, read_name, whole_name

NAMES = st.text(st.characters(codec="gb18030", exclude_characters='\\"'), min_size=1, max_size=40)
REPLACED = "\ufffd"


def header(name: bytes) -> str:
    return base64.b64encode(b'"' + name + b'" <sip:138@10.0.0.9>;tag=1').decode()


def is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\"), max_size=80))
def test_utf_8_is_read_as_it_is(name: str) -> None:
    assert read_name(name.encode()) == name


@given(NAMES)
def test_what_is_no_utf_8_is_read_as_gb18030(name: str) -> None:
    raw = name.encode("gb18030")
    assume(not is_utf_8(raw))
    assert read_name(raw) == name


@given(st.binary(max_size=80))
def test_whatever_came_can_be_stored(raw: bytes) -> None:
    read_name(raw).encode()
    whole_name(REPLACED, base64.b64encode(raw).decode()).encode()


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_header_that_is_none_leaves_what_is_shown(shown: str, text: str) -> None:
    assume(not text.isascii() or len(text) % 4)
    assert whole_name(shown, text) == shown


@given(NAMES)
def test_a_name_that_asterisk_had_to_replace_is_read_from_the_header(name: str) -> None:
    raw = name.encode("gb18030")
    assume(not is_utf_8(raw))
    assert whole_name(raw.decode("utf-8", "replace"), header(raw)) == name


def test_a_name_that_asterisk_shows_whole_is_left_alone() -> None:
    assert whole_name("王小明", header(b"other")) == "王小明"


def test_what_is_neither_is_shown_with_marks() -> None:
    assert whole_name(f"138{REPLACED}{REPLACED}", header(b"138\xff\xfe")) == f"138{REPLACED}{REPLACED}"


def test_a_second_byte_that_is_a_backslash_belongs_to_its_character() -> None:
    assert "誠".encode("gb18030")[1:] == b"\\"
    assert read_name("誠信".encode("gb18030")) == "誠信"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b'"Wang" <sip:138@10.0.0.9>;tag=1', b"Wang"),
        (b"Wang <sip:138@10.0.0.9>", b"Wang"),
        (b"<sip:138@10.0.0.9>", b""),
        (b"sip:138@10.0.0.9", b""),
        (b'"a <b> c" <sip:138@10.0.0.9>', b"a <b> c"),
        (b'"', b""),
        (b"", b""),
    ],
)
def test_the_display_name_stands_before_the_address(value: bytes, name: bytes) -> None:
    assert display_name(value) == name
