"""Deadlines in working days: as published, as entered by hand, and provisional where a year is not known."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Role, Scope
from supervision.clock import now
from supervision.context import Context
from supervision.database import Database
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import is_open
from supervision.machines.service import HEADQUARTERS
from supervision.mail.models import Mail
from supervision.rectification.rules import MOST_WORKING_DAYS
from supervision.workdays import service
from supervision.workdays.queries import get_calendar, published, working_days_after
from supervision.workdays.rules import Counted, WorkCalendar, count_after, count_between, provisional_years
from tests.factories import make_actor

FRIDAY = date(2026, 1, 2)
KNOWN = WorkCalendar(published().holidays, published().made_up, published().years)
UNKNOWN = max(published().years) + 1


def a_context(session: Session, at: datetime | None = None) -> Context:
    """The head, who enters days."""
    return Context(session, make_actor(session, Role.SUPERVISION_HEAD), Scope(), at or now())


def test_the_make_up_days_and_holidays_of_2026_are_known() -> None:
    made_up = [day for day in published().made_up if day.year == 2026]
    assert sorted(made_up) == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    assert not KNOWN.is_worked(date(2026, 10, 1))
    assert KNOWN.is_worked(date(2026, 11, 30))
    assert not KNOWN.is_worked(date(2026, 11, 29))


def test_a_deadline_passes_over_the_spring_festival_and_counts_the_saturday_before_it() -> None:
    assert count_after(KNOWN, date(2026, 2, 12), 3) == Counted(date(2026, 2, 24), provisional=False)


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 60), st.sets(st.integers(1, 90)))
def test_so_many_worked_days_lie_between_a_day_and_its_deadline(
    start: date, number: int, turned: set[int]
) -> None:
    entered = {start + timedelta(days=n): (start + timedelta(days=n)).weekday() > 4 for n in turned}
    calendar = WorkCalendar(entered=entered)
    end = count_after(calendar, start, number).day
    assert count_between(calendar, start, end) == number
    assert count_between(calendar, end, start) == -number
    assert number == 0 or calendar.is_worked(end)


def test_a_year_that_is_not_known_counts_monday_to_friday_and_is_provisional_until_confirmed() -> None:
    start = date(UNKNOWN - 1, 12, 30)
    counted = count_after(KNOWN, start, 5)
    assert counted.provisional
    assert count_between(WorkCalendar(), date(UNKNOWN, 1, 1), counted.day) == count_between(
        KNOWN, date(UNKNOWN, 1, 1), counted.day
    )
    confirmed = WorkCalendar(KNOWN.holidays, KNOWN.made_up, KNOWN.known, confirmed={UNKNOWN})
    assert not count_after(confirmed, start, 5).provisional
    assert provisional_years(KNOWN, date(UNKNOWN - 1, 9, 1)) == []
    assert provisional_years(KNOWN, date(UNKNOWN - 1, 11, 30)) == [UNKNOWN]
    assert provisional_years(confirmed, date(UNKNOWN - 1, 11, 30)) == []


def test_the_head_hears_of_each_year_that_a_deadline_set_on_that_day_may_reach() -> None:
    days = [date(UNKNOWN - 1, 1, 1) + timedelta(days=n) for n in range(365)]
    reaching = [day for day in days if count_after(KNOWN, day, MOST_WORKING_DAYS).provisional]
    assert reaching
    assert all(provisional_years(KNOWN, day) == [UNKNOWN] for day in reaching)


def test_a_day_entered_by_hand_wins_and_says_who_and_why(store: Database) -> None:
    with store.transaction() as session:
        context = a_context(session)
        assert working_days_after(session, FRIDAY, 1).day == date(2026, 1, 4)
        service.enter_days(context, date(2026, 1, 4), date(2026, 1, 6), worked=False, reason=" 停电 ")
        assert working_days_after(session, FRIDAY, 1).day == date(2026, 1, 7)
        service.enter_days(context, date(2026, 1, 5), date(2026, 1, 5), worked=True, reason="照常上班")
        assert working_days_after(session, FRIDAY, 1).day == date(2026, 1, 5)
        service.withdraw_day(context, date(2026, 1, 4), "误录")
        assert working_days_after(session, FRIDAY, 1).day == date(2026, 1, 4)
        with pytest.raises(Refused, match="day_not_entered"):
            service.withdraw_day(context, date(2026, 1, 4), "误录")


@pytest.mark.parametrize(
    ("last", "reason", "where"),
    [(date(2026, 1, 1), "停电", "last"), (date(2026, 2, 2), "停电", "last"), (FRIDAY, "  ", "reason")],
)
def test_days_are_entered_in_order_not_too_many_and_with_a_reason(
    store: Database, last: date, reason: str, where: str
) -> None:
    with store.transaction() as session, pytest.raises(InvalidInput, match=where):
        service.enter_days(a_context(session), FRIDAY, last, worked=False, reason=reason)


def test_the_head_is_notified_once_of_a_year_that_is_not_known_until_somebody_confirms_it(store: Database) -> None:
    at = datetime(UNKNOWN - 1, 11, 30, tzinfo=UTC)
    with store.transaction() as session:
        context = a_context(session, at)
        for hours in range(3):
            service.note_provisional(session, at + timedelta(hours=hours), "tax.example")
        assert list(session.scalars(select(Mail.recipient))) == [f"{context.actor.login}@tax.example"]
        incident = session.scalars(select(Incident).where(Incident.cause == Cause.CALENDAR_PROVISIONAL)).one()
        assert (incident.times, incident.subject, incident.healed_at) == (1, f"year:{UNKNOWN}", None)
        service.confirm_year(context, UNKNOWN, "国办发明电 3 号")
        session.refresh(incident)
        assert incident.healed_at == at
        assert not get_calendar(session).is_provisional(UNKNOWN)
        with pytest.raises(Refused, match="year_known"):
            service.confirm_year(context, UNKNOWN, "再次")


def test_a_confirmed_year_can_be_opened_again_and_the_head_is_told_anew(store: Database) -> None:
    at = datetime(UNKNOWN - 1, 11, 30, tzinfo=UTC)
    with store.transaction() as session:
        context = a_context(session, at)
        with pytest.raises(Refused, match="year_not_confirmed"):
            service.withdraw_year(context, UNKNOWN, "误认")
        service.confirm_year(context, UNKNOWN, "国办发明电 3 号")
        service.withdraw_year(context, UNKNOWN, "缺端午节")
        assert get_calendar(session).is_provisional(UNKNOWN)
        service.note_provisional(session, at)
        assert is_open(session, HEADQUARTERS, Cause.CALENDAR_PROVISIONAL, f"year:{UNKNOWN}")


def test_of_two_heads_who_confirm_a_year_at_once_the_second_is_refused(store: Database) -> None:
    with store.transaction() as session:
        service.confirm_year(a_context(session), UNKNOWN, "国办发明电 3 号")
    with store.transaction() as session, pytest.raises(Conflict), pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "get_calendar", lambda _: KNOWN)  # what the second one read was from before
        service.confirm_year(a_context(session), UNKNOWN, "再次")
