"""Signs are marked from what was evaluated, once a week, and each is given a measure or dismissed."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from supervision.actor import Scope
from supervision.clock import day_bounds
from supervision.database import Database, new_id
from supervision.draws.rules import Tier
from supervision.early_signs import service, tasks
from supervision.early_signs.models import BUREAU, EarlySign, SignLook
from supervision.early_signs.queries import (
    By,
    count_for,
    get_sign,
    list_owners,
    list_signs,
    list_unfinished,
    trend,
)
from supervision.early_signs.rules import DECIDE_DAYS, SignState, chance, level
from supervision.early_signs.service import Measure
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import Category, EvaluationState, Kind
from supervision.findings.models import Treatment
from supervision.findings.queries import FindingFilter, list_treatments
from supervision.findings.service import open_treatments
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.machines.service import HEADQUARTERS
from supervision.mail.models import Mail
from supervision.scorecards.queries import get_in_force
from supervision.settings import Mode, Settings
from supervision.task import Worker
from tests.evaluations.factories import Work, make_work

MONDAY = date(2026, 3, 16)
AT = day_bounds(MONDAY)[0] + timedelta(hours=1)
LAST = MONDAY - timedelta(weeks=1)


def judged(work: Work, week: date, calls: int, found: int, office: str = "01") -> None:
    """So many drawn calls evaluated in a week, straight into the store; in some of them a finding about manner."""
    at, line = day_bounds(week)[0] + timedelta(hours=30), {"01": "main", "02": "east"}[office]
    moments = [at - timedelta(minutes=n) for n in range(calls)]
    made = work.town.calls(moments, office_code=office, line_key=line)
    scorecard_id = get_in_force(work.session).id
    leader, zhang = work.town.people["leader"].id, work.town.people["zhang"].id
    evaluations = [
        {
            "id": new_id(),
            "kind": Kind.TICKET,
            "state": EvaluationState.SUBMITTED,
            "call_id": ticket.call_id,
            "office_code": office,
            "ticket_id": ticket.id,
            "tier": Tier.OFFICE,
            "scorecard_id": scorecard_id,
            "reviewer_id": leader,
            "submitted_at": at,
            "counted_at": at,
        }
        for ticket in work.draw(made, office=office)
    ]
    work.session.execute(insert(Evaluation), evaluations)
    treatments = [
        {
            "id": new_id(),
            "evaluation_id": one["id"],
            "key": new_id(),
            "call_id": one["call_id"],
            "office_code": office,
            "person_id": zhang,
            "category": Category.MANNER,
            "at_s": 1.0,
            "drawn": True,
            "found_at": at,
            "counted_from": week,
            "due_on": week,
        }
        for one in evaluations[:found]
    ]
    if treatments:
        work.session.execute(insert(Treatment), treatments)


@pytest.fixture
def sign(work: Work) -> EarlySign:
    """The sign of office 01: no finding in sixty calls before, twelve in the last twenty; nothing in office 02."""
    judged(work, LAST - timedelta(weeks=8), 60, 0)
    judged(work, LAST, 20, 12)
    judged(work, LAST - timedelta(weeks=8), 40, 1, "02")
    judged(work, LAST, 10, 0, "02")
    marked = service.mark_signs(work.session, AT)
    return next(one for one in marked if one.office_code == "01")


def test_an_office_with_unusually_many_findings_is_marked_once_a_week(work: Work, sign: EarlySign) -> None:
    assert (sign.category, sign.week, sign.state) == (Category.MANNER, LAST, SignState.OPEN)
    assert (sign.window_found, sign.window_calls, sign.before_found, sign.before_calls) == (12, 20, 0, 60)
    assert sign.chance < 1e-6
    assert service.mark_signs(work.session, AT + timedelta(hours=5)) == []
    assert service.mark_signs(work.session, AT + timedelta(weeks=1)) == []
    marked = {one.office_code for one in list_signs(work.session, Scope()).rows}
    assert marked == {"01", BUREAU}
    assert [one.id for one in list_signs(work.session, Scope(office_code="01")).rows] == [sign.id]
    with pytest.raises(NotFound):
        get_sign(work.session, Scope(office_code="02"), sign.id)


def takes_measure(work: Work, sign: EarlySign, *, login: str = "leader", days: int = 14) -> EarlySign:
    """The head gives it a measure."""
    measure = Measure("专题培训", work.town.people[login].id, MONDAY + timedelta(days=days))
    return service.take_measure(work.context("head", AT), sign.id, measure, version=sign.version)


def test_a_sign_is_given_a_measure_with_owner_and_day_and_is_done(work: Work, sign: EarlySign) -> None:
    session, head, leader = work.session, work.context("head", AT), work.context("leader", AT)
    assert work.town.people["leader"].id in {one.id for one in list_owners(session, "01")}
    with pytest.raises(Refused, match="sign_not_at_this_step"):
        service.finish(head, sign.id, "已改", version=sign.version)
    with pytest.raises(InvalidInput, match="due_on"):
        takes_measure(work, sign, days=-1)
    with pytest.raises(InvalidInput, match="owner"):
        takes_measure(work, sign, login="zhang")
    takes_measure(work, sign)
    with pytest.raises(Conflict):
        service.finish(head, sign.id, "已改", version=sign.version - 1)
    with pytest.raises(Refused, match="sign_not_yours"):
        service.finish(work.context("deputy", AT), sign.id, "已改", version=sign.version)
    with pytest.raises(Refused, match="sign_not_yours"):
        service.dismiss(leader, sign.id, "不必", version=sign.version)
    service.finish(leader, sign.id, "复查正常", version=sign.version)
    assert (sign.state, sign.outcome) == (SignState.DONE, "复查正常")
    assert sign.id not in {one.id for one in list_unfinished(session, Scope())}


def test_a_sign_is_dismissed_only_with_a_reason(work: Work, sign: EarlySign) -> None:
    head = work.context("head", AT)
    with pytest.raises(InvalidInput, match="reason"):
        service.dismiss(head, sign.id, " ", version=sign.version)
    service.dismiss(head, sign.id, "系评分标准调整所致", version=sign.version)
    assert sign.state is SignState.DISMISSED


def test_who_sees_to_a_measure_is_reminded_and_once_overdue_the_next_level_too(
    work: Work, sign: EarlySign
) -> None:
    session, domain = work.session, "tax.example"
    takes_measure(work, sign, days=10)
    assert sign.id in {one.id for one in service.list_due(session)}
    last = AT + timedelta(days=10)
    reminded = [service.remind_of_measure(session, sign.id, last + timedelta(days=n), domain) for n in (-3, -1, 0)]
    assert reminded == [False, True, True]
    assert recipients(work) == ["leader", "leader"]
    for hours in range(2):
        service.remind_of_measure(session, sign.id, last + timedelta(days=1, hours=hours), domain)
    assert recipients(work) == ["head", "leader", "leader", "leader", "supervisor", "supervisor2"]
    incident = session.scalars(select(Incident).where(Incident.cause == Cause.SIGN_OVERDUE)).one()
    assert (incident.office_code, incident.subject, incident.times) == ("01", sign.subject, 1)
    takes_measure(work, sign, days=20)
    session.refresh(incident)
    assert incident.healed_at is not None
    assert not service.remind_of_measure(session, sign.id, last + timedelta(days=1), domain)


def test_the_section_is_reminded_of_a_sign_that_nobody_decides_on_and_then_the_bureau_leader(
    work: Work, sign: EarlySign
) -> None:
    session, domain = work.session, "tax.example"
    last = AT + timedelta(days=DECIDE_DAYS)
    assert sign.due_on == MONDAY + timedelta(days=DECIDE_DAYS)
    assert not service.remind_of_measure(session, sign.id, last - timedelta(days=4), domain)
    assert service.remind_of_measure(session, sign.id, last, domain)
    assert recipients(work) == ["head", "supervisor", "supervisor2"]
    assert service.remind_of_measure(session, sign.id, last + timedelta(days=1), domain)
    incident = session.scalars(select(Incident).where(Incident.cause == Cause.SIGN_OVERDUE)).one()
    assert incident.healed_at is None
    service.dismiss(work.context("head", AT), sign.id, "系评分标准调整所致", version=sign.version)
    session.refresh(incident)
    assert incident.healed_at is not None


def test_a_week_is_not_looked_at_before_its_findings_are_known(work: Work) -> None:
    (ticket,) = work.draw([work.call(20)])
    work.judges("leader", ticket)
    assert service.mark_signs(work.session, AT) == []
    assert work.session.scalars(select(SignLook)).all() == []
    open_treatments(work.session)
    service.mark_signs(work.session, AT)
    assert len(work.session.scalars(select(SignLook)).all()) == 1


def test_an_office_whose_weeks_differ_much_is_not_marked_for_one_more_such_week(work: Work) -> None:
    for n, found in enumerate((18, 0, 0, 17, 0, 0, 19, 0)):
        judged(work, LAST - timedelta(weeks=5 + n), 20, found)
    judged(work, LAST, 20, 18)
    judged(work, LAST - timedelta(weeks=3), 20, 12)
    tallies = count_for(work.session, LAST)
    assert chance(tallies.span("01", Category.MANNER)) < level(3, len(Category))
    assert service.mark_signs(work.session, AT) == []


def test_the_worker_reminds_of_each_measure(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        town = make_work(session, tmp_path).town
        leader, day = town.people["leader"].id, MONDAY - timedelta(days=1)
        figures = {"window_calls": 20, "window_found": 12, "before_calls": 60, "before_found": 0, "chance": 1e-9}
        decided = {"state": SignState.MEASURE, "owner_id": leader, "due_on": day, "decided_by": leader}
        session.add(EarlySign(office_code=BUREAU, category=Category.MANNER, week=LAST, **figures, **decided))
    worker = Worker(Settings(home=tmp_path, mode=Mode.HQ), store, lambda: AT)
    assert tasks.remind_of_measures(worker) is False
    with store.reading() as session:
        assert session.scalars(select(Incident.office_code)).all() == [HEADQUARTERS]


def recipients(work: Work) -> list[str]:
    return sorted(one.partition("@")[0] for one in work.session.scalars(select(Mail.recipient)))


def test_weeks_are_counted_by_category_office_and_person(work: Work, sign: EarlySign) -> None:
    weeks = [LAST - timedelta(weeks=1), LAST]
    by_office = trend(work.session, Scope(), By.OFFICE, weeks, None)
    assert (by_office.calls, by_office.rows) == ([0, 30], {"01": [0, 12]})
    by_person = trend(work.session, Scope(office_code="01"), By.PERSON, weeks, Category.MANNER)
    assert (by_person.calls, list(by_person.rows.values())) == ([0, 20], [[0, 12]])
    assert trend(work.session, Scope(), By.CATEGORY, weeks, Category.WORDS).rows == {}
    assert sign.owner is None


def test_a_point_opens_into_the_findings_that_it_counts(work: Work, sign: EarlySign) -> None:
    last = LAST + timedelta(days=6)
    assert sign.window_found == 12
    manner = FindingFilter(category=Category.MANNER, office_code="01")
    point = replace(manner, evaluated_from=LAST, evaluated_to=last)
    found = list_treatments(work.session, Scope(), point).rows
    assert len(found) == 12
    assert list_treatments(work.session, Scope(), replace(point, nobody=True)).rows == []
    directed = found[0].evaluation
    directed.kind, directed.ticket_id, directed.tier, directed.counted_at = Kind.DIRECTED, None, None, None
    work.session.flush()
    assert len(list_treatments(work.session, Scope(), point).rows) == 11
    before = replace(point, evaluated_from=LAST - timedelta(weeks=9), evaluated_to=LAST - timedelta(days=1))
    assert list_treatments(work.session, Scope(), before).rows == []
