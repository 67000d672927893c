"""A notice from findings, its reply with both halves, returned, answered, verified and closed."""

import uuid
from datetime import date

import pytest
from sqlalchemy import select

from supervision.actor import Scope
from supervision.audit.models import AuditEntry
from supervision.draws.rules import Party
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.findings.rules import Prevention, Standing
from supervision.rectification import service
from supervision.rectification.attachments import Kept
from supervision.rectification.queries import (
    RectificationFilter,
    board,
    count_unfinished,
    get_attachment,
    get_rectification,
    list_addressees,
    list_rectifications,
    to_answer,
    to_judge,
)
from supervision.rectification.rules import Media, RectificationState, Verdict
from supervision.rectification.service import Answer, Asked
from tests.evaluations.factories import Work
from tests.findings.factories import breach, treated
from tests.rectification.factories import ANSWER, ISSUED, answered, closed, issued, verified

OFFICE = Scope(office_code="01")
FILE = Kept("报告.pdf", Media.PDF, 31, "ab" * 32)


def test_a_notice_has_its_number_its_due_day_and_gives_its_findings_their_prevention(work: Work) -> None:
    one = treated(work)
    found = issued(work, one)
    assert (found.number, found.office_code, found.party) == ("2026-0001", "01", Party.HQ)
    assert (found.due_on, found.state) == (date(2026, 3, 30), RectificationState.OPEN)
    assert (one.prevention, one.prevention_text) == (Prevention.RECTIFICATION, "2026-0001")
    assert issued(work, treated(work, breach(2))).number == "2026-0002"
    (office,) = board(work.session, Scope(), date(2026, 3, 31))
    assert (office.office_code, len(office.notices), office.overdue) == ("01", 2, 2)
    assert count_unfinished(work.session, OFFICE, date(2026, 3, 30)) == {"01": (2, 0)}


def test_it_goes_from_notice_to_closure_by_two_sides(work: Work) -> None:
    found, session = issued(work), work.session
    leader, supervisor = work.town.actor("leader"), work.town.actor("supervisor")
    assert [one.id for one in to_answer(session, leader)] == [found.id]
    answered(work, found, given=Answer(ANSWER.now_done, ANSWER.prevention, (FILE,)))
    assert to_answer(session, leader) == []
    assert [one.id for one in to_judge(session, supervisor, Scope())] == [found.id]
    service.return_reply(
        work.context("supervisor", ISSUED), found.id, "请附学习记录", days=5, version=found.version
    )
    assert (found.state, found.due_on) == (RectificationState.RETURNED, date(2026, 3, 23))
    answered(work, found, "deputy")
    verified(work, found)
    service.close(work.context("supervisor"), found.id, version=found.version)
    whole = get_rectification(session, OFFICE, found.id)
    assert [one.verdict for one in whole.replies] == [Verdict.RETURNED, Verdict.VERIFIED]
    assert (whole.state, whole.closed_by) == (RectificationState.CLOSED, supervisor.account_id)
    acts = session.scalars(
        select(AuditEntry.act).where(AuditEntry.subject == found.subject).order_by(AuditEntry.n)
    )
    assert [one.removeprefix("rectification_") for one in acts] == [
        "issued",
        "answered",
        "returned",
        "answered",
        "verified",
        "closed",
    ]


def test_a_leader_asks_one_of_his_people_and_only_that_person_answers(work: Work) -> None:
    found, session = issued(work, login="leader", to="zhang"), work.session
    zhang, li = work.town.scope("zhang"), work.town.scope("li")
    asked = {one.name for one in list_addressees(session, work.town.actor("leader"))}
    assert asked == {"张敏", "方副所长", "李强"}
    assert [one.id for one in list_rectifications(session, zhang, RectificationFilter()).rows] == [found.id]
    with pytest.raises(NotFound):
        get_rectification(session, li, found.id)
    with pytest.raises(Refused, match="rectification_not_yours"):
        answered(work, found, "deputy")
    answered(work, found, "zhang")
    with pytest.raises(Refused, match="rectification_not_yours"):
        verified(work, found, "supervisor")
    assert verified(work, found, "leader").state is RectificationState.VERIFIED


@pytest.mark.parametrize(
    ("login", "to", "days", "error"),
    [
        ("supervisor", "", 0, InvalidInput),
        ("supervisor", "", 61, InvalidInput),
        ("leader", "", 10, InvalidInput),
        ("leader", "leader", 10, Refused),
        ("leader", "wu", 10, Refused),
        ("leader2", "wu", 10, NotFound),
        ("zhang", "", 10, Refused),
    ],
)
def test_a_notice_is_refused(work: Work, login: str, to: str, days: int, error: type[Exception]) -> None:
    asked = Asked((treated(work).id,), "整改", days, work.town.people[to].id if to else None)
    with pytest.raises(error):
        service.issue(work.context(login, ISSUED), asked)


def test_a_notice_is_about_findings_of_one_office_that_are_there(work: Work) -> None:
    supervisor = work.context("supervisor", ISSUED)
    with pytest.raises(InvalidInput, match="findings"):
        service.issue(supervisor, Asked((), "整改", 10))
    with pytest.raises(NotFound):
        service.issue(supervisor, Asked((uuid.uuid4(),), "整改", 10))
    one = treated(work)
    one.person_id = work.town.people["leader"].id
    with pytest.raises(Refused, match="treatment_about_yourself"):
        issued(work, one, login="leader", to="zhang")
    one.state = Standing.GONE
    with pytest.raises(Refused, match="treatment_not_at_this_step"):
        issued(work, one)


@pytest.mark.parametrize("given", [Answer(" ", "预防"), Answer("立即", ""), Answer("立即", "预防", (FILE,) * 6)])
def test_a_reply_needs_both_halves_and_not_too_many_files(work: Work, given: Answer) -> None:
    found = issued(work)
    with pytest.raises(InvalidInput):
        answered(work, found, given=given)


def test_the_second_of_two_people_is_notified_and_a_step_has_its_time(work: Work) -> None:
    found = issued(work)
    before = found.version
    answered(work, found)
    deputy = work.context("deputy")
    with pytest.raises(Conflict):
        service.answer(deputy, found.id, ANSWER, version=before)
    with pytest.raises(Refused, match="rectification_not_at_this_step"):
        service.answer(deputy, found.id, ANSWER, version=found.version)
    with pytest.raises(Refused, match="rectification_not_at_this_step"):
        service.close(work.context("head"), found.id, version=found.version)
    assert len(get_rectification(work.session, OFFICE, found.id).replies) == 1


def test_a_file_is_seen_by_who_sees_its_notice(work: Work) -> None:
    found = answered(work, issued(work), given=Answer(ANSWER.now_done, ANSWER.prevention, (FILE,)))
    (kept,) = found.replies[0].attachments
    assert get_attachment(work.session, OFFICE, kept.id).sha256 == FILE.sha256
    for scope in (Scope(office_code="02"), work.town.scope("zhang")):
        with pytest.raises(NotFound):
            get_attachment(work.session, scope, kept.id)


def test_a_closed_one_is_on_no_board(work: Work) -> None:
    closed(work, issued(work))
    assert board(work.session, Scope(), date(2026, 3, 31)) == []
    assert count_unfinished(work.session, Scope(), date(2026, 3, 31)) == {}
