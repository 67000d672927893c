"""An appeal in time, decided by the right person; meanwhile nothing counts, and upheld it corrects the rest."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from supervision.actor import Role
from supervision.clock import day_bounds, local
from supervision.discipline import appeals, service
from supervision.discipline.appeals import Objected
from supervision.discipline.models import Appeal, Record
from supervision.discipline.points import does_count, list_points, list_uncounted, record_counts
from supervision.discipline.queries import (
    AppealFilter,
    appeals_to_decide,
    get_appeal,
    list_appeals,
    may_hear_appealed,
)
from supervision.discipline.rules import AppealState, RecordState, Remedy
from supervision.discipline.watching import remind_of_appeal, remind_of_record, tell_person
from supervision.draws.models import Ticket
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.models import Evaluation
from supervision.evaluations.service import amend, content_of
from supervision.findings.models import Treatment
from supervision.findings.rules import Standing
from supervision.findings.service import open_treatments
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.mail.models import Mail
from supervision.regulation.rules import Side
from supervision.retention.models import Hold
from supervision.today.queries import list_figures
from supervision.workdays.service import enter_days
from tests.discipline.factories import (
    DECIDED,
    OBJECTED,
    PROPOSED,
    appealed,
    appealed_judgement,
    decided,
    judged_at_hq,
    notified,
    proposed,
)
from tests.evaluations.factories import Work
from tests.findings.factories import breach, judged

ENDED = DECIDED + timedelta(days=2)
LAST = DECIDED + timedelta(days=7)  # five working days after


def counting(work: Work) -> list[Record]:
    """The records that count: the same as an assessment of that year is given."""
    found = list(work.session.scalars(select(Record).where(record_counts())))
    points = list_points(work.session, date(2026, 1, 1), date(2027, 1, 1))
    assert {one.record_id for one in points} == {one.id for one in found}
    return found


def evaluations_that_count(work: Work) -> list[Evaluation]:
    """The evaluations that count: all but those that an assessment is told to leave out."""
    found = list(work.session.scalars(select(Evaluation).where(does_count())))
    every = set(work.session.scalars(select(Evaluation.id)))
    assert every - list_uncounted(work.session) == {one.id for one in found}
    return found


def waiting_for(work: Work, login: str) -> list[Appeal]:
    return list(appeals_to_decide(work.session, work.town.actor(login)))


def held(work: Work, appeal: Appeal) -> list[bool]:
    query = select(Hold).where(Hold.subject == appeal.subject)
    return [one.released_at is None for one in work.session.scalars(query)]


def test_an_appeal_against_a_record_is_the_bureau_leaders_and_upheld_revokes_it(work: Work) -> None:
    record = decided(work, proposed(work))
    appeal = appealed(work, record)
    assert (record.state, record.confirmed_at, counting(work)) == (RecordState.APPEALED, appeal.filed_at, [])
    assert (appeal.number, appeal.due_on, appeal.at_s) == ("2026-0001", date(2026, 4, 1), 7.5)
    assert held(work, appeal) == [True]
    assert (waiting_for(work, "head"), waiting_for(work, "chief")) == ([], [appeal])
    call_id = record.grounds[0].call_id
    assert may_hear_appealed(work.session, work.town.actor("chief"), call_id)
    assert not may_hear_appealed(work.session, work.town.actor("chief"), judged(work, breach(2)).call_id)
    with pytest.raises(Refused, match="appeal_not_yours"):
        appeals.uphold(work.context("head", ENDED), appeal.id, "x", version=appeal.version)
    appeals.uphold(work.context("chief", ENDED), appeal.id, "录音显示并非打断", version=appeal.version)
    assert (appeal.state, record.state, record.ended_why) == (AppealState.UPHELD, RecordState.REVOKED, "2026-0001")
    assert (held(work, appeal), counting(work)) == ([False], [])
    with pytest.raises(Refused, match="appeal_has_ended"):
        appeals.dismiss(work.context("chief"), appeal.id, "x", version=appeal.version)


def test_a_dismissed_appeal_leaves_the_record_and_a_retracted_one_too(work: Work) -> None:
    first, second = decided(work, proposed(work)), decided(work, proposed(work, judged(work, breach(2))))
    one, other = appealed(work, first), appealed(work, second)
    with pytest.raises(InvalidInput):
        appeals.dismiss(work.context("chief"), one.id, "", version=one.version)
    appeals.dismiss(work.context("chief", ENDED), one.id, "事实清楚", version=one.version)
    with pytest.raises(Refused, match="appeal_not_yours"):
        appeals.retract(work.context("chief"), other.id, version=other.version)
    appeals.retract(work.context("zhang", ENDED), other.id, version=other.version)
    assert (first.state, second.state) == (RecordState.MAINTAINED, RecordState.CONFIRMED)
    assert {one.id for one in counting(work)} == {first.id, second.id}
    with pytest.raises(Refused, match="appeal_made_already"):
        appealed(work, second)


def test_an_appeal_has_its_days_its_text_and_its_person(work: Work) -> None:
    record = decided(work, proposed(work))
    for text, at_s in ((" ", None), ("x" * 2001, None), ("x", -1.0), ("x", 20.5)):
        with pytest.raises(InvalidInput):
            appeals.appeal_record(
                work.context("zhang", LAST), record.id, Objected(text, at_s), version=record.version
            )
    with pytest.raises(NotFound):
        appeals.appeal_record(work.context("li", LAST), record.id, OBJECTED, version=record.version)
    with pytest.raises(Refused, match="discipline_not_yours"):
        appeals.appeal_record(work.context("leader", LAST), record.id, OBJECTED, version=record.version)
    with pytest.raises(Refused, match="appeal_too_late"):
        appealed(work, record, LAST + timedelta(days=1))
    assert appealed(work, record, LAST).state is AppealState.OPEN


def test_a_judgement_is_appealed_to_the_head_and_set_aside_takes_all_that_rests_on_it(work: Work) -> None:
    (evaluation,) = notified(work, judged(work, breach()))
    open_treatments(work.session)
    standing, waiting, other = (
        decided(work, proposed(work, evaluation)),
        proposed(work, evaluation, kind=2),
        judged_at_hq(work),
    )
    apart = decided(work, proposed(work, other))
    own = appealed(work, standing)
    appeal = appealed_judgement(work, evaluation)
    assert (evaluations_that_count(work), counting(work)) == ([other], [apart])
    with pytest.raises(Refused, match="discipline_ground_contested"):
        decided(work, waiting)
    assert (waiting_for(work, "head"), waiting_for(work, "chief")) == ([appeal], [own])
    with pytest.raises(InvalidInput, match="remedy"):
        appeals.uphold(work.context("head", ENDED), appeal.id, "x", version=appeal.version)
    with pytest.raises(Refused, match="appeal_not_amended"):
        appeals.uphold(work.context("head"), appeal.id, "x", Remedy.AMENDED, version=appeal.version)
    appeals.uphold(work.context("head", ENDED), appeal.id, "评价有误", Remedy.SET_ASIDE, version=appeal.version)
    assert evaluation.set_aside_at == ENDED
    assert [one.state for one in (standing, waiting, apart)] == [
        RecordState.REVOKED,
        RecordState.WITHDRAWN,
        RecordState.NOTIFIED,
    ]
    assert (own.state, standing.ended_why) == (AppealState.MOOT, appeal.number)
    assert (evaluations_that_count(work), counting(work)) == ([other], [apart])
    open_treatments(work.session)
    treatment = work.session.scalars(select(Treatment).where(Treatment.evaluation_id == evaluation.id)).one()
    assert treatment.state is Standing.GONE
    with pytest.raises(Refused, match="not_your_evaluation"):
        amend(work.context("leader"), evaluation.id, content_of(evaluation.judgements[-1]), reason="x", n=1)


def test_points_count_from_the_day_of_the_decision_and_open_into_their_record_and_calls(work: Work) -> None:
    record = decided(work, proposed(work, judged(work, breach()), judged(work, breach(2))))
    praise = decided(work, proposed(work, judged(work, breach(3)), side=Side.COMMENDATION))
    day, zhang = local(DECIDED).date(), work.town.people["zhang"].id
    found = list_points(work.session, day, day + timedelta(days=1), "01")
    assert [(one.record_id, one.number, one.person_id, one.on) for one in found] == [
        (one.id, one.number, zhang, day) for one in sorted((record, praise), key=lambda one: one.id)
    ]
    taken = next(one for one in found if one.side is Side.DISCIPLINE)
    assert (taken.points, taken.call_ids) == (record.points, tuple(one.call_id for one in record.grounds))
    assert list_points(work.session, day + timedelta(days=1), day + timedelta(days=9)) == []
    assert list_points(work.session, day - timedelta(days=9), day) == []
    assert list_points(work.session, day, day + timedelta(days=1), "02") == []


def test_the_offices_mean_leaves_out_what_is_contested_until_the_appeal_is_over(work: Work) -> None:
    (evaluation,) = notified(work)
    begins = evaluation.submitted_at or PROPOSED

    def mean() -> float | None:
        return list_figures(work.session, begins, ENDED)[0].mean

    assert mean() == evaluation.judgements[-1].score
    appeal = appealed_judgement(work, evaluation)
    assert mean() is None
    appeals.retract(work.context("zhang", ENDED), appeal.id, version=appeal.version)
    assert mean() == evaluation.judgements[-1].score


def test_what_was_set_aside_was_reviewed_still_and_its_ticket_counts_for_the_quota(work: Work) -> None:
    (evaluation,) = notified(work)
    counted_at, ticket = evaluation.counted_at, work.session.get_one(Ticket, evaluation.ticket_id)
    state, appeal = ticket.state, appealed_judgement(work, evaluation)
    appeals.uphold(work.context("head", ENDED), appeal.id, "x", Remedy.SET_ASIDE, version=appeal.version)
    assert (evaluation.counted_at, ticket.state) == (counted_at, state)
    assert counted_at is not None


def test_an_amended_judgement_counts_again_and_what_rested_on_the_old_one_falls(work: Work) -> None:
    (evaluation,) = notified(work, judged(work, breach()))
    record, appeal = decided(work, proposed(work, evaluation)), appealed_judgement(work, evaluation)
    amend(work.context("head"), evaluation.id, content_of(evaluation.judgements[-1]), reason="申诉属实", n=1)
    appeals.uphold(work.context("head", ENDED), appeal.id, "已更正", Remedy.AMENDED, version=appeal.version)
    assert (record.state, evaluations_that_count(work)) == (RecordState.REVOKED, [evaluation])


def test_who_judged_does_not_decide_and_where_a_head_judged_the_bureau_leader_may(work: Work) -> None:
    (evaluation,) = notified(work, judged_at_hq(work, "head"))
    appeal = appealed_judgement(work, evaluation)
    assert [login for login in ("head", "head2", "chief") if waiting_for(work, login)] == ["head2", "chief"]
    with pytest.raises(Refused, match="appeal_judged_yourself"):
        appeals.dismiss(work.context("head"), appeal.id, "x", version=appeal.version)
    appeals.dismiss(work.context("chief", ENDED), appeal.id, "评价无误", version=appeal.version)
    (by_supervisor,) = notified(work, judged_at_hq(work, "supervisor"))
    hidden = appealed_judgement(work, by_supervisor)
    with pytest.raises(NotFound):
        get_appeal(work.session, work.town.actor("chief"), hidden.id)


def test_the_bureau_leader_who_decided_the_record_before_does_not_decide_its_appeal(work: Work) -> None:
    record = decided(work, proposed(work))
    work.town.people["head"].role = Role.BUREAU_LEADER
    appeal = appealed(work, record)
    with pytest.raises(Refused, match="appeal_decided_yourself"):
        appeals.uphold(work.context("head"), appeal.id, "x", version=appeal.version)


def test_a_judgement_is_appealed_once_in_time_and_in_its_latest_version(work: Work) -> None:
    (evaluation,) = notified(work, judged(work, breach()))
    with pytest.raises(NotFound):
        appeals.appeal_judgement(work.context("li"), evaluation.id, OBJECTED)
    with pytest.raises(Refused, match="appeal_too_late"):
        appealed_judgement(work, evaluation, LAST + timedelta(days=1))
    amend(work.context("leader"), evaluation.id, content_of(evaluation.judgements[-1]), reason="x", n=1)
    with pytest.raises(Refused, match="appeal_judgement_replaced"):
        appealed_judgement(work, evaluation)
    notified(work, evaluation)
    appeal = appealed_judgement(work, evaluation)
    with pytest.raises(Refused, match="appeal_made_already"):
        appealed_judgement(work, evaluation)
    with pytest.raises(Conflict):
        appeals.dismiss(work.context("head"), appeal.id, "x", version=appeal.version + 1)


@pytest.mark.parametrize(
    ("login", "sees"), [("zhang", 1), ("li", 0), ("leader", 1), ("leader2", 0), ("supervisor", 1), ("chief", 1)]
)
def test_each_sees_his_part_of_the_appeals(work: Work, login: str, sees: int) -> None:
    appealed(work, decided(work, proposed(work)))
    assert len(list_appeals(work.session, work.town.actor(login), AppealFilter()).rows) == sees


def test_deciders_are_reminded_and_what_is_overdue_is_an_incident_until_it_is_decided(work: Work) -> None:
    waiting = proposed(work)
    record = decided(work, proposed(work, judged(work, breach(2))))
    appeal, session = appealed(work, record), work.session
    due = DECIDED + timedelta(days=12)
    assert not remind_of_record(session, waiting.id, due - timedelta(days=4), "tax.example")
    assert remind_of_record(session, waiting.id, due, "tax.example")
    assert not remind_of_record(session, waiting.id, due, "tax.example")
    assert remind_of_record(session, waiting.id, due + timedelta(days=3), "tax.example")
    assert remind_of_appeal(session, appeal.id, due + timedelta(days=6), "tax.example")
    assert tell_person(session, record.id, due, "tax.example")
    assert not tell_person(session, record.id, due, "tax.example")
    sent = [one.partition("@")[0] for one in session.scalars(select(Mail.recipient))]
    assert sorted(sent) == ["chief", "chief", "head", "head", "head2", "head2", "zhang"]
    incidents = {one.cause: one for one in session.scalars(select(Incident))}
    assert set(incidents) == {Cause.DISCIPLINE_OVERDUE, Cause.APPEAL_OVERDUE}
    service.decline(work.context("head", due), waiting.id, "情节轻微", version=waiting.version)
    appeals.dismiss(work.context("chief", due), appeal.id, "事实清楚", version=appeal.version)
    assert all(one.healed_at is not None for one in incidents.values())


def test_set_aside_ends_the_appeal_against_a_later_version_too(work: Work) -> None:
    (evaluation,) = notified(work, judged(work, breach()))
    first = appealed_judgement(work, evaluation)
    amend(work.context("leader"), evaluation.id, content_of(evaluation.judgements[-1]), reason="补充", n=1)
    notified(work, evaluation)
    second = appealed_judgement(work, evaluation)
    appeals.uphold(work.context("head", ENDED), first.id, "系误判", Remedy.SET_ASIDE, version=first.version)
    assert (first.state, second.state, second.ended_at) == (AppealState.UPHELD, AppealState.MOOT, ENDED)
    assert (waiting_for(work, "head"), held(work, second)) == ([], [False])


def test_days_that_are_entered_later_move_no_due_day_that_is_over(work: Work) -> None:
    waiting = proposed(work)
    last = waiting.due_on
    enter_days(work.context("head"), last, last, worked=False, reason="台风停工")
    remind_of_record(work.session, waiting.id, day_bounds(last)[1] + timedelta(days=9))
    assert waiting.due_on == last
    waiting = proposed(work, judged(work, breach(2)))
    assert waiting.due_on == last + timedelta(days=1)
    enter_days(work.context("head"), last, last, worked=True, reason="照常上班")
    remind_of_record(work.session, waiting.id, PROPOSED)
    assert waiting.due_on == last
