"""Each breach has its treatment: opened by itself, given in two halves, agreed, confirmed, and overdue in time."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.actor import Actor, Role, Scope
from supervision.database import Database
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.content_rules import Content
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import Category
from supervision.evaluations.service import amend, content_of
from supervision.findings import service, tasks
from supervision.findings.models import Treatment
from supervision.findings.queries import (
    FindingFilter,
    Untreated,
    Waiting,
    count_untreated,
    get_treatment,
    list_treatments,
    waiting_for_confirmation,
)
from supervision.findings.rules import (
    Given,
    Measure,
    Objection,
    Prevention,
    Standing,
    TreatmentAct,
    is_overdue,
    objection,
    standing,
)
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.mail.models import Mail
from supervision.settings import Mode, Settings
from supervision.task import Worker
from supervision.workdays.service import enter_days
from tests.evaluations.factories import ALWAYS, MONDAY, Work, make_work
from tests.findings.factories import breach, judged, treated
from tests.rectification.factories import issued

OFFICE = Scope(office_code="01")
HIM, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def stands(one: Treatment) -> Standing:
    """As it is now, whatever it was a line above."""
    return one.state


def an_actor(role: Role, office: str | None = None, account_id: uuid.UUID = OTHER) -> Actor:
    return Actor(account_id, "x", "某", role, office)


@pytest.mark.parametrize(
    ("person", "measure", "confirmed", "prevention", "agreed"),
    list(product([None, HIM], [None, Measure.EDUCATION], [False, True], [None, *Prevention], [False, True])),
)
def test_how_far_a_treatment_is_follows_from_what_was_given(
    person: uuid.UUID | None, measure: Measure | None, confirmed: bool, prevention: Prevention | None, agreed: bool
) -> None:
    found = standing(Given(person, measure, confirmed, prevention, OTHER, agreed))
    both_halves = prevention is not None and (person is None or measure is not None)
    waits_for_another = prevention is Prevention.NONE_NEEDED and not agreed
    assert (found is Standing.OPEN) is not both_halves
    assert (found is Standing.AWAITING_AGREEMENT) is (both_halves and waits_for_another)
    done = both_halves and not waits_for_another and (person is None or confirmed)
    assert (found is Standing.TREATED) is done


@pytest.mark.parametrize("act", list(TreatmentAct))
@pytest.mark.parametrize("role", list(Role))
def test_who_may_treat_a_finding(role: Role, act: TreatmentAct) -> None:
    """Leaders of its own office and the section; the person himself only confirms."""
    needs_agreement = act in {TreatmentAct.AGREE, TreatmentAct.DECLINE}
    given = Given(HIM, Measure.EDUCATION, prevention=Prevention.NONE_NEEDED if needs_agreement else None)
    mine = "01" if role in {Role.OFFICER, Role.OFFICE_LEADER} else None
    found = objection(an_actor(role, mine), act, given, "01")
    treats = role in {Role.OFFICE_LEADER, Role.SUPERVISOR, Role.SUPERVISION_HEAD}
    assert (found is None) is (treats and act is not TreatmentAct.CONFIRM)
    if mine:
        assert objection(an_actor(role, "02"), act, given, "01") is Objection.NOT_YOURS
    himself = objection(an_actor(role, mine, HIM), act, given, "01")
    assert (himself is None) is (act is TreatmentAct.CONFIRM)


def test_on_its_last_day_a_finding_is_not_overdue_and_one_that_waits_for_the_person_never_is() -> None:
    day = date(2026, 3, 30)
    assert not is_overdue(Standing.OPEN, day, day)
    assert is_overdue(Standing.AWAITING_AGREEMENT, day, day + timedelta(days=1))
    assert not is_overdue(Standing.AWAITING_CONFIRMATION, day, day + timedelta(days=99))


def test_each_breach_is_opened_once_due_in_ten_working_days_and_remarks_are_not(work: Work) -> None:
    good = breach(2, kind="good")
    evaluation = judged(work, breach(), good)
    service.open_treatments(work.session)
    service.open_treatments(work.session)
    (found,) = list_treatments(work.session, OFFICE, FindingFilter()).rows
    assert (found.evaluation_id, found.key) == (evaluation.id, uuid.UUID(int=1))
    assert (found.person_id, found.drawn) == (work.town.people["zhang"].id, True)
    assert found.due_on == date(2026, 3, 30)
    assert count_untreated(work.session, OFFICE, date(2026, 3, 31)) == Untreated(1, 1, *[date(2026, 3, 30)] * 2)


def test_a_breach_that_an_amendment_takes_back_is_gone_and_one_that_it_brings_is_opened(work: Work) -> None:
    evaluation = judged(work, breach())
    service.open_treatments(work.session)
    _amended(work, evaluation.id, replace(content_of(evaluation.judgements[-1]), findings=()))
    service.open_treatments(work.session)
    assert list_treatments(work.session, OFFICE, FindingFilter()).rows == []
    (gone,) = list_treatments(work.session, OFFICE, FindingFilter(state=Standing.GONE)).rows
    with pytest.raises(Refused, match="not_at_this_step"):
        _educated(work, gone)
    _amended(work, evaluation.id, content_of(evaluation.judgements[0]))
    service.open_treatments(work.session)
    assert [one.state for one in list_treatments(work.session, OFFICE, FindingFilter()).rows] == [Standing.OPEN]


def _amended(work: Work, evaluation_id: uuid.UUID, content: Content) -> None:
    evaluation = work.session.get_one(Evaluation, evaluation_id)
    n = evaluation.judgements[-1].n
    context = work.context("leader", MONDAY + timedelta(hours=n + 2))
    amend(context, evaluation_id, content, reason="复听", n=n)


def _educated(work: Work, one: Treatment, login: str = "leader") -> Treatment:
    return service.treat_person(work.context(login), one.id, Measure.EDUCATION, "谈话提醒", version=one.version)


def test_a_finding_is_treated_once_both_halves_are_given_and_the_person_confirms(work: Work) -> None:
    one, session = treated(work), work.session
    leader, zhang = work.context("leader"), work.context("zhang")
    _educated(work, one)
    assert stands(one) is Standing.OPEN
    service.prevent(leader, one.id, "每周晨会讲评", needed=True, version=one.version)
    assert stands(one) is Standing.AWAITING_CONFIRMATION
    assert waiting_for_confirmation(session, work.town.people["zhang"].id).number == 1
    service.confirm(zhang, one.id, version=one.version)
    assert stands(one) is Standing.TREATED
    with pytest.raises(Refused, match="treatment_not_at_this_step"):
        service.prevent(leader, one.id, "再写", needed=True, version=one.version)


def test_that_nothing_is_needed_takes_another_person_and_can_be_declined(work: Work) -> None:
    one = treated(work)
    leader, head = work.context("leader"), work.context("head")
    _educated(work, one)
    service.prevent(leader, one.id, "偶发", needed=False, version=one.version)
    assert stands(one) is Standing.AWAITING_AGREEMENT
    with pytest.raises(Refused, match="treatment_same_person"):
        service.agree(leader, one.id, version=one.version)
    service.decline(head, one.id, "已是第三次", version=one.version)
    assert (stands(one), one.prevention) == (Standing.OPEN, None)
    service.prevent(leader, one.id, "确属偶发", needed=False, version=one.version)
    service.agree(head, one.id, version=one.version)
    assert stands(one) is Standing.AWAITING_CONFIRMATION


def test_nobody_treats_a_finding_of_another_office_or_with_an_empty_text_or_over_anothers_word(work: Work) -> None:
    one = treated(work)
    with pytest.raises(NotFound):
        service.treat_person(work.context("leader2"), one.id, Measure.EDUCATION, "谈话", version=one.version)
    with pytest.raises(InvalidInput, match="text"):
        service.prevent(work.context("leader"), one.id, " ", needed=True, version=one.version)
    with pytest.raises(Conflict):
        service.agree(work.context("head"), one.id, version=one.version + 1)


def test_headquarters_sees_no_finding_that_it_may_judge_once_more(work: Work) -> None:
    (ticket,) = work.draw([work.call(20)])
    work.judges("leader", ticket, ALWAYS, findings=[breach()])
    service.open_treatments(work.session)
    (one,) = list_treatments(work.session, OFFICE, FindingFilter()).rows
    assert list_treatments(work.session, Scope(), FindingFilter()).rows == []
    with pytest.raises(NotFound):
        get_treatment(work.session, Scope(), one.id)


def recipients(work: Work) -> list[str]:
    return sorted(one.partition("@")[0] for one in work.session.scalars(select(Mail.recipient)))


def test_what_is_untreated_is_reminded_of_once_a_day_and_once_overdue_one_level_up(work: Work) -> None:
    treated(work, breach(1), breach(2))
    last, domain = MONDAY.replace(hour=10) + timedelta(days=14), "tax.example"
    assert service.offices_to_remind(work.session) == ["01"]
    times = [last + timedelta(hours=hours) for hours in (-72, 0, 1)]
    assert [service.remind_of_untreated(work.session, "01", one, domain) for one in times] == [0, 2, 0]
    assert recipients(work) == ["deputy", "leader"]
    late = last + timedelta(days=1)
    assert service.remind_of_untreated(work.session, "01", late, domain) == 5
    assert recipients(work) == sorted(["deputy", "leader"] * 2 + ["head", "supervisor", "supervisor2"])
    newest = work.session.scalars(select(Mail).order_by(Mail.written_at.desc())).first()
    assert newest
    assert "逾期 2 个" in newest.body
    assert "The first is due on 2026-03-30" in newest.body


def test_what_is_overdue_is_one_incident_a_day_for_each_evaluation_and_heals(work: Work) -> None:
    treated(work, breach(1), breach(2))
    late = MONDAY + timedelta(days=15)
    for hours in range(2):
        service.remind_of_untreated(work.session, "01", late + timedelta(hours=hours))
    incident = work.session.scalars(select(Incident).where(Incident.cause == Cause.FINDING_UNTREATED)).one()
    assert (incident.office_code, incident.times, incident.detail) == ("01", 1, {"findings": 2})
    for treatment in list_treatments(work.session, OFFICE, FindingFilter()).rows:
        treatment.state = Standing.TREATED
    work.session.flush()
    assert service.offices_to_remind(work.session) == ["01"]
    service.remind_of_untreated(work.session, "01", late + timedelta(days=1))
    work.session.refresh(incident)
    assert incident.healed_at is not None
    assert service.offices_to_remind(work.session) == []


def test_the_worker_opens_treatments_and_reminds_of_them(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        judged(make_work(session, tmp_path), breach())
    mail = {"smtp_host": "mail.example", "mail_domain": "tax.example"}
    settings = Settings(home=tmp_path, mode=Mode.HQ, **mail)  # type: ignore[arg-type]
    worker = Worker(settings, store, lambda: MONDAY + timedelta(days=15))
    assert tasks.open_treatments(worker) is False
    assert tasks.remind_of_untreated(worker) is False
    with store.reading() as session:
        assert len(session.scalars(select(Mail.recipient)).all()) == 5
        assert session.scalars(select(Incident.cause)).all() == [Cause.FINDING_UNTREATED]


def test_days_that_are_entered_later_move_the_due_day_of_a_finding(work: Work) -> None:
    one, monday = treated(work), date(2026, 3, 23)
    enter_days(work.context("head"), monday, monday, worked=False, reason="台风停工")
    service.remind_of_untreated(work.session, "01", MONDAY + timedelta(days=1))
    assert one.due_on == date(2026, 3, 31)


def test_headquarters_hears_nothing_of_an_overdue_finding_that_it_may_judge_once_more(work: Work) -> None:
    """Neither by an incident with the call nor by a number in an email; its own office does."""
    (ticket,) = work.draw([work.call(20)])
    work.judges("leader", ticket, ALWAYS, findings=[breach()])
    service.open_treatments(work.session)
    late = MONDAY + timedelta(days=16)
    assert service.remind_of_untreated(work.session, "01", late, "tax.example") == 2
    assert recipients(work) == ["deputy", "leader"]
    assert work.session.scalars(select(Incident).where(Incident.call_id == ticket.call_id)).all() == []
    treated(work, breach(2))
    service.remind_of_untreated(work.session, "01", late + timedelta(days=1), "tax.example")
    body = work.session.scalars(select(Mail.body).where(Mail.recipient == "head@tax.example")).one()
    assert "其中逾期 1 个" in body
    of_office = select(Mail.body).where(Mail.recipient == "leader@tax.example").order_by(Mail.written_at.desc())
    assert "其中逾期 2 个" in (work.session.scalars(of_office).first() or "")


def test_an_amendment_that_makes_another_breach_of_it_begins_its_treatment_anew(work: Work) -> None:
    one = treated(work)
    _educated(work, one)
    service.prevent(work.context("leader"), one.id, "每周晨会讲评", needed=True, version=one.version)
    service.confirm(work.context("zhang"), one.id, version=one.version)
    evaluation = work.session.get_one(Evaluation, one.evaluation_id)
    content = content_of(evaluation.judgements[-1])
    same = replace(content, findings=tuple(replace(found, text="打断对方两次") for found in content.findings))
    _amended(work, evaluation.id, same)
    service.open_treatments(work.session)
    assert (stands(one), one.text) == (Standing.TREATED, "打断对方两次")
    graver = tuple(replace(found, category=Category.WRONG_ANSWER) for found in content.findings)
    n, at = evaluation.judgements[-1].n, MONDAY + timedelta(days=20)
    amend(work.context("leader", at), evaluation.id, replace(content, findings=graver), reason="复听", n=n)
    service.open_treatments(work.session)
    assert (stands(one), one.measure, one.confirmed_at, one.prevention) == (Standing.OPEN, None, None, None)
    service.remind_of_untreated(work.session, "01", at)
    due_on = one.due_on
    assert due_on > at.date()
    n = evaluation.judgements[-1].n
    amend(work.context("leader", at + timedelta(days=9)), evaluation.id, content, reason="再听", n=n)
    service.open_treatments(work.session)
    assert (one.category, one.due_on) == (Category.MANNER, due_on)


def test_what_awaits_my_agreement_is_anothers_word_about_somebody_else(work: Work) -> None:
    one, (leader, head) = treated(work), [work.context(login) for login in ("leader", "head")]
    _educated(work, one)
    service.prevent(leader, one.id, "偶发", needed=False, version=one.version)
    found = {
        login: len(list_treatments(work.session, OFFICE, FindingFilter(to_agree=work.town.people[login].id)).rows)
        for login in ("leader", "deputy", "zhang", "head")
    }
    assert found == {"leader": 0, "deputy": 1, "zhang": 0, "head": 1}
    service.agree(head, one.id, version=one.version)
    deputy = FindingFilter(to_agree=work.town.people["deputy"].id)
    assert list_treatments(work.session, OFFICE, deputy).rows == []


def test_an_offices_own_measure_stays_where_a_notice_comes_on_top(work: Work) -> None:
    one, other = treated(work), treated(work, breach(2))
    service.prevent(work.context("leader"), one.id, "讲评", needed=True, version=one.version)
    service.prevent(work.context("leader"), other.id, "偶发", needed=False, version=other.version)
    issued(work, one, other)
    assert (one.prevention, one.prevention_text) == (Prevention.MEASURE, "讲评")
    assert other.prevention is Prevention.RECTIFICATION


@pytest.mark.parametrize(
    ("role", "office"), [(Role.OFFICER, "02"), (Role.OFFICE_LEADER, "02"), (Role.SUPERVISOR, None)]
)
def test_who_has_moved_since_sees_and_confirms_what_he_is_told_to(
    store: Database, tmp_path: Path, role: Role, office: str | None
) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        one, zhang = treated(work), work.town.people["zhang"]
        leader = work.context("leader")
        service.treat_person(leader, one.id, Measure.EDUCATION, "谈话", version=one.version)
        service.prevent(leader, one.id, "讲评", needed=True, version=one.version)
        other = treated(work, breach(2))
        other.person_id = work.town.people["li"].id
        zhang.role, zhang.office_code = role, office
        session.flush()
        scope, wanted = work.town.scope("zhang"), FindingFilter(unfinished=True)
        assert waiting_for_confirmation(session, zhang.id) == Waiting(1, one.due_on, one.id)
        assert one in list_treatments(session, scope, wanted, me=zhang.id).rows
        if office:
            with pytest.raises(NotFound):
                get_treatment(session, scope, other.id, me=zhang.id)
        service.confirm(work.context("zhang"), one.id, version=one.version)
        assert stands(one) is Standing.TREATED


def test_what_waits_for_somebody_who_has_left_is_looked_for_no_more(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        one, leader = treated(work), work.context("leader")
        service.treat_person(leader, one.id, Measure.EDUCATION, "谈话", version=one.version)
        service.prevent(leader, one.id, "讲评", needed=True, version=one.version)
        assert list_treatments(session, OFFICE, FindingFilter(unfinished=True)).rows == [one]
        work.town.people["zhang"].active = False
        session.flush()
        assert list_treatments(session, OFFICE, FindingFilter(unfinished=True)).rows == []
        assert list_treatments(session, OFFICE, FindingFilter()).rows == [one]
