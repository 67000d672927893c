"""A figure equals the sum of what it opens into, whatever is corrected; points, places and how sure a mean is."""

import math
import statistics
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.assessment.rules import (
    NOTHING,
    CloseObjection,
    Entry,
    Figure,
    Item,
    Span,
    Tally,
    WeightFault,
    Weights,
    add,
    close_objection,
    corrections,
    current_items,
    figures_of,
    half_width,
    is_enough,
    parse_period,
    points_of,
    ranks_of,
    tally_of,
    weight_fault,
)
from supervision.workdays.rules import next_month

PEOPLE = [None, *(uuid.UUID(int=n) for n in range(1, 4))]
MARCH = date(2026, 3, 1)

items = st.builds(
    Item,
    figure=st.sampled_from(Figure),
    key=st.sampled_from("abcdefgh"),
    office_code=st.sampled_from(["01", "02"]),
    person=st.sampled_from(PEOPLE),
    on=st.dates(MARCH, date(2026, 3, 31)),
    value=st.integers(0, 100),
    call=st.none(),
)
months = st.lists(items, max_size=30, unique_by=lambda one: (one.figure, one.key))


@given(st.lists(months, min_size=1, max_size=6))
def test_a_months_figures_equal_the_sum_of_what_they_open_into_whatever_is_corrected(
    states: list[list[Item]],
) -> None:
    """Closed as it was first, then looked at again and again while anything at all changes."""
    entries = [Entry(one) for one in states[0]]
    frozen = figures_of(entries)
    for live in states[1:]:
        found = corrections(entries, live)
        assert all(one.correction for one in found)
        entries += found
        assert corrections(entries, live) == []
        assert set(current_items(entries).values()) == set(live)
        now = figures_of(Entry(one) for one in live)
        for figure in Figure:
            assert figures_of(entries).get(figure, NOTHING) == now.get(figure, NOTHING)
            own = [one for one in entries if one.item.figure is figure]
            assert tally_of(own) == now.get(figure, NOTHING)
            assert tally_of([one for one in own if not one.correction]) == frozen.get(figure, NOTHING)


@given(st.lists(months, max_size=4))
def test_months_add_up_to_a_quarter_and_people_and_nobody_to_an_office(quarter: list[list[Item]]) -> None:
    whole = [Entry(one) for month in quarter for one in month]
    by_month: dict[Figure, Tally] = {}
    for month in quarter:
        by_month = add(by_month, figures_of(Entry(one) for one in month))
    assert by_month == figures_of(whole)
    for office in ("01", "02"):
        own = [one for one in whole if one.item.office_code == office]
        by_person: dict[Figure, Tally] = {}
        for person in PEOPLE:
            by_person = add(by_person, figures_of(one for one in own if one.item.person == person))
        assert by_person == figures_of(own)


def test_what_changed_is_taken_out_and_put_in_anew_and_the_rest_stays() -> None:
    one = Item(Figure.SCORE, "a", "01", PEOPLE[1], MARCH, 80)
    same, late = replace(one, key="b"), replace(one, key="c")
    better, gone = replace(one, value=90), Item(Figure.COMPLAINTS, "x", "01", PEOPLE[1], MARCH, 1)
    found = corrections([Entry(one), Entry(same), Entry(gone)], [late, same, better])
    assert [(entry.item, entry.sign) for entry in found] == [(gone, -1), (one, -1), (better, 1), (late, 1)]


def a_tally(*values: int) -> Tally:
    return Tally(len(values), sum(values), sum(value * value for value in values))


def test_shares_make_up_100_points_and_what_rests_on_nothing_weighs_nothing() -> None:
    figures = {Figure.SCORE: a_tally(80, 90), Figure.RINGS: a_tally(1, 1, 1, 0)}
    person = points_of(figures, Weights(), office=False)
    assert person is not None
    assert person.total == pytest.approx(round((60 * 85 + 20 * 75) / 80, 1))
    full = {**figures, Figure.QUOTAS: a_tally(1, 0), Figure.RECTIFICATIONS: a_tally(1)}
    office = points_of(full, Weights(), office=True)
    assert office is not None
    assert office.total == 51 + 15 + 5 + 10
    assert points_of(full, Weights(), office=False) == person
    assert points_of({Figure.QUOTAS: a_tally(1)}, Weights(), office=True) is None
    assert points_of({}, Weights(), office=False) is None


def test_findings_and_complaints_go_off_and_conduct_counts_its_own_points_and_none_is_under_zero() -> None:
    figures = {
        Figure.SCORE: a_tally(*[100] * 10),
        Figure.FINDINGS: a_tally(1, 1, 1),
        Figure.COMPLAINTS: a_tally(1),
        Figure.COMMENDATIONS: a_tally(2, 3),
        Figure.DISCIPLINE: a_tally(4),
    }
    found = points_of(figures, Weights(finding=2, complaint=5), office=False)
    assert found is not None
    assert found.parts == {
        Figure.SCORE: 100,
        Figure.FINDINGS: -6,
        Figure.COMPLAINTS: -5,
        Figure.COMMENDATIONS: 5,
        Figure.DISCIPLINE: -4,
    }
    assert found.total == 90
    worst = points_of({**figures, Figure.DISCIPLINE: a_tally(500)}, Weights(), office=False)
    assert worst is not None
    assert worst.total == 0


def test_a_mean_is_as_sure_as_its_sample_and_none_of_few_or_of_all() -> None:
    scores = [70, 80, 90, 95, 85, 75, 88, 92, 81, 79]
    error = statistics.stdev(scores) / math.sqrt(10)
    assert half_width(a_tally(*scores), 10**9) == pytest.approx(2.2622 * error, rel=0.003)
    assert half_width(a_tally(*scores), 40) == pytest.approx(2.2622 * error * math.sqrt(0.75), rel=0.003)
    assert half_width(a_tally(*scores), 10) == 0
    assert half_width(a_tally(80, 90, 70, 75), 100) is None
    five = half_width(a_tally(60, 70, 80, 90, 100), 10**9)
    assert five == pytest.approx(2.7764 * math.sqrt(250 / 5), rel=0.003)
    assert half_width(a_tally(80, 80, 80, 80, 80), 100) == 0
    assert half_width(a_tally(*scores), 3) == pytest.approx(half_width(a_tally(*scores), 10**12))


def test_a_place_in_the_ranking_needs_enough_calls_and_the_same_points_share_one() -> None:
    enough = {Figure.RINGS: Tally(30, 30, 30), Figure.SCORE: Tally(10, 900, 81000)}
    assert is_enough(enough, Weights())
    assert not is_enough({**enough, Figure.RINGS: Tally(29, 29, 29)}, Weights())
    assert not is_enough({**enough, Figure.SCORE: Tally(9, 810, 72900)}, Weights())
    assert ranks_of({"a": 90.0, "b": 95.0, "c": 90.0, "d": 10.0}) == {"b": 1, "a": 2, "c": 2, "d": 4}


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        (Weights(), None),
        (Weights(score=61), WeightFault.SCORE),
        (Weights(score=-10, rings=90), WeightFault.SCORE),
        (Weights(score=0, rings=0, quotas=50, rectifications=50), WeightFault.SCORE),
        (Weights(finding=-1), WeightFault.FINDING),
        (Weights(complaint=101), WeightFault.COMPLAINT),
        (Weights(least_calls=0), WeightFault.LEAST_CALLS),
        (Weights(least_evaluated=4), WeightFault.LEAST_EVALUATED),
    ],
)
def test_what_is_wrong_with_weights_is_named(weights: Weights, fault: WeightFault | None) -> None:
    assert weight_fault(weights) is fault


def test_periods_are_named_and_made_of_months() -> None:
    assert parse_period("2026-03").months == [MARCH]
    assert parse_period("2026-Q1").months == [date(2026, 1, 1), date(2026, 2, 1), MARCH]
    assert (parse_period("2026").span, len(parse_period("2026").months)) == (Span.YEAR, 12)
    for wrong in (
        "",
        "26",
        "2026-13",
        "2026-3",
        "2026-Q5",
        "2026-Q",
        "2026-03-01",
        "二〇二六",
        "2026-０3",
        "0000",
    ):
        with pytest.raises(ValueError):
            parse_period(wrong)
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)


def test_a_month_is_closed_once_and_not_before_headquarters_draw_of_it_is_due() -> None:
    day = date(2026, 4, 16)
    assert close_objection(MARCH, day, closed=False) is None
    assert close_objection(MARCH, day - timedelta(days=1), closed=False) is CloseObjection.NOT_YET
    assert close_objection(MARCH, day, closed=True) is CloseObjection.CLOSED_ALREADY
    assert close_objection(date(2025, 12, 1), date(2026, 1, 15), closed=False) is CloseObjection.NOT_YET
