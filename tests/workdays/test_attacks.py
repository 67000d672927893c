"""Days are entered by two people at once, or without end; a deadline is found all the same."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from supervision.actor import Role, Scope
from supervision.context import Context
from supervision.database import Database
from supervision.workdays import service
from supervision.workdays.queries import published
from supervision.workdays.rules import Counted, WorkCalendar, count_after, recounted
from tests.factories import make_actor
from tests.locks import at_once

DAY = date(2026, 3, 16)


@pytest.mark.postgres
def test_two_who_enter_the_same_day_or_confirm_the_same_year_are_both_answered(postgres_url: str) -> None:
    database, unknown = Database(postgres_url), max(published().years) + 1
    with database.transaction() as session:
        head = make_actor(session, Role.SUPERVISION_HEAD)

    def enters(session: Session) -> object:
        return service.enter_days(Context(session, head, Scope()), DAY, DAY, worked=False, reason="台风停工")

    def confirms(session: Session) -> None:
        service.confirm_year(Context(session, head, Scope()), unknown, "已全部录入")

    assert at_once(database, enters, enters) == ["done", "conflict"]
    assert at_once(database, confirms, confirms) == ["done", "conflict"]
    database.close()


@given(st.dates(DAY, DAY + timedelta(days=400)), st.integers(-10, 60), st.integers(0, 400))
def test_a_deadline_is_found_behind_any_number_of_free_days(start: date, number: int, free: int) -> None:
    entered = {DAY + timedelta(days=n): False for n in range(free)}
    found = count_after(WorkCalendar(entered=entered), start, number).day
    assert start <= found <= max(start, DAY + timedelta(days=free)) + timedelta(days=7 * max(number, 0) + 7)


@pytest.mark.parametrize("number", [-10_000, -1, 0])
def test_no_working_days_are_over_at_once(number: int) -> None:
    assert count_after(WorkCalendar(), DAY, number) == Counted(DAY, provisional=False)


days = st.dates(DAY - timedelta(days=40), DAY + timedelta(days=40))


@given(days, st.booleans(), days, st.booleans())
def test_counting_anew_moves_nothing_over_the_line_but_what_was_provisional(
    known: date, provisional: bool, found: date, still: bool
) -> None:
    due = recounted(Counted(known, provisional), Counted(found, still), DAY)
    assert due.day in {known, found}
    if known >= DAY:
        assert due.day >= DAY
    elif still or not provisional:
        assert due == Counted(known, provisional)
    else:
        assert due.day >= known
