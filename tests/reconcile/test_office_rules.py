"""An office's inbox and its node's outbox: skipped numbers, silence, a wrong clock."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.incidents.rules import Cause
from supervision.reconcile.office_rules import SaidByInbox, SaidByOutbox, compare_inboxes, compare_outboxes

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLEAN = SaidByInbox("3101", uuid.UUID(int=1), 700, 700, AT - timedelta(seconds=40))


@pytest.mark.parametrize(
    ("changed", "matter"),
    [
        ({"n": 705}, Cause.SEQUENCE_SKIPPED),
        ({"n": 690}, Cause.SEQUENCE_SKIPPED),
        ({"gap_n": 703}, Cause.SEQUENCE_SKIPPED),
        ({"heard_at": AT - timedelta(minutes=11)}, Cause.OFFICE_SILENT),
        ({"heard_at": AT - timedelta(days=4), "heartbeats": False}, Cause.OFFICE_SILENT),
        ({"clock_off_ms": 86_400_000}, Cause.CLOCK_OFF),
        ({"clock_off_ms": -86_400_000}, Cause.CLOCK_OFF),
    ],
)
def test_what_is_wrong_with_an_inbox_is_named(changed: dict[str, Any], matter: Cause) -> None:
    wrong = replace(CLEAN, **changed)
    assert [one.cause for one in compare_inboxes([wrong], AT)] == [matter]


def test_of_a_clean_inbox_nothing_is_said() -> None:
    assert compare_inboxes([CLEAN, replace(CLEAN, office_code="3102", heartbeats=False)], AT) == []


def test_a_rebuilt_node_is_heard_in_its_new_epoch_and_its_old_numbers_still_count() -> None:
    old = replace(CLEAN, heard_at=AT - timedelta(days=30), clock_off_ms=10**8)
    new = replace(CLEAN, epoch=uuid.UUID(int=2), n=3, taken=3)
    assert compare_inboxes([old, new], AT) == []
    skipped = replace(old, n=old.n + 1)
    assert [one.cause for one in compare_inboxes([skipped, new], AT)] == [Cause.SEQUENCE_SKIPPED]


@pytest.mark.parametrize(
    ("last_n", "received_n", "waiting", "skipped"),
    [(0, 0, 0, False), (9, 9, 0, False), (9, 4, 5, False), (9, 4, 4, True), (9, 8, 0, True), (9, 12, 0, True)],
)
def test_a_node_names_what_it_has_numbered_and_cannot_send(
    last_n: int, received_n: int, waiting: int, skipped: bool
) -> None:
    found = compare_outboxes([SaidByOutbox("3101", uuid.UUID(int=1), last_n, received_n, waiting)])
    assert [one.cause for one in found] == [Cause.SEQUENCE_SKIPPED] * skipped


INBOXES = st.lists(
    st.builds(
        SaidByInbox,
        st.sampled_from(["3101", "3102"]),
        st.uuids(),
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(0, 10**6).map(lambda ago: AT - timedelta(seconds=ago)),
        st.none() | st.integers(2, 9),
        st.integers(-(10**8), 10**8),
        st.booleans(),
    ),
    unique_by=lambda inbox: inbox.epoch,
)


@given(INBOXES)
def test_the_order_of_inboxes_does_not_matter(inboxes: list[SaidByInbox]) -> None:
    assert compare_inboxes(inboxes, AT) == compare_inboxes(inboxes[::-1], AT)
    assert len({one.key for one in compare_inboxes(inboxes, AT)}) == len(compare_inboxes(inboxes, AT))
