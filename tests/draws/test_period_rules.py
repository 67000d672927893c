"""Weeks and months at their edges, names of draws, and deadlines."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.draws.rules import (
    DrawName,
    Tier,
    last_day,
    month_of,
    parse_name,
    parse_period,
    period_of,
    week_of,
)


@pytest.mark.parametrize(
    ("day", "week", "month"),
    [
        (date(2026, 11, 22), "2026-W47", "2026-11"),
        (date(2026, 11, 23), "2026-W48", "2026-11"),
        (date(2026, 12, 31), "2026-W53", "2026-12"),
        (date(2027, 1, 1), "2026-W53", "2027-01"),
        (date(2027, 1, 3), "2026-W53", "2027-01"),
        (date(2027, 1, 4), "2027-W01", "2027-01"),
        (date(2024, 12, 30), "2025-W01", "2024-12"),
        (date(2024, 2, 29), "2024-W09", "2024-02"),
    ],
)
def test_a_day_is_in_its_iso_week_and_its_month(day: date, week: str, month: str) -> None:
    assert week_of(day).name == week
    assert month_of(day).name == month


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(Tier))
def test_periods_follow_each_other_without_gap_or_overlap(day: date, tier: Tier) -> None:
    period = period_of(tier, day)
    assert period.first <= day <= period.last
    assert parse_period(tier, period.name) == period
    assert period_of(tier, period.after).first == period.after


@pytest.mark.parametrize(
    "text", ["office:07:2026-W47", "hq:07:2026-10", "office:3101:2026-W53+2", "hq:07:2024-02+12"]
)
def test_a_draws_name_is_read_as_it_is_written(text: str) -> None:
    name = parse_name(text)
    assert str(name) == text
    assert name.id == parse_name(text).id
    assert name.id != name.next_supplement.id


@pytest.mark.parametrize(
    "text",
    ["", "office:07:2026-47", "hq:07:2026-W47", "office:07:2026-W60", "hq:07:2026-13", "office:07:2026-W47+0"],
)
def test_what_is_no_name_of_a_draw_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_name(text)


@pytest.mark.parametrize(
    ("text", "made", "last"),
    [
        ("office:07:2026-W47", date(2026, 11, 23), date(2026, 11, 29)),
        ("office:07:2026-W53", date(2027, 1, 4), date(2027, 1, 10)),
        ("hq:07:2026-10", date(2026, 11, 1), date(2026, 11, 15)),
        ("hq:07:2026-12", date(2027, 1, 1), date(2027, 1, 15)),
        ("hq:07:2026-12", date(2027, 1, 9), date(2027, 1, 15)),
        ("office:07:2026-W47+1", date(2026, 12, 2), date(2026, 12, 8)),
    ],
)
def test_an_offices_draw_is_due_on_sunday_and_headquarters_on_the_15th(text: str, made: date, last: date) -> None:
    assert last_day(parse_name(text), made) == last


def test_a_supplement_is_never_due_before_its_periods_own_draw() -> None:
    name = DrawName(Tier.HQ, "07", month_of(date(2026, 10, 1)), 1)
    assert last_day(name, date(2026, 11, 1)) == date(2026, 11, 15)
