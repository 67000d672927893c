"""When it is sure that every call of some days is known at headquarters."""

from datetime import UTC, datetime, timedelta

import pytest

from supervision.reconcile.certificate_rules import UNDER_WAY, ReceivedFacts, Unsure, unsure

OVER = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
LONG_AFTER = OVER + timedelta(days=3)
SECOND = timedelta(seconds=1)


def test_it_is_sure_once_the_office_has_sent_everything_until_the_end() -> None:
    assert unsure(ReceivedFacts(OVER, 7), OVER, LONG_AFTER) == ()


@pytest.mark.parametrize(
    ("received", "why"),
    [
        (ReceivedFacts(None), Unsure.NEVER_SENT),
        (ReceivedFacts(OVER - SECOND, 7), Unsure.NOT_ALL_SENT),
        (ReceivedFacts(OVER, 7, whole=False), Unsure.NUMBERS_MISSING),
        (ReceivedFacts(OVER, 7, refused=1), Unsure.FACTS_REFUSED),
    ],
)
def test_it_is_not_sure_while_something_may_be_unknown(received: ReceivedFacts, why: Unsure) -> None:
    assert unsure(received, OVER, LONG_AFTER) == (why,)


def test_of_days_that_go_on_the_last_minutes_may_be_on_their_way() -> None:
    at = OVER - timedelta(hours=5)
    assert unsure(ReceivedFacts(at - UNDER_WAY, 7), OVER, at) == ()
    assert unsure(ReceivedFacts(at - UNDER_WAY - SECOND, 7), OVER, at) == (Unsure.NOT_ALL_SENT,)
