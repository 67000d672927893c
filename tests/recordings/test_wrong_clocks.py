"""Clocks that lie by years cost neither silence nor looks for as long."""

from datetime import UTC, datetime, timedelta

from supervision.calls.models import Call
from supervision.clock import local
from supervision.database import Database
from supervision.reconcile.queries import days_with_calls
from supervision.recordings.rules import MOST_SILENCE, PartSpan, join_parts
from tests.calls.samples import make_town

THEN, NOW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC)


def test_parts_that_lie_years_apart_are_not_joined_by_years_of_silence() -> None:
    parts = [PartSpan(f"p{n}", THEN + n * (NOW - THEN) / 3, 8000) for n in range(4)]
    timeline = join_parts(parts, NOW)
    assert timeline.duration_ms <= MOST_SILENCE / timedelta(milliseconds=1) + 4000
    assert sum(piece.frames for piece in timeline.pieces if piece.name) == 4 * 8000


def test_only_days_that_hold_calls_are_walked(store: Database) -> None:
    with store.transaction() as session:
        town = make_town(session)
        for call in session.query(Call):
            session.delete(call)
        for at in (datetime(1, 1, 1, tzinfo=UTC), THEN, NOW, NOW, datetime(9999, 12, 31, 23, tzinfo=UTC)):
            town.call(at, first_rang_at=None, answered_at=None, ended_at=None)
        session.flush()
        assert len(list(days_with_calls(session))) == 4


def test_a_moment_beyond_the_bureaus_calendar_is_shown_as_it_is() -> None:
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert local(last) == last
