"""What headquarters wrote about a finding, an office does not write anew; and no deadline moves after the fact."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from supervision.clock import day_bounds
from supervision.database import Database
from supervision.errors import Refused
from supervision.evaluations.rules import Category
from supervision.evaluations.service import amend, content_of
from supervision.findings import service
from supervision.findings.models import FindingPosition, Treatment
from supervision.findings.rules import Measure, Prevention, Standing
from supervision.rectification.service import withdraw
from supervision.workdays.service import enter_days
from tests.evaluations.factories import MONDAY, Work, make_work
from tests.findings.factories import breach, treated
from tests.locks import at_once
from tests.rectification.factories import issued


def test_an_office_does_not_put_its_none_needed_in_place_of_a_rectification(work: Work) -> None:
    for n, (login, to, refusal) in enumerate((("head", "", "yours"), ("leader", "zhang", "at_this_step"))):
        one = treated(work, breach(n))
        issued(work, one, login=login, to=to)
        with pytest.raises(Refused, match=f"treatment_not_{refusal}"):
            service.prevent(work.context("deputy"), one.id, "偶发", needed=False, version=one.version)
        assert one.prevention is Prevention.RECTIFICATION


def test_an_office_does_not_write_headquarters_criticism_or_measure_anew(work: Work) -> None:
    one = treated(work)
    leader, head, other = (work.context(login) for login in ("leader", "head", "supervisor"))
    service.treat_person(head, one.id, Measure.CRITICISM, "通报批评", version=one.version)
    with pytest.raises(Refused, match="treatment_not_yours"):
        service.treat_person(leader, one.id, Measure.EDUCATION, "谈话", version=one.version)
    service.prevent(head, one.id, "每日抽听", needed=True, version=one.version)
    with pytest.raises(Refused, match="treatment_not_yours"):
        service.prevent(leader, one.id, "偶发", needed=False, version=one.version)
    issued(work, one, login="leader", to="zhang")
    service.treat_person(other, one.id, Measure.EDUCATION, "谈话提醒", version=one.version)
    assert (one.measure, one.prevention) == (Measure.EDUCATION, Prevention.MEASURE)


def test_what_headquarters_declined_two_of_an_office_do_not_agree_on(work: Work) -> None:
    one = treated(work)
    leader, deputy, head = (work.context(login) for login in ("leader", "deputy", "head"))
    service.prevent(leader, one.id, "偶发", needed=False, version=one.version)
    service.decline(head, one.id, "已是第三次", version=one.version)
    service.prevent(leader, one.id, "确属偶发", needed=False, version=one.version)
    with pytest.raises(Refused, match="treatment_not_yours"):
        service.agree(deputy, one.id, version=one.version)
    with pytest.raises(Refused, match="treatment_not_yours"):
        service.decline(deputy, one.id, "再议", version=one.version)
    service.agree(head, one.id, version=one.version)
    assert one.agreed_by == head.actor.account_id


@pytest.mark.parametrize("worked", [True, False])
def test_days_entered_after_the_fact_make_no_finding_overdue_nor_less_so(work: Work, worked: bool) -> None:
    one = treated(work)
    last = one.due_on
    days = (date(2026, 3, 21), date(2026, 3, 22)) if worked else (date(2026, 3, 16), last)
    enter_days(work.context("head"), *days, worked=worked, reason="事后录入")
    at = day_bounds(last)[0 if worked else 1] + timedelta(hours=9)
    service.remind_of_untreated(work.session, "01", at)
    assert one.due_on == last


@pytest.mark.postgres
def test_who_treats_while_the_days_of_many_are_counted_again_is_answered(
    postgres_url: str, tmp_path: Path
) -> None:
    """The one held its finding and waited for the log; the other held the log and waited for the finding."""
    database = Database(postgres_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        treated(work, breach(1), breach(2))
        *_, last = session.query(Treatment).order_by(Treatment.id)
        leader, version, monday = work.context("leader"), last.version, date(2026, 3, 23)
        enter_days(work.context("head"), monday, monday, worked=False, reason="台风停工")

    def reminds(session: Session) -> object:
        return service.remind_of_untreated(session, "01", MONDAY + timedelta(days=1))

    def treats(session: Session) -> object:
        mine = replace(leader, session=session)
        return service.treat_person(mine, last.id, Measure.EDUCATION, "谈话", version=version)

    assert at_once(database, reminds, treats) == ["done", "conflict"]
    database.close()


def test_a_finding_that_another_is_found_to_have_made_has_no_confirmation_of_the_first(work: Work) -> None:
    """An amendment took it back; when it is brought again, somebody else is known to have talked."""
    one = treated(work)
    leader, zhang = work.context("leader"), work.context("zhang")
    service.treat_person(leader, one.id, Measure.EDUCATION, "谈话", version=one.version)
    service.confirm(zhang, one.id, version=one.version)
    one.state, one.person_id = Standing.GONE, work.town.people["li"].id
    work.session.flush()
    position = work.session.get_one(FindingPosition, 1)
    position.n = 0
    service.open_treatments(work.session)
    assert (one.state, one.measure, one.confirmed_at) == (Standing.OPEN, None, None)


def test_an_office_that_issues_a_notice_and_withdraws_it_has_no_more_time_for_its_finding(work: Work) -> None:
    one = treated(work)
    last = one.due_on
    found = issued(work, one, login="leader", to="zhang")
    later = work.context("leader", MONDAY + timedelta(days=12))
    withdraw(later, found.id, "误发", version=found.version)
    assert (one.state, one.prevention, one.due_on) == (Standing.OPEN, None, last)


def test_a_reviewer_of_the_office_amends_away_neither_headquarters_words_nor_the_days_that_are_over(
    work: Work,
) -> None:
    one = treated(work)
    last, head = one.due_on, work.context("head")
    service.treat_person(head, one.id, Measure.CRITICISM, "通报批评", version=one.version)
    service.prevent(work.context("leader"), one.id, "偶发", needed=False, version=one.version)
    service.decline(head, one.id, "已是第三次", version=one.version)
    evaluation = one.evaluation
    first = content_of(evaluation.judgements[-1])
    other = replace(first, findings=tuple(replace(found, category=Category.WORDS) for found in first.findings))
    for n, content in enumerate((other, replace(first, findings=()), first), 1):
        amend(work.context("leader", MONDAY + timedelta(days=n + 5)), evaluation.id, content, reason="复听", n=n)
        service.open_treatments(work.session)
    assert (one.state, one.measure, one.due_on) == (Standing.OPEN, Measure.CRITICISM, last)
    assert one.declined_by == head.actor.account_id
