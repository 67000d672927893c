"""When what runs out is renewed, warned of, and past its end still good: over dates, nothing else."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.certificates.authority import AUTHORITY_DAYS, CERTIFICATE_DAYS, LIST_DAYS
from supervision.certificates.rules import (
    LIST_OUTLASTS_BY,
    RENEWED_WITHIN,
    WARNED_FOR,
    Ending,
    Paper,
    is_due,
    list_holds,
    warns,
)

END = dt.datetime(2028, 2, 29, 23, 59, 59, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LASTS = {
    Paper.LIST: LIST_DAYS,
    Paper.AUTHORITY: AUTHORITY_DAYS,
    Paper.SERVER: CERTIFICATE_DAYS,
    Paper.OFFICE: CERTIFICATE_DAYS,
}


@pytest.mark.parametrize("paper", RENEWED_WITHIN)
def test_each_is_renewed_four_months_and_more_before_anybody_is_warned_and_not_at_once_again(paper: Paper) -> None:
    ending, within = Ending(paper, END), RENEWED_WITHIN[paper]
    assert not is_due(ending, END - within - dt.timedelta(seconds=1))
    assert is_due(ending, END - within)
    assert is_due(ending, END + 400 * DAY), "what has ended, too"
    assert within >= WARNED_FOR + 120 * DAY
    assert within <= dt.timedelta(days=LASTS[paper]) - 30 * DAY


def test_the_authority_outlasts_all_that_it_signs() -> None:
    assert RENEWED_WITHIN[Paper.AUTHORITY] > dt.timedelta(days=CERTIFICATE_DAYS) + WARNED_FOR


@pytest.mark.parametrize("paper", Paper)
def test_somebody_is_notified_sixty_days_before_and_from_then_on(paper: Paper) -> None:
    ending = Ending(paper, END)
    assert not warns(ending, END - 60 * DAY - dt.timedelta(seconds=1))
    assert warns(ending, END - 60 * DAY)
    assert warns(ending, END + DAY)


def test_one_for_a_week_is_renewed_in_its_last_third_and_warned_of_in_its_last_sixth() -> None:
    ending = Ending(Paper.OFFICE, END, 6 * DAY)
    assert [is_due(ending, END - days * DAY) for days in (2.01, 2)] == [False, True]
    assert [warns(ending, END - days * DAY) for days in (1.01, 1)] == [False, True]


moments = st.integers(-1000, 1000).map(lambda hours: END + dt.timedelta(hours=hours))


@given(moments, st.none() | moments)
def test_no_list_shuts_anybody_out_before_its_end_or_without_a_month_of_warnings(
    at: dt.datetime, warned_at: dt.datetime | None
) -> None:
    shut_out = not list_holds(END, warned_at, at)
    assert shut_out == (at > END and warned_at is not None and at - warned_at >= LIST_OUTLASTS_BY)
