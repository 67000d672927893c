"""What is drawn: the test vector of draw.md, exact fractions, and chances that are even."""

import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.draws.rules import (
    Entry,
    Party,
    commitment_of,
    differences,
    digest,
    draw,
    order_of_whole,
    root_of,
    seed_of,
    successor,
    wanted,
    worked,
)
from tests.draws import vector

FIFTH = Fraction(1, 5)


def test_the_test_vector_of_the_document_comes_out() -> None:
    assert commitment_of(vector.NAME, Party.OFFICE, vector.OFFICE_SHARE) == vector.OFFICE_COMMITMENT
    assert commitment_of(vector.NAME, Party.HQ, vector.HQ_SHARE) == vector.HQ_COMMITMENT
    assert root_of(vector.ENTRIES) == vector.ROOT
    seed = seed_of(vector.NAME, vector.ROOT, vector.OFFICE_SHARE, vector.HQ_SHARE, vector.DICE)
    assert seed == vector.SEED
    drawn = draw(seed, FIFTH, vector.ENTRIES)
    assert [f"{one.ticket} {one.call_id} {one.stratum}" for one in drawn] == vector.TICKETS


@pytest.mark.parametrize(
    ("calls", "weekly", "monthly"), [(0, 0, 0), (1, 1, 1), (4, 1, 1), (5, 1, 1), (6, 2, 1), (10_000, 2000, 1000)]
)
def test_the_quota_is_the_smallest_number_that_is_not_under_the_rate(
    calls: int, weekly: int, monthly: int
) -> None:
    assert wanted(FIFTH, calls) == weekly
    assert wanted(Fraction(1, 10), calls) == monthly


def test_no_fraction_is_rounded_on_the_way() -> None:
    assert wanted(Fraction(7, 100), 100) == 7, "0.07 * 100 is 7.000000000000001 in floating point"
    assert wanted(Fraction(29, 100), 10_000) == 2900


ENTRY = st.builds(
    Entry,
    st.uuids().map(str),
    st.sampled_from(["a", "b", "unknown"]),
    st.sampled_from(["-", "0" * 64, "f" * 64]),
)
LISTS = st.lists(ENTRY, unique_by=lambda entry: entry.call_id, max_size=40)


@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_in_which_calls_come_changes_nothing(entries: list[Entry], dice: random.Random) -> None:
    other = list(entries)
    dice.shuffle(other)
    assert root_of(other) == root_of(entries)
    assert draw("ab" * 32, FIFTH, other) == draw("ab" * 32, FIFTH, entries)


@given(LISTS, st.fractions(min_value=Fraction(1, 10), max_value=1))
def test_every_person_with_calls_is_drawn_at_least_at_the_rate(entries: list[Entry], rate: Fraction) -> None:
    drawn = draw("cd" * 32, rate, entries)
    for stratum, size in Counter(entry.stratum for entry in entries).items():
        of_him = sum(one.stratum == stratum for one in drawn)
        assert rate * size <= of_him < rate * size + 1
    assert drawn == sorted(drawn)


@given(LISTS.filter(bool), st.data())
def test_an_unusable_ticket_is_followed_by_the_next_of_its_stratum_then_of_the_list(
    entries: list[Entry], data: st.DataObject
) -> None:
    seed = "ef" * 32
    taken = [one.call_id for one in draw(seed, FIFTH, entries)]
    strata = {one.call_id: one.stratum for one in entries}
    stratum = strata[data.draw(st.sampled_from(taken))]
    everything = draw(seed, Fraction(1), entries)
    left = [one for one in everything if one.call_id not in taken]
    expected = next((one for one in left if one.stratum == stratum), left[0] if left else None)
    assert successor(seed, entries, taken, stratum) == expected
    assert successor(seed, entries, [one.call_id for one in entries], stratum) is None


@pytest.mark.thorough
def test_within_a_stratum_chances_are_even() -> None:
    people = [*["a"] * 25, *["b"] * 14, "unknown"]
    entries = [Entry(f"call-{n:02}", who, "-") for n, who in enumerate(people)]
    draws, times = 100_000, dict.fromkeys((one.call_id for one in entries), 0)
    for n in range(draws):
        for one in draw(f"{n:064x}", FIFTH, entries):
            times[one.call_id] += 1
    for stratum, size, limit in (("a", 25, 51.18), ("b", 14, 34.53)):  # chi square, 24 and 13 degrees, p = 0.001
        expected = draws * wanted(FIFTH, size) / size
        found = [times[one.call_id] for one in entries if one.stratum == stratum]
        # Drawn without replacement, the counts vary less than in throws: by (1 - share drawn), n / (n - 1).
        scale = (1 - wanted(FIFTH, size) / size) * size / (size - 1)
        assert sum((number - expected) ** 2 / expected for number in found) / scale < limit
    assert times["call-39"] == draws, "who answered one call is always looked at"


def test_the_vector_of_a_list_drawn_whole_comes_out() -> None:
    assert digest(vector.NAME, vector.ROOT, "whole") == vector.WHOLE_HEAD
    order = [(one.ticket, one.call_id) for one in order_of_whole(vector.NAME, vector.ROOT, vector.ENTRIES)]
    assert order == vector.WHOLE


def test_each_unusable_call_has_its_successor_in_the_order_in_which_it_was_agreed() -> None:
    drawn = [one.call_id for one, _ in worked(vector.SEED, FIFTH, vector.ENTRIES, ())]
    first, second = drawn[0], drawn[2]
    rows = worked(vector.SEED, FIFTH, vector.ENTRIES, [first, second])
    assert [instead_of for _, instead_of in rows] == ["", "", "", "", first, second]
    later = rows[4][0].call_id
    chained = worked(vector.SEED, FIFTH, vector.ENTRIES, [later, first])
    assert [(instead_of) for _, instead_of in chained][4:] == [first, later], "it was unusable before it came in"
    every = [one.call_id for one in vector.ENTRIES]
    assert len(worked(vector.SEED, FIFTH, vector.ENTRIES, every)) == len(every), "an exhausted list"


def test_the_calls_on_which_two_lists_differ_are_named() -> None:
    ours, changed = vector.ENTRIES, list(vector.ENTRIES)
    changed[3] = Entry(changed[3].call_id, changed[3].stratum, "0" * 64)
    gone = changed.pop(5)
    found = differences(ours, changed)
    assert [(one.call_id, one.office, one.hq) for one in found] == [
        (ours[3].call_id, ours[3], changed[3]),
        (gone.call_id, gone, None),
    ]


@settings(max_examples=50)
@given(LISTS)
def test_the_same_list_differs_in_nothing(entries: list[Entry]) -> None:
    assert differences(entries, list(reversed(entries))) == []
