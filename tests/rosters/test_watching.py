"""A line that nobody is rostered for is noted the day before, and over once somebody is."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.rosters.arrangements import enter_leave
from supervision.rosters.queries import moment
from supervision.rosters.rules import Absence
from supervision.rosters.service import set_shift
from supervision.rosters.watching import watch_rosters
from supervision.rosters.week_rules import Place
from tests.rosters.conftest import RosteredOffice
from tests.rosters.test_rules import MONDAY, MORNING, at
from tests.rosters.test_service import WORKED, written

FRIDAY = MONDAY + timedelta(days=4)


def open_holes(office: RosteredOffice, shown: datetime) -> list[tuple[str, str]]:
    """What is noted after a look at a time of the wall clock: subject and times."""
    watch_rosters(office.session, moment(shown))
    query = select(Incident).where(Incident.cause == Cause.ROSTER_HOLE, Incident.healed_at.is_(None))
    return sorted((one.subject, one.detail["spans"]) for one in office.session.scalars(query))


def test_an_office_that_never_put_a_roster_in_force_has_no_holes(office: RosteredOffice) -> None:
    assert open_holes(office, at("09:00")) == []


def test_a_leave_that_leaves_nobody_is_noted_the_day_before_and_over_when_somebody_takes_over(
    office: RosteredOffice,
) -> None:
    office.put(written(office))
    assert open_holes(office, at("09:00")) == []
    context, tuesday = office.context("09:00"), MONDAY + timedelta(days=1)
    enter_leave(context, "01", Absence(office.town.people["li"].id, tuesday, tuesday), "病假")
    noted = [(f"line:invoice:{tuesday}", "08:30–12:00, 14:00–17:30")]
    assert open_holes(office, at("09:01")) == noted
    assert open_holes(office, at("09:02")) == noted, "one incident, however often it is seen"
    for afternoon in (False, True):
        shift = office.shift("invoice", tuesday, afternoon=afternoon)
        new = type(shift)(shift.line, shift.day, shift.span, (office.post("zhang2", "802"),), shift.leader)
        set_shift(context, "01", office.looked, new, Place(shift.line, shift.day, shift.span))
    office.put(context)
    assert open_holes(office, at("09:03")) == []


def test_the_next_working_day_is_looked_at_over_a_holiday(office: RosteredOffice) -> None:
    """From 25 to 27 September 2026 nobody works; the week after is not written yet."""
    office.put(written(office))
    monday_after = date(2026, 9, 28)
    found = open_holes(office, at("18:00", date(2026, 9, 24)))
    assert {subject for subject, _ in found} == {f"line:{line}:{monday_after}" for line in ("main", "invoice")}


def test_what_is_over_today_is_not_noted_any_more(office: RosteredOffice) -> None:
    office.put(written(office))
    next_monday = WORKED[0] + timedelta(days=7)
    assert (f"line:main:{next_monday}", "08:30–12:00, 14:00–17:30") in open_holes(office, at("07:00", next_monday))
    assert (f"line:main:{next_monday}", "14:00–17:30") in open_holes(office, at("12:00", next_monday))
    assert f"line:main:{next_monday}" not in {one for one, _ in open_holes(office, at("18:00", next_monday))}
    assert MORNING.starts.hour == 8
