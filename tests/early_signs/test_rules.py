"""What is unusual among findings, and where a sign may go."""

import math
import uuid
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.early_signs.rules import (
    A_YEAR,
    MOVES,
    SignMove,
    SignState,
    Span,
    Tally,
    after,
    chance,
    is_overdue,
    is_unusual,
    last_week,
    level,
    may_be_new,
    objection,
    spread,
    weeks_of,
)

QUIET = Span(Tally(300, 36), Tally(1900, 228))
DOUBLED = Span(Tally(300, 78), Tally(1900, 228))
LEVEL = level(13, 7)


def exact(span: Span) -> float:
    """The same chance by whole numbers."""
    n, every = span.window.calls, span.window.calls + span.before.calls
    found = span.window.found + span.before.found
    ways = sum(
        math.comb(found, k) * math.comb(every - found, n - k) for k in range(span.window.found, min(n, found) + 1)
    )
    return ways / math.comb(every, n)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 90), st.integers(0, 90))
def test_the_chance_is_fishers(calls: int, found: int, before: int, found_before: int) -> None:
    span = Span(Tally(calls, min(calls, found)), Tally(before, min(before, found_before)))
    assert chance(span) == pytest.approx(exact(span), rel=1e-9)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 10**7), st.integers(0, 10**7))
def test_no_numbers_however_large_are_more_than_a_chance(calls: int, found: int, before: int, was: int) -> None:
    span = Span(Tally(calls, min(calls, found)), Tally(before, min(before, was)))
    assert 0.0 <= chance(span) <= 1.0
    assert not is_unusual(Span(span.before, span.window), LEVEL) or not is_unusual(span, LEVEL)


def test_far_fewer_than_before_are_no_rare_chance_however_many_the_calls() -> None:
    """The first term is less than any number that a computer holds; the sum of all is nearly one."""
    assert chance(Span(Tally(20_000, 100), Tally(20_000, 10_000))) == pytest.approx(1.0)
    assert chance(Span(Tally(20_000, 10_000), Tally(20_000, 100))) == pytest.approx(0.0)


def test_a_doubling_is_a_sign_and_the_usual_is_none() -> None:
    assert is_unusual(DOUBLED, LEVEL, Span(Tally(3000, 360), Tally(19000, 2280)))
    assert is_unusual(DOUBLED, LEVEL)
    assert not is_unusual(QUIET, LEVEL)
    assert not is_unusual(Span(Tally(), Tally(1900, 228)), LEVEL)


def test_an_office_that_rose_more_than_a_bureau_that_rose_as_well_is_marked() -> None:
    quintupled = Span(Tally(300, 180), Tally(1900, 228))
    assert is_unusual(quintupled, LEVEL, Span(Tally(3000, 720), Tally(19000, 2280)))


def test_what_the_whole_bureau_does_as_well_is_no_sign_of_an_office() -> None:
    assert not is_unusual(DOUBLED, LEVEL, Span(Tally(3000, 720), Tally(19000, 2280)))
    assert is_unusual(DOUBLED, LEVEL, Span(Tally(), Tally()))


def test_four_calls_are_too_few_for_a_sign_and_five_where_there_was_none_are_not() -> None:
    assert not is_unusual(Span(Tally(20, 4), Tally(4000, 0)), LEVEL)
    assert is_unusual(Span(Tally(20, 5), Tally(4000, 0)), LEVEL)


def weeks(*found: int) -> list[Tally]:
    return [Tally(74, one) for one in found]


def test_where_weeks_differ_by_more_than_chance_a_rise_counts_for_less() -> None:
    even, uneven = weeks(*[9, 12, 15] * 9), weeks(*[2, 24, 4, 26] * 6)
    assert spread([even]) == 1
    assert spread([uneven]) > 10
    assert spread([even, uneven]) < spread([uneven])
    assert is_unusual(DOUBLED, LEVEL, spread=1)
    assert not is_unusual(DOUBLED, LEVEL, spread=spread([uneven]))


def test_what_is_not_known_of_the_weeks_leaves_the_test_as_it_is() -> None:
    assert spread([]) == 1
    assert spread([[Tally()], weeks(0, 0), [Tally(3, 3)], weeks(7)]) == 1


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 90), st.floats(1, 50))
def test_a_spread_makes_no_rise_more_probable_than_it_is(calls: int, found: int, before: int, much: float) -> None:
    span = Span(Tally(calls, min(calls, found)), Tally(before, before // 9))
    assert chance(span) <= chance(span, much) + 1e-12
    assert 0 <= chance(span, much) <= 1


def test_a_year_of_all_comparisons_spends_five_percent() -> None:
    assert level(13, 7) * 13 * 7 * 53 == pytest.approx(A_YEAR)
    assert level(0, 0) <= A_YEAR


@pytest.mark.parametrize(("state", "move"), list(product(SignState, SignMove)))
def test_a_sign_moves_only_as_the_table_says(state: SignState, move: SignMove) -> None:
    allowed = {
        ("open", "take_measure"): "measure",
        ("open", "dismiss"): "dismissed",
        ("measure", "take_measure"): "measure",
        ("measure", "finish"): "done",
    }
    assert after(state, move) == allowed.get((state.value, move.value))
    assert len(MOVES) == len(allowed)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_window_is_the_four_weeks_that_are_over_and_26_lie_before_it(today: date) -> None:
    last = last_week(today)
    assert last.weekday() == 0
    assert timedelta(7) <= today - last < timedelta(14)
    window, before = weeks_of(last)
    assert [*before, *window] == [last - timedelta(weeks=n) for n in range(29, -1, -1)]
    assert len(window) == 4


def test_a_sign_is_another_one_only_where_its_window_holds_no_week_of_the_last() -> None:
    monday = date(2026, 3, 2)
    assert may_be_new(monday, None)
    assert not may_be_new(monday, monday - timedelta(weeks=3))
    assert may_be_new(monday, monday - timedelta(weeks=4))


@pytest.mark.parametrize(("role", "move"), list(product(Role, SignMove)))
def test_the_section_decides_and_who_sees_to_a_measure_says_that_it_is_done(role: Role, move: SignMove) -> None:
    me, other = uuid.UUID(int=1), uuid.UUID(int=2)
    actor = Actor(me, "x", "某", role, "01" if role in OFFICE_ROLES else None)
    section = role in {Role.SUPERVISOR, Role.SUPERVISION_HEAD}
    assert (objection(actor, move, other) is None) is section
    finishes = move is SignMove.FINISH
    assert (objection(actor, move, me) is None) is (finishes or (section and move is SignMove.DISMISS))


def test_on_its_last_day_neither_decision_nor_measure_is_overdue() -> None:
    day = date(2026, 3, 16)
    assert not is_overdue(SignState.MEASURE, day, day)
    assert is_overdue(SignState.MEASURE, day, day + timedelta(days=1))
    assert not is_overdue(SignState.DONE, day, day + timedelta(days=1))
    assert is_overdue(SignState.OPEN, day, day + timedelta(days=1))
    assert not is_overdue(SignState.OPEN, None, day)
