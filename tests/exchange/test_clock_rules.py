"""Whose clock is wrong, and from when on an office counts as away: over times, nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from supervision.exchange.rules import is_behind, still_away

AT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("off", "heard_at", "behind"),
    [
        (DAY, AT + DAY, True),
        (11 * MINUTE, AT + 11 * MINUTE, True),
        (10 * MINUTE, AT + DAY, False),
        (DAY, AT + 10 * MINUTE, False),
        (DAY, AT - DAY, False),
        (DAY, None, False),
        (timedelta(), AT + 365 * DAY, False),
        (-DAY, AT + DAY, False),
    ],
)
def test_headquarters_clock_is_behind_where_an_office_and_its_own_memory_say_so(
    off: timedelta, heard_at: datetime | None, behind: bool
) -> None:
    assert is_behind(off, AT, heard_at) is behind


@pytest.mark.parametrize(
    ("away_at", "fact_at", "still"),
    [
        (AT - DAY, AT - DAY, True),
        (AT - DAY, None, True),
        (AT - DAY, AT - MINUTE, False),
        (AT - 8 * DAY, AT - 8 * DAY, False),
        (None, None, False),
    ],
)
def test_a_line_that_comes_and_goes_is_one_silence_until_all_was_sent_and_for_a_week_at_most(
    away_at: datetime | None, fact_at: datetime | None, still: bool
) -> None:
    assert still_away(away_at, AT - MINUTE, fact_at, AT) is still


def test_a_line_that_comes_and_goes_is_one_silence_while_audio_of_it_is_still_on_its_way() -> None:
    said_at = AT - MINUTE
    assert still_away(AT - DAY, said_at, said_at, AT, owes_audio=True)
    assert not still_away(AT - 8 * DAY, said_at, said_at, AT, owes_audio=True)
