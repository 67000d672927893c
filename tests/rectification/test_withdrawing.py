"""The issuer's side withdraws a notice, with a reason: it has its end, and asks for nothing any more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision.actor import Scope
from supervision.audit.models import AuditEntry
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.models import Evaluation
from supervision.findings import service as findings
from supervision.findings.queries import list_untreated
from supervision.findings.rules import Measure, Prevention, Standing
from supervision.incidents.models import Incident
from supervision.rectification import service
from supervision.rectification.models import Rectification
from supervision.rectification.queries import (
    RectificationFilter,
    board,
    get_rectification,
    list_rectifications,
    to_answer,
)
from supervision.rectification.rules import RectificationState
from supervision.rectification.watching import list_recurring, remind_of, watch_one
from tests.evaluations.factories import ALWAYS, Work
from tests.findings.factories import breach, treated
from tests.rectification.factories import ISSUED, answered, closed, issued, verified, withdrawn

LATE = ISSUED + timedelta(days=30)


def test_a_withdrawn_notice_waits_for_nobody_and_says_why(work: Work) -> None:
    found, session = issued(work), work.session
    remind_of(session, found.id, LATE)
    withdrawn(work, found)
    assert (found.state, found.reason) == (RectificationState.WITHDRAWN, "查有误")
    assert to_answer(session, work.town.actor("leader")) == []
    assert board(session, Scope(), LATE.date()) == []
    assert not remind_of(session, found.id, LATE + timedelta(days=1))
    assert session.scalars(select(Incident.healed_at)).all() != [None]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "rectification_withdrawn")).one()
    assert (entry.subject, entry.detail) == (found.subject, {"reason": "查有误"})
    with pytest.raises(Refused, match="not_at_this_step"):
        answered(work, found)


def test_what_only_it_asked_for_is_to_be_prevented_in_the_time_from_then_on(work: Work) -> None:
    one, own, two = treated(work), treated(work, breach(2)), treated(work, breach(3))
    findings.prevent(work.context("leader"), own.id, "讲评", needed=True, version=own.version)
    findings.treat_person(work.context("leader"), one.id, Measure.EDUCATION, "谈话", version=one.version)
    findings.confirm(work.context("zhang"), one.id, version=one.version)
    found = issued(work, one, own, two)
    other = issued(work, two)
    assert one.state is Standing.TREATED
    at = LATE
    service.withdraw(work.context("supervisor", at), found.id, "查有误", version=found.version)
    assert (one.prevention, one.state, one.counted_from) == (None, Standing.OPEN, at.date())
    findings.remind_of_untreated(work.session, "01", at)
    assert one.due_on > at.date()
    assert (own.prevention, own.prevention_text) == (Prevention.MEASURE, "讲评")
    assert two.prevention is Prevention.RECTIFICATION
    withdrawn(work, other)
    assert two.prevention is None


def test_a_reason_is_needed_and_the_second_of_two_is_refused(work: Work) -> None:
    found = issued(work)
    with pytest.raises(InvalidInput, match="reason"):
        service.withdraw(work.context("head"), found.id, " ", version=found.version)
    before = found.version
    answered(work, found)
    with pytest.raises(Conflict):
        service.withdraw(work.context("head"), found.id, "查有误", version=before)
    with pytest.raises(Refused, match="rectification_not_yours"):
        withdrawn(work, found, "leader")
    assert withdrawn(work, verified(work, found), "head").state is RectificationState.WITHDRAWN


def test_a_notice_whose_addressee_has_left_has_an_end_and_he_is_not_asked_again(work: Work) -> None:
    one = treated(work)
    found = issued(work, one, login="leader", to="zhang")
    work.town.people["zhang"].active = False
    work.session.flush()
    assert withdrawn(work, found, "deputy").state is RectificationState.WITHDRAWN
    with pytest.raises(Refused, match="rectification_addressee"):
        issued(work, one, login="leader", to="zhang")
    assert issued(work, one, login="leader", to="li").state is RectificationState.OPEN


def test_a_withdrawn_notice_is_not_watched(work: Work) -> None:
    found = closed(work, issued(work))
    again = treated(work, breach(2), at=ISSUED + timedelta(days=9))
    assert watch_one(work.session, found.id, LATE)
    withdrawn(work, found)
    treated(work, breach(4), at=ISSUED + timedelta(days=12))
    assert list_recurring(work.session) == []
    assert again.prevention is None


def hidden(work: Work) -> Rectification:
    """An office's own notice about a call that headquarters may judge once more."""
    (ticket,) = work.draw([work.call(20)])
    evaluation = work.judges("leader", ticket, ALWAYS, findings=[breach()])
    findings.open_treatments(work.session)
    one = next(one for one in list_untreated(work.session, "01") if one.evaluation_id == evaluation.id)
    return issued(work, one, login="leader", to="zhang")


def test_headquarters_sees_no_notice_of_an_office_about_what_it_may_judge_once_more(work: Work) -> None:
    found, session = hidden(work), work.session
    answered(work, found, "zhang")
    assert list_rectifications(session, Scope(), RectificationFilter()).rows == []
    with pytest.raises(NotFound):
        get_rectification(session, Scope(), found.id)
    assert get_rectification(session, Scope(office_code="01"), found.id)
    assert remind_of(session, found.id, LATE, "tax.example")
    again = session.query(Evaluation).filter(Evaluation.rescore_of.is_not(None)).one()
    again.reviewer_id = work.town.people["supervisor"].id
    work.writes("supervisor", again, work.content())
    work.submits("supervisor", again)
    assert get_rectification(session, Scope(), found.id)
