"""answered = recorded = received = verified, or the list of what is not."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from supervision.reconcile.certificate_rules import CallRow, Lacking, Step, certificate

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PROVED = CallRow(uuid.UUID(int=1), START, True, True, True, True, "ab" * 32)


def test_a_period_without_calls_is_complete() -> None:
    nothing = certificate([])
    assert nothing.complete
    assert (nothing.answered, nothing.verified) == (0, 0)


def test_where_all_is_proved_the_four_sums_are_equal_and_every_hash_is_there() -> None:
    rows = [replace(PROVED, call_id=uuid.UUID(int=n), offered_at=START + timedelta(hours=n)) for n in range(9)]
    whole = certificate(reversed(rows))
    assert whole.complete
    assert whole.answered == whole.recorded == whole.received == whole.verified == 9
    assert whole.hashes == tuple((row.call_id, row.pcm_sha256) for row in rows)


def test_a_call_is_listed_with_the_first_step_that_it_lacks() -> None:
    for step in Step:
        lacks: dict[str, Any] = {step.value: False}
        row = replace(PROVED, **lacks)
        assert certificate([row]).lacking == (Lacking(row.call_id, START, step),)
    assert certificate([replace(PROVED, received=False)]).received == 0


ROWS = st.lists(
    st.builds(CallRow, st.uuids(), st.just(START), *[st.booleans()] * 4, st.just("cd" * 32)),
    unique_by=lambda row: row.call_id,
)


@given(ROWS)
def test_the_sums_only_fall_and_the_last_with_the_list_gives_the_first(rows: list[CallRow]) -> None:
    made = certificate(rows)
    assert made.answered >= made.recorded >= made.received >= made.verified
    assert made.answered == made.verified + len(made.lacking) == len(rows)
    assert len(made.hashes) == made.verified
    assert made.complete == (made.answered == made.recorded == made.received == made.verified)
    assert certificate(rows[::-1]) == made
