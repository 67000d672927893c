"""A complaint from its entry to its answer; its calls; what is overdue; and the months without one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from supervision.actor import Scope
from supervision.audit.models import AuditEntry
from supervision.complaints import service
from supervision.complaints.queries import (
    complaints_of_record,
    find_zero,
    list_persons,
    list_waiting,
    month_figures,
    months_to_attest,
    zero_months,
)
from supervision.complaints.rules import ComplaintKind, ComplaintState, Proposal, Search, Verdict
from supervision.complaints.zero import attest_zero
from supervision.database import new_id
from supervision.discipline import service as discipline
from supervision.discipline.service import rest_on_complaint
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.recordings.models import Recording, RecordingState
from supervision.retention.models import Hold
from tests.calls.samples import NOON
from tests.complaints.factories import ENTERED, GIVEN, decided, proposed, received
from tests.discipline.factories import PROPOSED, proposal
from tests.evaluations.factories import Work
from tests.findings.factories import breach, judged

LATER = ENTERED + timedelta(days=1)
FEBRUARY = date(2026, 2, 1)


def held(work: Work) -> list[str]:
    query = select(Hold.note).where(Hold.released_at.is_(None)).order_by(Hold.note)
    return list(work.session.scalars(query))


def test_a_complaint_goes_from_its_entry_to_its_answer_by_two_people(work: Work) -> None:
    one = received(work)
    assert (one.number, one.due_on, one.state) == ("2026-0001", date(2026, 3, 23), ComplaintState.REGISTERED)
    assert received(work, text="又一件").number == "2026-0002"
    decided(work, one)
    assert (one.state, one.verdict, one.person_id) == (
        ComplaintState.DECIDED,
        Verdict.UPHELD,
        work.town.people["zhang"].id,
    )
    service.close(work.context("supervisor", LATER), one.id, "已电话答复并致歉", version=one.version)
    assert one.state is ComplaintState.CLOSED
    query = select(AuditEntry.act).where(AuditEntry.subject == one.subject).order_by(AuditEntry.n)
    assert [act.removeprefix("complaint_") for act in work.session.scalars(query)] == [
        "registered",
        "taken",
        "proposed",
        "decided",
        "closed",
    ]
    assert [(step.n, step.author.login) for step in one.steps] == [
        (1, "supervisor"),
        (2, "supervisor"),
        (3, "head"),
        (4, "supervisor"),
    ]


def test_who_handled_it_does_not_decide_it_and_the_decision_is_another_ones_own(work: Work) -> None:
    one = proposed(work, received(work))
    with pytest.raises(Refused, match="complaint_handled_yourself"):
        service.decide(work.context("supervisor"), one.id, Verdict.UPHELD, "x", version=one.version)
    service.return_to_handler(work.context("head"), one.id, "请再听一遍", version=one.version)
    with pytest.raises(Refused, match="complaint_decided_yourself"):
        service.take(work.context("head"), one.id, version=one.version)
    service.take(work.context("supervisor2"), one.id, version=one.version)
    again = Proposal(Verdict.UPHELD, "属实", None)
    with pytest.raises(Refused, match="complaint_anothers_hand"):
        service.propose(work.context("supervisor"), one.id, again, version=one.version)
    service.propose(work.context("supervisor2"), one.id, again, version=one.version)
    service.decide(work.context("head"), one.id, Verdict.NOT_UPHELD, "录音中并无此事", version=one.version)
    assert (one.proposal, one.verdict) == (Verdict.UPHELD, Verdict.NOT_UPHELD)


@pytest.mark.parametrize("login", ["zhang", "leader", "machines"])
def test_nobody_but_the_section_enters_ties_or_handles_one(work: Work, login: str) -> None:
    one = received(work)
    for act in (
        lambda: received(work, login),
        lambda: service.take(work.context(login), one.id, version=one.version),
        lambda: service.tie_call(work.context(login), one.id, new_id(), version=one.version),
        lambda: attest_zero(work.context(login), FEBRUARY, "x"),
    ):
        with pytest.raises(Refused, match="complaint_not_yours"):
            act()


def test_nobody_touches_one_about_himself(work: Work) -> None:
    """A supervisor who sat at the desk when it was called, as an officer before."""
    work.town.seat("01/801", "supervisor2", NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    one, call = received(work), work.call()
    service.tie_call(work.context("supervisor"), one.id, call.id, version=one.version)
    assert work.town.people["supervisor2"].id in {person.id for person in list_persons(work.session, one)}
    mine = work.context("supervisor2")
    with pytest.raises(Refused, match="complaint_about_yourself"):
        service.take(mine, one.id, version=one.version)
    with pytest.raises(Refused, match="complaint_about_yourself"):
        service.untie_call(mine, one.id, call.id, version=one.version)
    with pytest.raises(Refused, match="complaint_about_yourself"):
        service.reveal_number(mine, one.id)
    with pytest.raises(Refused, match="complaint_about_yourself"):
        service.find_calls(mine, one.id, Search())


def test_its_calls_are_found_by_number_and_day_and_the_search_is_written_down(work: Work) -> None:
    one, supervisor = received(work, called_on=None), work.context("supervisor")
    call, other, late = work.call(), work.call(caller_number="13900000000"), work.call(at=LATER)
    found = service.find_calls(supervisor, one.id, Search())
    assert [row.id for row in found] == [late.id, call.id]
    assert found[0].masked_number == "138****5678"
    day = date(2026, 3, 10)
    assert [row.id for row in service.find_calls(supervisor, one.id, Search("", day, day))] == [call.id]
    assert [row.id for row in service.find_calls(supervisor, one.id, Search("13900000000"))] == [other.id]
    service.tie_call(supervisor, one.id, call.id, version=one.version)
    assert service.find_calls(supervisor, one.id, Search("", day, day)) == []
    nameless = received(work, caller_number="", caller_name="")
    with pytest.raises(InvalidInput, match="number"):
        service.find_calls(supervisor, nameless.id, Search())
    by_day = service.find_calls(supervisor, nameless.id, Search("", day, day))
    assert {row.id for row in by_day} == {call.id, other.id}
    query = select(AuditEntry.detail).where(AuditEntry.act == "number_searched").order_by(AuditEntry.n)
    assert work.session.scalars(query).all()[1] == {
        "number": "138****5678",
        "from": "2026-03-10",
        "to": "2026-03-10",
    }


def test_a_tied_calls_recording_is_held_until_the_complaint_is_closed(work: Work) -> None:
    one, call, second = received(work), work.call(), work.call()
    supervisor = work.context("supervisor")
    for tied in (call, second):
        service.tie_call(supervisor, one.id, tied.id, version=one.version)
    with pytest.raises(Refused, match="complaint_has_call"):
        service.tie_call(supervisor, one.id, call.id, version=one.version)
    service.untie_call(supervisor, one.id, second.id, version=one.version)
    with pytest.raises(NotFound):
        service.untie_call(supervisor, one.id, second.id, version=one.version)
    assert held(work) == [one.number]
    decided(work, one)
    with pytest.raises(Refused, match="complaint_not_at_this_step"):
        service.tie_call(supervisor, one.id, second.id, version=one.version)
    service.close(supervisor, one.id, "已答复", version=one.version)
    assert held(work) == []
    service.reopen(work.context("head", LATER), one.id, "有新证据", version=one.version)
    assert (held(work), one.verdict, one.decided_by) == ([one.number], None, None)
    assert one.due_on == date(2026, 3, 24)


def test_one_that_was_taken_back_can_be_looked_into_again_by_another(work: Work) -> None:
    one = proposed(work, received(work))
    supervisor = work.context("supervisor", LATER)
    service.tie_call(supervisor, one.id, work.call().id, version=one.version)
    service.withdraw(supervisor, one.id, "来电撤回", version=one.version)
    assert held(work) == []
    service.reopen(work.context("head", LATER), one.id, "来电人否认撤回", version=one.version)
    assert (one.state, one.handler_id, held(work)) == (ComplaintState.REGISTERED, None, [one.number])
    another = work.context("supervisor2", LATER)
    service.take(another, one.id, version=one.version)
    service.propose(another, one.id, Proposal(Verdict.UPHELD, "属实", None), version=one.version)
    with pytest.raises(Refused, match="complaint_handled_yourself"):
        service.decide(work.context("supervisor", LATER), one.id, Verdict.UPHELD, "x", version=one.version)


def test_a_call_whose_recording_is_deleted_can_still_be_tied(work: Work) -> None:
    one, call = received(work), work.call()
    recording = work.session.get_one(Recording, call.id)
    recording.state = RecordingState.DELETED
    service.tie_call(work.context("supervisor"), one.id, call.id, version=one.version)
    assert [tie.call_id for tie in one.calls] == [call.id]
    assert held(work) == []


def test_what_is_wrong_is_refused(work: Work) -> None:
    one = received(work)
    with pytest.raises(InvalidInput, match="received_on"):
        received(work, received_on=date(2026, 3, 17))
    with pytest.raises(InvalidInput, match="called_on"):
        received(work, called_on=date(2026, 3, 17))
    with pytest.raises(InvalidInput, match="complaint"):
        received(work, text=" ")
    supervisor = work.context("supervisor")
    with pytest.raises(Conflict):
        service.take(supervisor, one.id, version=one.version + 1)
    service.take(supervisor, one.id, version=one.version)
    stranger = Proposal(Verdict.UPHELD, "x", work.town.people["wu"].id)
    with pytest.raises(InvalidInput, match="person"):
        service.propose(supervisor, one.id, stranger, version=one.version)
    with pytest.raises(Refused, match="complaint_not_upheld"):
        service.link_discipline(supervisor, one.id, new_id())


def test_a_discipline_record_is_named_by_an_upheld_one(work: Work) -> None:
    one, record_id = decided(work, received(work)), new_id()
    assert service.link_discipline(work.context("supervisor"), one.id, record_id).discipline_id == record_id


@pytest.mark.parametrize("person", ["", "li", "zhang"])
def test_a_record_comes_of_a_complaint_only_as_long_as_it_is_about_the_same_person(
    work: Work, person: str
) -> None:
    one, record_id = decided(work, received(work)), new_id()
    supervisor = work.context("supervisor", LATER)
    service.link_discipline(supervisor, one.id, record_id)
    service.reopen(work.context("head", LATER), one.id, "再查", version=one.version)
    about = work.town.people[person].id if person else None
    service.propose(supervisor, one.id, Proposal(Verdict.UPHELD, "查过", about), version=one.version)
    assert one.discipline_id == (record_id if person == "zhang" else None)


def test_it_waits_for_whoever_can_do_the_next_step(work: Work) -> None:
    def waits() -> list[str]:
        people = ("supervisor", "supervisor2", "head", "leader")
        return [login for login in people if list_waiting(work.session, work.town.actor(login))]

    one = received(work)
    assert waits() == ["supervisor", "supervisor2", "head"]
    service.take(work.context("supervisor"), one.id, version=one.version)
    assert waits() == ["supervisor"]
    service.propose(work.context("supervisor"), one.id, Proposal(Verdict.UPHELD, "属实"), version=one.version)
    assert waits() == ["supervisor2", "head"]
    service.withdraw(work.context("supervisor"), one.id, "来电撤回", version=one.version)
    assert waits() == []


def test_zero_is_attested_and_revoked_by_a_complaint_that_is_entered_later(work: Work) -> None:
    head, session = work.context("head", ENTERED), work.session
    with pytest.raises(Refused, match="zero_not_over"):
        attest_zero(head, date(2026, 3, 1), "各渠道均无")
    found = attest_zero(head, FEBRUARY, "12366、信箱、来访均无")
    with pytest.raises(Refused, match="zero_attested_already"):
        attest_zero(head, FEBRUARY, "x")
    assert [one.month for one in zero_months(session, 2026)] == [FEBRUARY]
    received(work, received_on=date(2026, 2, 27))
    assert find_zero(session, FEBRUARY) is None
    assert found.revoked_at is not None
    with pytest.raises(Refused, match="zero_has_complaints"):
        attest_zero(head, FEBRUARY, "x")


def test_a_wrong_entry_is_corrected_until_something_is_proposed_and_stands_in_the_log(work: Work) -> None:
    one = received(work)
    service.take(work.context("supervisor", LATER), one.id, version=one.version)
    attest_zero(work.context("head", ENTERED), FEBRUARY, "各渠道均无")
    fresh = replace(GIVEN, kind=ComplaintKind.QUALITY, received_on=date(2026, 2, 27), caller_number="")
    service.correct(work.context("supervisor2", LATER), one.id, fresh, "日期登记有误", version=one.version)
    assert (one.kind, one.received_on, one.caller_number) == (fresh.kind, fresh.received_on, GIVEN.caller_number)
    assert (one.counted_from, one.due_on) == (date(2026, 2, 27), date(2026, 3, 12))
    assert find_zero(work.session, FEBRUARY) is None
    assert (one.state, one.handler and one.handler.login) == (ComplaintState.HANDLING, "supervisor")
    query = select(AuditEntry.detail).where(AuditEntry.act == "complaint_corrected")
    written = work.session.scalars(query).one()
    assert written["text"] == "日期登记有误"
    assert (written["before"]["kind"], written["before"]["received_on"]) == ("manner", "2026-03-16")
    assert GIVEN.caller_number not in str(written)
    with pytest.raises(Refused, match="complaint_as_before"):
        service.correct(work.context("supervisor"), one.id, fresh, "x", version=one.version)
    with pytest.raises(InvalidInput, match="received_on"):
        to_come = replace(fresh, received_on=date(2099, 1, 1))
        service.correct(work.context("supervisor"), one.id, to_come, "x", version=one.version)
    service.propose(
        work.context("supervisor", LATER), one.id, Proposal(Verdict.UPHELD, "属实"), version=one.version
    )
    with pytest.raises(Refused, match="complaint_not_at_this_step"):
        service.correct(work.context("supervisor"), one.id, GIVEN, "x", version=one.version)


def test_a_correction_moves_the_last_day_of_a_reopened_one_only_by_its_kind(work: Work) -> None:
    one = decided(work, received(work))
    service.reopen(work.context("head", LATER), one.id, "有新证据", version=one.version)
    before = one.counted_from
    fresh = replace(GIVEN, received_on=date(2026, 3, 13), office_code="02")
    service.correct(work.context("supervisor"), one.id, fresh, "x", version=one.version)
    assert one.counted_from == before
    assert one.person_id is None


def test_each_month_since_the_first_call_that_is_over_waits_for_its_attestation(work: Work) -> None:
    session, today = work.session, date(2026, 5, 20)
    assert months_to_attest(session, today) == []
    work.call()
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    assert months_to_attest(session, date(2026, 3, 31)) == []
    assert months_to_attest(session, today) == [march, april]
    attest_zero(work.context("head", ENTERED + timedelta(days=60)), april, "各渠道均无")
    assert months_to_attest(session, today) == [march]
    received(work)
    assert months_to_attest(session, today) == []
    assert months_to_attest(session, date(2027, 1, 5))[0] == date(2026, 7, 1)


def test_the_months_of_a_year_have_their_figures_and_the_mark_of_the_day_it_went_live(work: Work) -> None:
    session, today = work.session, date(2026, 4, 2)
    work.call()
    for day, office in ((date(2026, 2, 3), "01"), (date(2026, 2, 27), "02"), (date(2026, 3, 9), "01")):
        one = received(work, received_on=day, office_code=office)
    decided(work, one)
    attest_zero(work.context("head", ENTERED), date(2026, 1, 1), "x")
    months = month_figures(session, Scope(), 2026, today)
    assert [(one.received, one.upheld, one.open) for one in months] == [(0, 0, 0), (2, 0, 2), (1, 1, 1), (0, 0, 0)]
    assert [one.attested for one in months] == [True, False, False, False]
    assert [one.live for one in months] == [False, False, True, False]
    assert [one.before for one in months] == [True, True, False, False]
    (_, february, *_) = month_figures(session, Scope("02"), 2026, today, live_on=date(2026, 2, 9))
    assert (february.received, february.live) == (1, True)


def test_a_record_that_comes_of_a_complaint_is_about_its_person_and_the_only_one_that_stands(work: Work) -> None:
    evaluation, upheld = judged(work, breach()), decided(work, received(work))
    kinds = proposal(work, evaluation)
    supervisor = work.context("supervisor", PROPOSED)
    first = discipline.propose(supervisor, replace(kinds, complaint_id=upheld.id))
    assert upheld.discipline_id == first.id
    assert complaints_of_record(work.session, first.id) == [upheld]
    second = discipline.propose(supervisor, proposal(work, evaluation, kind=2))
    with pytest.raises(Refused, match="discipline_of_complaint_already"):
        rest_on_complaint(supervisor, second.id, upheld.id)
    discipline.withdraw(supervisor, first.id, "改提", version=first.version)
    rest_on_complaint(supervisor, second.id, upheld.id)
    assert upheld.discipline_id == second.id
    with pytest.raises(Refused, match="discipline_not_yours"):
        rest_on_complaint(work.context("head", PROPOSED), second.id, upheld.id)
    others = decided(work, received(work), person="li")
    nobodys = decided(work, received(work), person="")
    open_one = received(work)
    for one in (others, nobodys, open_one):
        with pytest.raises(Refused, match="discipline_not_of_complaint"):
            rest_on_complaint(supervisor, second.id, one.id)
    unfounded = decided(work, received(work), Verdict.NOT_UPHELD)
    with pytest.raises(Refused, match="complaint_not_upheld"):
        rest_on_complaint(supervisor, second.id, unfounded.id)
    with pytest.raises(Refused, match="discipline_not_at_this_step"):
        rest_on_complaint(supervisor, first.id, unfounded.id)


@pytest.mark.parametrize(
    ("verdict", "person", "named"),
    [
        (Verdict.UPHELD, "zhang", True),
        (Verdict.UPHELD, "li", False),
        (Verdict.UPHELD, "", False),
        (Verdict.NOT_UPHELD, "zhang", False),
    ],
)
def test_a_reopened_one_names_its_record_only_while_it_is_right_about_the_same_person(
    work: Work, verdict: Verdict, person: str, named: bool
) -> None:
    one = decided(work, received(work))
    service.link_discipline(work.context("supervisor"), one.id, new_id())
    service.reopen(work.context("head", LATER), one.id, "有新证据", version=one.version)
    found = Proposal(verdict, "再听一遍", work.town.people[person].id if person else None)
    service.propose(work.context("supervisor", LATER), one.id, found, version=one.version)
    service.decide(work.context("head", LATER), one.id, verdict, "同意", version=one.version)
    assert (one.discipline_id is not None) is named
