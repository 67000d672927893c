"""Signs are marked from what was evaluated, once a week, and each is given a measure or dismissed."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from supervision.actor import Scope
from supervision.clock import day_bounds
from supervision.database import Database, new_id
from supervision.draws.rules import Tier
from supervision.early_signs import service
from supervision.early_signs.models import BUREAU, EarlySign
from supervision.early_signs.queries import get_sign, list_owners, list_signs, list_unfinished, trend
from supervision.early_signs.rules import SignState
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import Category, EvaluationState, Kind
from supervision.findings.models import Treatment
from supervision.scorecards.queries import get_in_force
from tests.evaluations.factories import Work, make_work

MONDAY = date(2026, 3, 16)
AT = day_bounds(MONDAY)[0] + timedelta(hours=1)
LAST = MONDAY - timedelta(weeks=1)


@pytest.fixture
def work(store: Database, tmp_path: Path) -> Iterator[Work]:
    with store.transaction() as session:
        yield make_work(session, tmp_path)


def judged(work: Work, week: date, calls: int, found: int, office: str = "01") -> None:
    """So many drawn calls evaluated in a week, straight into the store; in some of them a finding about manner."""
    at, line = day_bounds(week)[0] + timedelta(hours=30), {"01": "main", "02": "east"}[office]
    made = [work.town.call(at - timedelta(minutes=n), office_code=office, line_key=line) for n in range(calls)]
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
            "scorecard_id": get_in_force(work.session).id,
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
    marked = {one.office_code for one in list_signs(work.session, Scope())}
    assert marked == {"01", BUREAU}
    assert [one.id for one in list_signs(work.session, Scope(office_code="01"))] == [sign.id]
    with pytest.raises(NotFound):
        get_sign(work.session, Scope(office_code="02"), sign.id)


def takes_measure(work: Work, sign: EarlySign, *, login: str = "leader", days: int = 14) -> EarlySign:
    """The head gives it a measure."""
    return service.take_measure(
        work.session,
        work.town.actor("head"),
        sign.id,
        "专题培训",
        owner_id=work.town.people[login].id,
        due_on=MONDAY + timedelta(days=days),
        version=sign.version,
        at=AT,
    )


def test_a_sign_is_given_a_measure_with_owner_and_day_and_is_done(work: Work, sign: EarlySign) -> None:
    session, head = work.session, work.town.actor("head")
    assert work.town.people["leader"].id in {one.id for one in list_owners(session, "01")}
    with pytest.raises(Refused, match="sign_not_at_this_step"):
        service.finish(session, head, sign.id, "已改", version=sign.version)
    with pytest.raises(InvalidInput, match="due_on"):
        takes_measure(work, sign, days=-1)
    with pytest.raises(InvalidInput, match="owner"):
        takes_measure(work, sign, login="zhang")
    takes_measure(work, sign)
    with pytest.raises(Conflict):
        service.finish(session, head, sign.id, "已改", version=sign.version - 1)
    service.finish(session, head, sign.id, "复查正常", version=sign.version, at=AT)
    assert (sign.state, sign.outcome) == (SignState.DONE, "复查正常")
    assert sign.id not in {one.id for one in list_unfinished(session, Scope())}


def test_a_sign_is_dismissed_only_with_a_reason(work: Work, sign: EarlySign) -> None:
    head = work.town.actor("head")
    with pytest.raises(InvalidInput, match="reason"):
        service.dismiss(work.session, head, sign.id, " ", version=sign.version)
    service.dismiss(work.session, head, sign.id, "系评分标准调整所致", version=sign.version, at=AT)
    assert sign.state is SignState.DISMISSED


def test_weeks_are_counted_by_category_office_and_person(work: Work, sign: EarlySign) -> None:
    weeks = [LAST - timedelta(weeks=1), LAST]
    by_office = trend(work.session, Scope(), Treatment.office_code, weeks, None)
    assert (by_office.calls, by_office.rows) == ([0, 30], {"01": [0, 12]})
    by_person = trend(work.session, Scope(office_code="01"), Treatment.person_id, weeks, Category.MANNER)
    assert (by_person.calls, list(by_person.rows.values())) == ([0, 20], [[0, 12]])
    assert trend(work.session, Scope(), Treatment.category, weeks, Category.WORDS).rows == {}
    assert sign.owner is None
