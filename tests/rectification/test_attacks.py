"""Who stood on one side of a notice does not come back on the other; what is watched is not his to choose."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from supervision.actor import Role
from supervision.clock import day_bounds
from supervision.draws.models import AnsweredCall
from supervision.errors import InvalidInput, Refused
from supervision.evaluations.rules import Category
from supervision.evaluations.service import amend, content_of
from supervision.findings.service import open_treatments
from supervision.people.reset_rules import is_barred
from supervision.people.rules import Act
from supervision.rectification import service
from supervision.rectification.attachments import Kept
from supervision.rectification.models import Rectification
from supervision.rectification.queries import to_answer, to_judge
from supervision.rectification.rules import (
    LARGEST_BYTES,
    MOST_BYTES_A_DAY,
    MOST_FILES,
    Media,
    RectificationState,
)
from supervision.rectification.service import Answer
from supervision.rectification.watching import remind_of, watch_one
from supervision.workdays.service import enter_days
from tests.evaluations.factories import Work
from tests.findings.factories import breach, treated
from tests.rectification.factories import ISSUED, answered, closed, issued, verified

CLOSED = ISSUED + timedelta(days=3)


def becomes(work: Work, login: str, role: Role, office: str | None = None) -> None:
    """A person gets another role, as an administrator gives it, and somebody agrees."""
    account = work.town.people[login]
    account.role, account.office_code = role, office
    work.session.flush()


def closes(work: Work, found: Rectification, login: str) -> Rectification:
    return service.close(work.context(login, CLOSED), found.id, version=found.version)


def test_who_issued_a_notice_does_not_answer_it_as_a_leader_later(work: Work) -> None:
    found = issued(work)
    becomes(work, "supervisor", Role.OFFICE_LEADER, "01")
    assert to_answer(work.session, work.town.actor("supervisor")) == []
    with pytest.raises(Refused, match="rectification_issued_yourself"):
        answered(work, found, "supervisor")
    assert answered(work, found, "deputy").state is RectificationState.ANSWERED


def test_who_closed_a_notice_does_not_answer_it_once_it_recurred(work: Work) -> None:
    found = verified(work, answered(work, issued(work)), "supervisor2")
    closes(work, found, "head")
    treated(work, breach(2), at=CLOSED + timedelta(days=5))
    assert watch_one(work.session, found.id, CLOSED + timedelta(days=10))
    becomes(work, "head", Role.OFFICE_LEADER, "01")
    with pytest.raises(Refused, match="rectification_judged_yourself"):
        answered(work, found, "head")


@pytest.mark.parametrize(
    "move",
    [
        lambda work, one: verified(work, one, "deputy"),
        lambda work, one: closes(work, one, "deputy"),
        lambda work, one: service.return_reply(
            work.context("deputy"), one.id, "不够", days=5, version=one.version
        ),
    ],
)
def test_nobody_verifies_returns_or_closes_what_is_about_his_own_call(
    work: Work, move: Callable[[Work, Rectification], object]
) -> None:
    one = treated(work)
    one.person_id = work.town.people["deputy"].id
    found = answered(work, issued(work, one, login="leader", to="zhang"), "zhang")
    with pytest.raises(Refused, match="rectification_about_yourself"):
        move(work, found)
    assert to_judge(work.session, work.town.actor("deputy"), work.town.scope("deputy")) == []
    assert verified(work, found, "leader").state is RectificationState.VERIFIED


def test_where_the_watch_found_the_issuers_own_call_the_section_goes_on(work: Work) -> None:
    found = answered(work, issued(work, login="leader", to="zhang"), "zhang")
    closes(work, verified(work, found, "leader"), "leader")
    again = treated(work, breach(2), at=CLOSED + timedelta(days=5))
    again.person_id = work.town.people["leader"].id
    assert watch_one(work.session, found.id, CLOSED + timedelta(days=10))
    answered(work, found, "zhang")
    with pytest.raises(Refused, match="rectification_about_yourself"):
        verified(work, found, "leader")
    section = work.town.actor("supervisor"), work.town.scope("supervisor")
    assert [one.id for one in to_judge(work.session, *section)] == [found.id]
    assert verified(work, found, "supervisor").state is RectificationState.VERIFIED


def test_an_amendment_after_the_closing_does_not_change_what_is_watched(work: Work) -> None:
    """Its reviewer is a leader of the office that is watched."""
    one = treated(work)
    found = closed(work, issued(work, one))
    judged = one.evaluation.judgements[-1]
    content = content_of(judged)
    other = replace(content, findings=tuple(replace(f, category=Category.WORDS) for f in content.findings))
    amend(work.context("leader", CLOSED), one.evaluation_id, other, reason="更正", n=judged.n)
    open_treatments(work.session)
    treated(work, breach(2), at=CLOSED + timedelta(days=5))
    assert watch_one(work.session, found.id, CLOSED + timedelta(days=10))


@pytest.mark.parametrize("days", [-9, 200])
def test_a_call_is_watched_at_the_time_that_its_office_sent_first(work: Work, days: int) -> None:
    """An office may send a call again, with other times, once it knows that it was drawn."""
    found = closed(work, issued(work))
    again = treated(work, breach(2), at=CLOSED + timedelta(days=8))
    call, at = again.call, again.call.offered_at
    times = {"began_at": at, "answered_at": at, "received_at": at, "week": "2026-W13", "month": "2026-03"}
    work.session.add(AnsweredCall(call_id=call.id, office_code="01", desk="", **times))
    call.offered_at = CLOSED + timedelta(days=days)
    work.session.flush()
    assert watch_one(work.session, found.id, CLOSED + timedelta(days=20))


def test_days_entered_after_the_last_one_make_nothing_less_overdue(work: Work) -> None:
    found = issued(work)
    last = found.due_on
    enter_days(work.context("head"), date(2026, 3, 16), last, worked=False, reason="台风停工")
    remind_of(work.session, found.id, day_bounds(last)[1] + timedelta(hours=9))
    assert found.due_on == last


def test_days_entered_as_worked_make_nothing_overdue_that_was_not(work: Work) -> None:
    found = issued(work)
    enter_days(work.context("head"), date(2026, 3, 21), date(2026, 3, 22), worked=True, reason="加班")
    remind_of(work.session, found.id, day_bounds(found.due_on)[0] + timedelta(hours=9))
    assert found.due_on == date(2026, 3, 30)


def test_the_same_notice_is_not_issued_twice_by_a_second_click(work: Work) -> None:
    one = treated(work)
    found = issued(work, one)
    with pytest.raises(Refused, match="rectification_issued_already"), work.session.begin_nested():
        issued(work, one)
    assert issued(work, one, login="leader", to="zhang").addressee_id == work.town.people["zhang"].id
    assert issued(work, one, login="leader", to="deputy").addressee_id == work.town.people["deputy"].id
    closed(work, found)
    assert issued(work, one).state is RectificationState.OPEN


def test_two_of_an_office_who_send_files_to_and_fro_fill_no_disk(work: Work) -> None:
    found = issued(work, login="leader", to="zhang")
    large = Kept("名单.pdf", Media.PDF, LARGEST_BYTES, "ab" * 32)
    given = Answer("立即", "预防", (large,) * MOST_FILES)
    for _ in range(MOST_BYTES_A_DAY // LARGEST_BYTES // MOST_FILES):
        answered(work, found, "zhang", given)
        service.return_reply(work.context("leader"), found.id, "再来", days=5, version=found.version)
    with pytest.raises(InvalidInput, match="too_much_today"), work.session.begin_nested():
        answered(work, found, "zhang", given)
    tomorrow = replace(work.context("zhang"), at=ISSUED + timedelta(days=2, seconds=1))
    service.answer(tomorrow, found.id, given, version=found.version)


def test_two_people_of_one_office_who_change_places_do_not_answer_and_verify(work: Work) -> None:
    """The officer who answered is made a leader, and then one of the section."""
    found = answered(work, issued(work, login="leader", to="zhang"), "zhang")
    becomes(work, "zhang", Role.OFFICE_LEADER, "01")
    with pytest.raises(Refused, match="rectification_not_yours"):
        verified(work, found, "zhang")
    becomes(work, "zhang", Role.SUPERVISOR)
    with pytest.raises(Refused, match="rectification_not_yours"):
        verified(work, found, "zhang")


@pytest.mark.parametrize(
    "act", [Act.ISSUE_RECTIFICATIONS, Act.TREAT_FINDINGS, Act.HANDLE_SIGNS, Act.FINISH_SIGNS, Act.ENTER_WORKDAYS]
)
def test_an_account_with_a_new_password_neither_verifies_nor_agrees_for_a_day(act: Act) -> None:
    """Whoever gave the password may be the one who answered."""
    assert is_barred(act, ISSUED, ISSUED - timedelta(hours=1))
    assert not is_barred(act, ISSUED, ISSUED)
