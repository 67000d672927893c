"""A closed rectification is watched for 90 days; an unanswered one is reminded of, each day, one level up."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from supervision.actor import Role, Scope
from supervision.audit.messages import copied_until
from supervision.audit.rules import BEGINNING, Head
from supervision.clock import day_bounds
from supervision.errors import NotFound
from supervision.evaluations.rules import Category
from supervision.findings import service as findings
from supervision.findings.rules import Prevention, Standing
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.mail.models import Mail
from supervision.rectification import service
from supervision.rectification.messages import (
    SentRectifications,
    apply_copies,
    changed_after,
    get_copy,
    list_copies,
)
from supervision.rectification.models import Rectification, RectificationCopy
from supervision.rectification.rules import RectificationState
from supervision.rectification.service import watch_end
from supervision.rectification.watching import list_recurring, remind_of, watch_one
from supervision.workdays.service import enter_days
from tests.evaluations.factories import Work
from tests.findings.factories import breach, treated
from tests.rectification.factories import ISSUED, answered, closed, issued, verified, withdrawn

CLOSED = ISSUED + timedelta(days=3)


def watched(work: Work, at: datetime) -> list[bool]:
    return [watch_one(work.session, one.id, at) for one in list_recurring(work.session)]


def test_one_more_finding_of_the_category_in_a_drawn_call_reopens_it(work: Work) -> None:
    found = closed(work, issued(work))
    assert watched(work, CLOSED) == []
    again = treated(work, breach(2), at=CLOSED + timedelta(days=89))
    at = CLOSED + timedelta(days=100)
    assert watched(work, at) == [True]
    assert watched(work, at) == []
    assert (found.state, found.recurred, found.closed_at) == (RectificationState.REOPENED, 1, None)
    assert [(one.treatment_id, one.recurred) for one in found.findings][1:] == [(again.id, True)]
    assert found.due_on > at.date()
    assert (again.prevention, again.prevention_text) == (Prevention.RECTIFICATION, found.number)
    assert closed(work, found, at=at + timedelta(days=3)).state is RectificationState.CLOSED


@pytest.mark.parametrize(
    ("days", "facts", "category"),
    [
        (91, {}, "manner"),
        (-1, {}, "manner"),
        (5, {}, "words"),
        (5, {"office_code": "02", "line_key": "east"}, "manner"),
    ],
)
def test_what_is_too_late_too_early_another_category_or_office_does_not(
    work: Work, days: int, facts: dict[str, str], category: str
) -> None:
    found = closed(work, issued(work))
    if facts:
        ticket = work.draw([work.call(20, at=CLOSED + timedelta(days=days), **facts)], office="02")[0]
        work.judges("leader2", ticket, findings=[breach(2, category)])
    else:
        treated(work, breach(2, category), at=CLOSED + timedelta(days=days))
    assert watched(work, CLOSED + timedelta(days=100)) == []
    assert not watch_one(work.session, found.id, CLOSED + timedelta(days=100))
    assert found.state is RectificationState.CLOSED


@pytest.mark.parametrize("days", [0, 80, 90])
def test_a_call_of_the_watch_reopens_it_however_late_it_is_judged(work: Work, days: int) -> None:
    found = closed(work, issued(work))
    treated(work, breach(2), at=day_bounds(CLOSED.date() + timedelta(days=days))[1] - timedelta(seconds=1))
    assert watched(work, CLOSED + timedelta(days=400)) == [True]
    assert found.state is RectificationState.REOPENED


def test_what_a_person_chose_to_check_reopens_nothing(work: Work) -> None:
    found = closed(work, issued(work))
    treated(work, breach(2), at=CLOSED + timedelta(days=5)).drawn = False
    work.session.flush()
    assert watched(work, CLOSED + timedelta(days=9)) == []
    assert not watch_one(work.session, found.id, CLOSED + timedelta(days=9))


def test_what_an_amendment_took_back_is_neither_watched_nor_recurs(work: Work) -> None:
    one, other = treated(work), treated(work, breach(3, "words"))
    found = closed(work, issued(work, one, other))
    again = treated(work, breach(2), at=CLOSED + timedelta(days=5))
    one.state = Standing.GONE
    work.session.flush()
    assert watched(work, CLOSED + timedelta(days=9)) == []
    assert found.categories == {Category.WORDS}
    one.state, again.state = Standing.OPEN, Standing.GONE
    work.session.flush()
    assert watched(work, CLOSED + timedelta(days=9)) == []


def test_what_was_found_again_keeps_its_own_measure(work: Work) -> None:
    closed(work, issued(work))
    again = treated(work, breach(2), at=CLOSED + timedelta(days=5))
    findings.prevent(work.context("leader"), again.id, "讲评", needed=True, version=again.version)
    assert watched(work, CLOSED + timedelta(days=9)) == [True]
    assert (again.prevention, again.prevention_text) == (Prevention.MEASURE, "讲评")


def recipients(work: Work) -> list[str]:
    return sorted(one.partition("@")[0] for one in work.session.scalars(select(Mail.recipient)))


def test_who_must_answer_is_reminded_and_once_overdue_the_next_level_too_each_day(work: Work) -> None:
    found = issued(work)
    due = ISSUED.replace(hour=10) + timedelta(days=14)
    assert not remind_of(work.session, found.id, due - timedelta(days=3), "tax.example")
    assert [remind_of(work.session, found.id, due + timedelta(hours=n), "tax.example") for n in (0, 1)] == [
        True,
        False,
    ]
    assert recipients(work) == ["deputy", "leader"]
    late = due + timedelta(days=1)
    assert remind_of(work.session, found.id, late, "tax.example")
    assert recipients(work) == sorted(["deputy", "leader"] * 2 + ["head", "supervisor", "supervisor2"])
    incident = work.session.scalars(select(Incident).where(Incident.cause == Cause.RECTIFICATION_OVERDUE)).one()
    assert (incident.office_code, incident.detail["number"]) == ("01", found.number)
    answered(work, found)
    work.session.refresh(incident)
    assert incident.healed_at is not None


def test_who_must_verify_is_reminded_and_once_overdue_the_next_level_too_until_it_is_closed(work: Work) -> None:
    found, bureau = answered(work, issued(work)), work.town.people["li"]
    bureau.role, bureau.office_code = Role.BUREAU_LEADER, None
    due = ISSUED + timedelta(days=15)
    assert found.due_on == due.date()
    assert not remind_of(work.session, found.id, due - timedelta(days=3), "tax.example")
    assert remind_of(work.session, found.id, due, "tax.example")
    assert recipients(work) == ["head", "supervisor", "supervisor2"]
    verified(work, found)
    assert remind_of(work.session, found.id, due + timedelta(days=1), "tax.example")
    assert recipients(work) == sorted(["head", "supervisor", "supervisor2"] * 2 + ["li"])
    newest = work.session.scalars(select(Mail).order_by(Mail.written_at.desc())).first()
    assert newest
    assert "前核实并办结" in newest.body
    assert "The last day to verify and close it" in newest.body
    incident = work.session.scalars(select(Incident).where(Incident.cause == Cause.RECTIFICATION_OVERDUE)).one()
    service.close(work.context("supervisor", due), found.id, version=found.version)
    work.session.refresh(incident)
    assert incident.healed_at is not None
    assert not remind_of(work.session, found.id, due + timedelta(days=2), "tax.example")


def test_a_returned_reply_gives_the_other_side_its_turn_and_its_days(work: Work) -> None:
    found = answered(work, issued(work))
    late = ISSUED + timedelta(days=30)
    remind_of(work.session, found.id, late)
    incident = work.session.scalars(select(Incident).where(Incident.cause == Cause.RECTIFICATION_OVERDUE)).one()
    service.return_reply(work.context("supervisor", late), found.id, "不够", days=3, version=found.version)
    work.session.refresh(incident)
    assert incident.healed_at is not None
    assert remind_of(work.session, found.id, late + timedelta(days=5), "tax.example")
    assert recipients(work) == ["deputy", "leader"]


def test_inside_an_office_its_leaders_verify_and_headquarters_hears_of_it_once_overdue(work: Work) -> None:
    found = answered(work, issued(work, login="leader", to="deputy"), "deputy")
    due = ISSUED + timedelta(days=15)
    remind_of(work.session, found.id, due, "tax.example")
    assert recipients(work) == ["leader"]
    remind_of(work.session, found.id, due + timedelta(days=1), "tax.example")
    assert recipients(work) == ["head", "leader", "leader", "supervisor", "supervisor2"]


def test_where_the_addressee_has_left_his_leaders_are_reminded_at_once(work: Work) -> None:
    found = issued(work, login="leader", to="zhang")
    work.town.people["zhang"].active = False
    work.session.flush()
    remind_of(work.session, found.id, ISSUED + timedelta(days=14), "tax.example")
    assert recipients(work) == ["deputy", "leader"]


def test_inside_an_office_the_person_is_reminded_and_then_his_leaders(work: Work) -> None:
    found = issued(work, login="leader", to="zhang")
    due = ISSUED + timedelta(days=14)
    remind_of(work.session, found.id, due, "tax.example")
    assert recipients(work) == ["zhang"]
    remind_of(work.session, found.id, due + timedelta(days=1), "tax.example")
    assert recipients(work) == ["deputy", "leader", "zhang", "zhang"]


def test_days_that_are_entered_later_move_the_due_day(work: Work) -> None:
    found = issued(work)
    monday = date(2026, 3, 23)
    enter_days(work.context("head"), monday, monday, worked=False, reason="台风停工")
    assert not remind_of(work.session, found.id, ISSUED + timedelta(days=1))
    assert found.due_on == date(2026, 3, 31)


def test_a_notice_reaches_the_offices_node_each_change_once(work: Work) -> None:
    found, session = issued(work), work.session

    def exchanged(office: str = "01") -> SentRectifications:
        sent = changed_after(session, office, copied_until(session, office, "rectifications"))
        apply_copies(session, office, SentRectifications.model_validate(json.loads(sent.model_dump_json())))
        return sent

    assert len(exchanged().copies) == 1
    assert exchanged().copies == ()
    assert exchanged("02").copies == ()
    answered(work, found)
    assert len(exchanged().copies) == 1
    copy = get_copy(session, Scope(office_code="01"), found.id)
    assert (copy.state, copy.number) == (RectificationState.ANSWERED, found.number)
    assert [one.author for one in copy.replies] == ["陈所长"]
    assert [one.rectification_id for one in list_copies(session, Scope(office_code="01")).rows] == [found.id]
    assert list_copies(session, work.town.scope("zhang")).rows == []
    with pytest.raises(NotFound):
        get_copy(session, work.town.scope("zhang"), found.id)
    with pytest.raises(NotFound):
        get_copy(session, Scope(office_code="01"), uuid.uuid4())
    assert session.get(Rectification, found.id) is not None
    withdrawn(work, found)
    assert [one.state for one in exchanged().copies] == [RectificationState.WITHDRAWN]


@pytest.mark.parametrize("known", [Head(10**6, "a" * 64), Head(1, "a" * 64)])
def test_a_headquarters_that_was_put_back_tells_anew_and_what_it_does_not_know_goes(
    work: Work, known: Head
) -> None:
    found, session = issued(work), work.session
    lost = RectificationCopy(
        rectification_id=uuid.uuid4(), office_code="01", issued_at=ISSUED, due_on=ISSUED.date(), received={}
    )
    lost.state = RectificationState.OPEN
    session.add(lost)
    session.flush()
    again = changed_after(session, "01", known)
    assert (again.anew, [one.id for one in again.copies]) == (True, [found.id])
    apply_copies(session, "01", again)
    session.expire_all()
    assert [one.rectification_id for one in list_copies(session, Scope(office_code="01")).rows] == [found.id]
    here = copied_until(session, "01", "rectifications")
    assert not changed_after(session, "01", here).anew
    assert not changed_after(session, "01", Head(here.n, "")).anew
    assert not changed_after(session, "01", BEGINNING).anew


@given(days=st.integers(-400, 400), hours=st.integers(0, 23))
def test_the_watch_ends_with_its_last_day_in_the_bureaus_zone(days: int, hours: int) -> None:
    closed_at = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC) + timedelta(hours=hours)
    called_at = closed_at + timedelta(days=days)
    is_watched = closed_at < called_at < watch_end(closed_at)
    assert is_watched is (0 < days <= 90)
