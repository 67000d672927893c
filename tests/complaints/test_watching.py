"""Who must see to a complaint is reminded by mail once a day, once it is overdue the bureau's leaders as well."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from supervision.actor import Role
from supervision.audit.models import AuditEntry
from supervision.clock import day_bounds
from supervision.complaints import service
from supervision.complaints.models import Complaint
from supervision.complaints.queries import ComplaintFilter, count_open, list_complaints
from supervision.complaints.watching import list_open, remind_of
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.mail.models import Mail
from supervision.workdays.service import enter_days
from tests.complaints.factories import ENTERED, decided, proposed, received
from tests.evaluations.factories import Work

BEFORE, ON_IT, AFTER = timedelta(days=-2), timedelta(hours=1), timedelta(days=1)


def reminded(work: Work, one: Complaint, after: timedelta) -> list[str]:
    """Whom a look so long after the beginning of the last day writes to."""
    known = set(work.session.scalars(select(Mail.id)))
    remind_of(work.session, one.id, day_bounds(one.due_on)[0] + after, "tax.example")
    fresh = select(Mail).where(Mail.id.not_in(known))
    return sorted(mail.recipient.removesuffix("@tax.example") for mail in work.session.scalars(fresh))


@pytest.fixture
def bureau(work: Work) -> str:
    account = work.town.people["li"]
    account.role, account.office_code = Role.BUREAU_LEADER, None
    return account.login


def test_whose_turn_it_is_is_reminded_and_once_overdue_the_bureau_too_each_day(work: Work, bureau: str) -> None:
    one = received(work)
    section = ["head", "supervisor", "supervisor2"]
    assert reminded(work, one, BEFORE) == []
    assert reminded(work, one, ON_IT) == section
    assert reminded(work, one, 2 * ON_IT) == []
    proposed(work, one)
    assert reminded(work, one, AFTER) == ["head", bureau, "supervisor2"]
    newest = work.session.scalars(select(Mail).order_by(Mail.written_at.desc())).first()
    assert newest
    assert newest.subject == "[投诉逾期] 2026-0001: 2026-03-23"
    assert "当前待作出认定" in newest.body
    assert "waits for its decision" in newest.body
    assert "王五" not in newest.body
    assert list_open(work.session) == [one]


def test_its_handler_is_reminded_alone_unless_he_has_left(work: Work) -> None:
    one = received(work)
    service.take(work.context("supervisor"), one.id, version=one.version)
    assert reminded(work, one, ON_IT) == ["supervisor"]
    work.town.people["supervisor"].active = False
    assert reminded(work, one, AFTER) == ["head", "supervisor2"]


def test_whom_it_is_about_is_never_reminded(work: Work) -> None:
    """A supervisor who sat at the desk when it was called, as an officer before."""
    one, call = received(work), work.call()
    work.town.seat("01/801", "supervisor2", call.offered_at - AFTER, call.offered_at + AFTER)
    service.tie_call(work.context("supervisor"), one.id, call.id, version=one.version)
    assert reminded(work, one, ON_IT) == ["head", "supervisor"]


def test_an_overdue_one_is_an_incident_until_it_is_answered(work: Work) -> None:
    one, session = received(work), work.session
    last = day_bounds(one.due_on)[0]
    days = [remind_of(session, one.id, last + timedelta(days=days)) for days in (-2, 0, 0, 1, 1, 2)]
    assert days == [False, True, False, True, False, True]
    assert count_open(session, date(2026, 3, 24)) == (1, 1)
    overdue = ComplaintFilter(overdue=date(2026, 3, 24))
    assert [found.id for found in list_complaints(session, overdue).rows] == [one.id]
    (incident,) = session.scalars(select(Incident).where(Incident.cause == Cause.COMPLAINT_OVERDUE))
    assert (incident.healed_at, incident.detail["number"]) == (None, one.number)
    decided(work, one)
    service.close(work.context("supervisor"), one.id, "已答复", version=one.version)
    session.refresh(incident)
    assert incident.healed_at is not None
    assert not remind_of(session, one.id, last + timedelta(days=3))


def test_days_that_are_entered_later_move_the_due_day_and_none_that_is_over(work: Work) -> None:
    one, monday = received(work), date(2026, 3, 23)
    enter_days(work.context("head"), monday, monday, worked=False, reason="台风停工")
    remind_of(work.session, one.id, ENTERED + AFTER)
    assert one.due_on == date(2026, 3, 24)
    enter_days(work.context("head"), date(2026, 3, 24), date(2026, 3, 24), worked=False, reason="台风停工")
    remind_of(work.session, one.id, ENTERED + timedelta(days=20))
    assert one.due_on == date(2026, 3, 24)
    acts = work.session.scalars(select(AuditEntry.act).where(AuditEntry.subject == one.subject))
    assert list(acts).count("complaint_recounted") == 1
