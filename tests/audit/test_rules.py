"""The chain as pure functions: whatever is done to it, reading finds it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supervision.audit.rules import (
    GENESIS,
    Content,
    Fault,
    Head,
    Link,
    Subject,
    canonical,
    hash_of,
    parse_subject,
    plain,
    subject_of,
    verify_chain,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6) | st.text(max_size=20)
DETAILS = st.dictionaries(st.text(max_size=8), SCALARS | st.lists(SCALARS, max_size=3), max_size=4)


def chain(details: list[dict[str, Any]]) -> list[Link]:
    links: list[Link] = []
    for n, detail in enumerate(details, start=1):
        previous = links[-1].hash if links else GENESIS
        content = Content(
            n, START + timedelta(seconds=n), None, "王芳 (wang)", "signed_in", "account:1", "01", detail
        )
        links.append(Link(content, previous, hash_of(content, previous)))
    return links


CHAINS = st.lists(DETAILS, min_size=1, max_size=8).map(chain)


def head_of(links: list[Link]) -> Head:
    return Head(links[-1].content.n, links[-1].hash)


def rehashed(links: list[Link], start: int) -> list[Link]:
    """The chain written anew from a place on, as somebody would who can write to the database."""
    done = links[:start]
    for n, link in enumerate(links[start:], start=start + 1):
        previous = done[-1].hash if done else GENESIS
        content = replace(link.content, n=n)
        done.append(Link(content, previous, hash_of(content, previous)))
    return done


@given(CHAINS)
def test_a_chain_that_nobody_touched_is_sound(links: list[Link]) -> None:
    verdict = verify_chain(links, head_of(links))
    assert verdict.sound
    assert (verdict.entries, verdict.head, verdict.covered_n) == (len(links), head_of(links), len(links))


def test_an_empty_chain_is_sound() -> None:
    assert verify_chain([]).sound


ALTERATIONS: dict[str, Any] = {
    "at": START - timedelta(days=1),
    "actor": "somebody else",
    "act": "nothing_of_note",
    "subject": "account:2",
    "office_code": None,
    "detail": {"altered": True},
}


@given(CHAINS, st.data(), st.sampled_from(sorted(ALTERATIONS)))
def test_an_altered_entry_is_named(links: list[Link], data: st.DataObject, field: str) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    altered = replace(links[place].content, **{field: ALTERATIONS[field]})
    assume(canonical(altered, "") != canonical(links[place].content, ""))
    links[place] = replace(links[place], content=altered)
    verdict = verify_chain(links)
    assert (verdict.fault, verdict.bad_n) == (Fault.ALTERED, place + 1)


@given(CHAINS, st.data())
def test_an_altered_entry_with_its_own_hash_made_anew_breaks_the_next_one(
    links: list[Link], data: st.DataObject
) -> None:
    assume(len(links) > 1)
    place = data.draw(st.integers(0, len(links) - 2))
    content = replace(links[place].content, actor="somebody else")
    links[place] = Link(content, links[place].previous, hash_of(content, links[place].previous))
    verdict = verify_chain(links)
    assert (verdict.fault, verdict.bad_n) == (Fault.NOT_CHAINED, place + 2)


@given(CHAINS, st.data())
def test_a_removed_entry_is_named(links: list[Link], data: st.DataObject) -> None:
    kept, place = head_of(links), data.draw(st.integers(0, len(links) - 1))
    del links[place]
    verdict = verify_chain(links, kept)
    assert verdict.bad_n == place + 1
    assert verdict.fault is (Fault.MISSING if place < len(links) else Fault.CUT_OFF)


@given(CHAINS, st.data(), DETAILS)
def test_an_entry_slipped_in_is_found(links: list[Link], data: st.DataObject, detail: dict[str, Any]) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    previous = links[place - 1].hash if place else GENESIS
    content = replace(links[place].content, actor="slipped in", detail=detail)
    links.insert(place, Link(content, previous, hash_of(content, previous)))
    verdict = verify_chain(links)
    assert not verdict.sound
    assert verdict.bad_n == place + 2


@given(CHAINS, st.data())
def test_a_chain_written_anew_is_found_against_a_kept_head(links: list[Link], data: st.DataObject) -> None:
    kept, place = head_of(links), data.draw(st.integers(0, len(links) - 1))
    links[place] = replace(links[place], content=replace(links[place].content, actor="somebody else"))
    forged = rehashed(links, place)
    assert verify_chain(forged).sound
    assert verify_chain(forged, kept).fault is Fault.OTHER_HEAD


@given(DETAILS)
def test_a_detail_made_plain_stays_as_it_is(detail: dict[str, Any]) -> None:
    assert plain(plain(detail)) == plain(detail)


def test_what_databases_cannot_hold_is_replaced_in_a_detail() -> None:
    assert plain({"a\x00": "\x00\udc80破", "n": 2.0}) == {"a\ufffd": "\ufffd\ufffd破", "n": 2}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, object()])
def test_what_json_cannot_hold_faithfully_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not for an audit detail"):
        plain({"value": value})


@given(st.from_regex(r"[a-z_]+", fullmatch=True), st.uuids() | st.text(max_size=20))
def test_a_subject_is_parsed_as_it_was_composed(kind: str, identity: object) -> None:
    assert parse_subject(subject_of(kind, identity)) == Subject(kind, str(identity))


def test_what_no_subject_is_composed_of_is_a_kind_without_identity() -> None:
    assert parse_subject("audit") == Subject("audit", "")
