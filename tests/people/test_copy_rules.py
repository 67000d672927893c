from datetime import UTC, datetime, timedelta

import pytest

from supervision.people.sign_in_rules import AHEAD_AT_MOST, VALID_FOR, CopyState, copy_state, sign_ins_end_at

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(0), CopyState.VALID),
        (VALID_FOR - timedelta(seconds=1), CopyState.VALID),
        (VALID_FOR, CopyState.STALE),
        (VALID_FOR * 10, CopyState.STALE),
        (-AHEAD_AT_MOST, CopyState.VALID),
        (-AHEAD_AT_MOST - timedelta(seconds=1), CopyState.STALE),
    ],
)
def test_a_copy_holds_for_seven_days_and_not_longer_by_setting_the_clock_back(
    age: timedelta, state: CopyState
) -> None:
    assert copy_state(True, NOON - age, NOON) is state


def test_a_node_without_a_copy_and_one_that_stands_alone() -> None:
    assert copy_state(True, None, NOON) is CopyState.MISSING
    assert copy_state(False, None, NOON) is CopyState.OWN
    assert copy_state(False, NOON - VALID_FOR, NOON) is CopyState.OWN


def test_sessions_end_when_the_copy_does_and_never_in_the_future() -> None:
    assert sign_ins_end_at(CopyState.VALID, NOON, NOON) is None
    assert sign_ins_end_at(CopyState.OWN, None, NOON) is None
    assert sign_ins_end_at(CopyState.MISSING, None, NOON) == NOON
    assert sign_ins_end_at(CopyState.STALE, NOON - VALID_FOR * 2, NOON) == NOON - VALID_FOR
    assert sign_ins_end_at(CopyState.STALE, NOON + timedelta(days=1), NOON) == NOON
