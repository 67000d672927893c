"""A closed rectification is watched for 90 days; an unanswered one is reminded of, each day, one level up."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from supervision.actor import Scope
from supervision.clock import local
from supervision.errors import NotFound
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.mail.models import Mail
from supervision.rectification.messages import (
    SentRectifications,
    apply_copies,
    changed_after,
    get_copy,
    list_copies,
    position,
)
from supervision.rectification.models import Rectification
from supervision.rectification.rules import RectificationState, does_recur
from supervision.rectification.watching import list_watched, remind_of, watch_one
from supervision.workdays.service import enter_days
from tests.evaluations.factories import Work
from tests.findings.factories import breach, treated
from tests.rectification.factories import ISSUED, answered, closed, issued

CLOSED = ISSUED + timedelta(days=3)


def watched(work: Work, at: datetime) -> list[bool]:
    return [watch_one(work.session, one.id, at) for one in list_watched(work.session, at)]


def test_one_more_finding_of_the_category_in_a_drawn_call_reopens_it(work: Work) -> None:
    found = closed(work, issued(work))
    assert watched(work, CLOSED) == [False]
    again = treated(work, breach(2), at=CLOSED + timedelta(days=89))
    at = CLOSED + timedelta(days=100)
    assert watched(work, at) == [True]
    assert watched(work, at) == []
    assert (found.state, found.recurred, found.closed_at) == (RectificationState.REOPENED, 1, None)
    assert [(one.treatment_id, one.recurred) for one in found.findings][1:] == [(again.id, True)]
    assert found.due_on > at.date()
    assert closed(work, found, at=at + timedelta(days=3)).state is RectificationState.CLOSED


@pytest.mark.parametrize(
    ("days", "facts", "category"),
    [
        (92, {}, "manner"),
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
    assert watched(work, CLOSED + timedelta(days=100)) == [False]
    assert found.state is RectificationState.CLOSED


def test_the_watch_ends_when_no_judgement_can_come_any_more(work: Work) -> None:
    closed(work, issued(work))
    assert len(list_watched(work.session, CLOSED + timedelta(days=149))) == 1
    assert list_watched(work.session, CLOSED + timedelta(days=151)) == []


def told(work: Work) -> list[str]:
    return sorted(one.partition("@")[0] for one in work.session.scalars(select(Mail.recipient)))


def test_who_must_answer_is_reminded_and_once_overdue_the_next_level_too_each_day(work: Work) -> None:
    found = issued(work)
    due = ISSUED.replace(hour=10) + timedelta(days=14)
    assert not remind_of(work.session, found.id, due - timedelta(days=3), "tax.example")
    assert [remind_of(work.session, found.id, due + timedelta(hours=n), "tax.example") for n in (0, 1)] == [
        True,
        False,
    ]
    assert told(work) == ["deputy", "leader"]
    late = due + timedelta(days=1)
    assert remind_of(work.session, found.id, late, "tax.example")
    assert told(work) == sorted(["deputy", "leader"] * 2 + ["head", "supervisor", "supervisor2"])
    incident = work.session.scalars(select(Incident).where(Incident.cause == Cause.RECTIFICATION_OVERDUE)).one()
    assert (incident.office_code, incident.detail["number"]) == ("01", found.number)
    answered(work, found)
    work.session.refresh(incident)
    assert incident.healed_at is not None
    assert not remind_of(work.session, found.id, late + timedelta(days=1), "tax.example")


def test_inside_an_office_the_person_is_reminded_and_then_his_leaders(work: Work) -> None:
    found = issued(work, login="leader", to="zhang")
    due = ISSUED + timedelta(days=14)
    remind_of(work.session, found.id, due, "tax.example")
    assert told(work) == ["zhang"]
    remind_of(work.session, found.id, due + timedelta(days=1), "tax.example")
    assert told(work) == ["deputy", "leader", "zhang", "zhang"]


def test_days_that_are_entered_later_move_the_due_day(work: Work) -> None:
    found = issued(work)
    monday = date(2026, 3, 23)
    enter_days(work.context("head"), monday, monday, worked=False, reason="台风停工")
    assert not remind_of(work.session, found.id, ISSUED + timedelta(days=1))
    assert found.due_on == date(2026, 3, 31)


def test_a_notice_reaches_the_offices_node_each_change_once(work: Work) -> None:
    found, session = issued(work), work.session

    def exchanged(office: str = "01") -> SentRectifications:
        sent = changed_after(session, office, position(session, office))
        apply_copies(session, office, SentRectifications.model_validate(json.loads(sent.model_dump_json())))
        return sent

    assert len(exchanged().rectifications) == 1
    assert exchanged().rectifications == ()
    assert exchanged("02").rectifications == ()
    answered(work, found)
    assert len(exchanged().rectifications) == 1
    told_copy = get_copy(session, Scope(office_code="01"), found.id)
    assert (told_copy.state, told_copy.number) == (RectificationState.ANSWERED, found.number)
    assert [one.author for one in told_copy.replies] == ["陈所长"]
    assert [one.rectification_id for one in list_copies(session, Scope(office_code="01")).rows] == [found.id]
    assert list_copies(session, work.town.scope("zhang")).rows == []
    with pytest.raises(NotFound):
        get_copy(session, work.town.scope("zhang"), found.id)
    with pytest.raises(NotFound):
        get_copy(session, Scope(office_code="01"), uuid.uuid4())
    assert session.get(Rectification, found.id) is not None


@given(days=st.integers(-400, 400), hours=st.integers(0, 23))
def test_the_watch_ends_with_its_last_day_in_the_bureaus_zone(days: int, hours: int) -> None:
    closed_at = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC) + timedelta(hours=hours)
    called_at = closed_at + timedelta(days=days)
    closed_on, called_on = local(closed_at).date(), local(called_at).date()
    recurs = does_recur(called_on, closed_on, drawn=True, after_closing=called_at > closed_at)
    assert recurs is (0 < days <= 90)
