"""A system that is first started on any date, and runs on across a period's end, raises no alarm."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.clock import BUREAU_ZONE
from supervision.exchange.queries import headquarters_reached_at
from supervision.incidents.models import Incident
from tests.draws.two_sides import two_sides

DATES = (  # past ones: a node stamps what it sends with the true clock
    "2025-11-23T12:00",  # Sunday noon
    "2025-11-23T23:58",  # the end of a week
    "2025-11-24T00:01",
    "2025-11-30T23:58",  # the end of a week and of a month
    "2025-12-01T00:01",
    "2025-12-31T12:00",
    "2026-01-01T12:00",
    "2024-02-29T12:00",
    "2025-10-31T23:58",  # the end of a month
)

MINUTES_AFTER = (0, 1, 2, 6, 10, 59, 61, 120)


def test_what_is_played_at_another_date_is_noted_as_of_that_date(tmp_path: Path) -> None:
    with two_sides(tmp_path) as sides:
        sides.speak()
        sides.later(minutes=1)
        sides.find_position()
        with sides.node.reading() as session:
            assert headquarters_reached_at(session) == sides.node_at


@pytest.mark.parametrize("date", DATES)
def test_a_first_start_at_this_date_opens_no_incident_in_two_hours(tmp_path: Path, date: str) -> None:
    with two_sides(tmp_path) as sides:
        started = datetime.fromisoformat(date).replace(tzinfo=BUREAU_ZONE)
        for minutes in MINUTES_AFTER:
            sides.at = started + timedelta(minutes=minutes)
            sides.speak()
            if minutes == 1:
                sides.call(sides.at)
        for side in (sides.node, sides.hq):
            with side.reading() as session:
                found = [(one.cause.value, one.detail) for one in session.scalars(select(Incident))]
            assert found == []
