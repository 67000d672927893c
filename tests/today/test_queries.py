"""What is gathered for the start page, on both databases."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from supervision.actor import Role, Scope
from supervision.calls.models import Call
from supervision.database import Database
from supervision.draws.models import Draw
from supervision.draws.rules import Tier
from supervision.evaluations.drafts import take_call
from supervision.findings.messages import email_of as findings_email
from supervision.findings.queries import FindingFilter, count_untreated, list_treatments
from supervision.findings.rules import Measure
from supervision.findings.service import open_treatments, prevent, treat_person
from supervision.incidents.rules import Cause
from supervision.incidents.service import acknowledge, heal_incident, open_incident
from supervision.people.resets import ask_reset
from supervision.quotas.rules import Urgency
from supervision.rectification.messages import email_of as notice_email
from supervision.retention.models import Deletion
from supervision.retention.rules import DeletionCause
from supervision.retention.service import agree
from supervision.today.node import list_node_todos
from supervision.today.queries import list_figures, list_todos
from supervision.today.rules import Subject, Todo
from tests.calls.samples import NOON
from tests.evaluations.factories import MONDAY, Work, make_work
from tests.findings.factories import breach, judged, treated
from tests.rectification.factories import answered, issued

AT = MONDAY + timedelta(hours=2)


def test_each_person_finds_his_own_and_the_bureau_its_figures(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        work.town.missed(NOON)
        judged(work, breach(5, "words"))
        notice = issued(work)
        todos = {
            login: list_todos(session, work.town.actor(login), AT) for login in ("leader", "supervisor", "zhang")
        }
        assert [one.subject for one in todos["leader"]] == [Subject.ANSWER, Subject.TREAT, Subject.REGULATION]
        assert todos["leader"][0] == Todo(Subject.ANSWER, 1, notice.due_on, notice.number, str(notice.id))
        assert [one.subject for one in todos["zhang"]] == [Subject.REGULATION]
        answered(work, notice)
        found = [one.subject for one in list_todos(session, work.town.actor("supervisor"), AT)]
        assert Subject.VERIFY in found
        assert Subject.ANSWER not in found
        here, there = list_figures(session, NOON - timedelta(days=9), AT)
        assert (here.code, here.calls, here.answered, here.in_time, here.missed) == ("01", 3, 2, 2, 1)
        assert (here.mean, here.share_in_time, here.open_notices) == (100.0, 1.0, 1)
        assert (there.calls, there.mean, there.share_in_time) == (0, None, None)


def test_what_a_person_has_done_his_part_of_is_his_no_more(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        for login, role in (("keeper", Role.SECURITY_ADMINISTRATOR), ("keeper2", Role.SECURITY_ADMINISTRATOR)):
            work.town.person(login, login, role, established_at=NOON - timedelta(days=9))
        finding = treated(work)
        incident = open_incident(session, office_code="01", cause=Cause.NO_BYTES, subject="x", at=NOON)
        deletion = Deletion(
            cause=DeletionCause.AGE, office_code="01", from_day=NOON.date(), to_day=NOON.date(), term_days=730
        )
        session.add(deletion)
        session.flush()
        assert number(work, "supervisor", Subject.INCIDENTS) == 1
        assert number(work, "head", Subject.DELETIONS) == 1
        assert number(work, "leader", Subject.TREAT) == 1
        prevent(work.context("leader", AT), finding.id, "属偶发情况", needed=False, version=finding.version)
        assert number(work, "leader", Subject.TREAT) == 1
        treat_person(work.context("leader", AT), finding.id, Measure.EDUCATION, "已谈话", version=finding.version)
        assert (number(work, "leader", Subject.AGREE), number(work, "deputy", Subject.AGREE)) == (0, 1)
        acknowledge(work.context("leader", AT), incident.id, note="已查明", version=incident.version)
        agree(work.context("head", AT), deletion.id, version=deletion.version)
        ask_reset(work.context("keeper", AT), work.town.people["machines"].id)
        assert number(work, "supervisor", Subject.INCIDENTS) == 0
        assert number(work, "supervisor", Subject.DELETIONS) == 1
        assert number(work, "head", Subject.DELETIONS) == 0
        assert number(work, "keeper", Subject.RESETS) == 0
        assert number(work, "keeper2", Subject.RESETS) == 1


def number(work: Work, login: str, subject: Subject) -> int:
    """How many of a subject are on a person's list."""
    todos = list_todos(work.session, work.town.actor(login), AT)
    return sum(one.number for one in todos if one.subject is subject)


def test_a_finding_is_on_the_lists_of_those_whose_step_is_next(store: Database, tmp_path: Path) -> None:
    """The office treats it; another of its leaders or the section agrees; the section has what is overdue."""
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        mine, his = treated(work), treated(work, breach(2))
        his.person_id = work.town.people["leader"].id
        session.flush()
        everybody = "leader", "deputy", "leader2", "supervisor", "head"
        assert findings_of(work, *everybody) == [(1, 0), (2, 0), (0, 0), (0, 0), (0, 0)]
        treat_person(work.context("leader", AT), mine.id, Measure.EDUCATION, "已谈话", version=mine.version)
        prevent(work.context("leader", AT), mine.id, "属偶发情况", needed=False, version=mine.version)
        assert findings_of(work, *everybody) == [(0, 0), (1, 1), (0, 0), (0, 1), (0, 1)]
        mine.due_on = his.due_on = AT.date() - timedelta(days=1)
        assert findings_of(work, *everybody) == [(0, 0), (1, 1), (0, 0), (1, 1), (1, 1)]
        todos = list_todos(session, work.town.actor("supervisor"), AT)
        assert [one.record for one in todos if one.subject is Subject.TREAT_OVERDUE] == [str(his.id)]


def findings_of(work: Work, *logins: str) -> list[tuple[int, int]]:
    """For each person how many findings are his to treat, and to how many he is to agree."""
    treated_by = Subject.TREAT, Subject.TREAT_OVERDUE
    return [
        (sum(number(work, one, subject) for subject in treated_by), number(work, one, Subject.AGREE))
        for one in logins
    ]


def test_the_mean_score_is_that_of_drawn_calls_whose_evaluation_counts(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        counts, waits = work.draw([work.call(20), work.call(90)])
        work.judges("leader", counts)
        chosen = take_call(work.context("supervisor"), work.call(20).id)
        work.hears("supervisor", session.get_one(Call, chosen.call_id), 0, 20)
        unheard = work.takes("leader", waits)
        for login, evaluation in (("supervisor", chosen), ("leader", unheard)):
            work.writes(login, evaluation, work.content(deduct=10))
            work.submits(login, evaluation)
        assert (chosen.is_judged, unheard.is_judged, unheard.counted_at) == (True, True, None)
        assert list_figures(session, NOON - timedelta(days=9), AT)[0].mean == 100.0


def test_the_figures_say_how_much_is_reviewed_and_what_is_overdue(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        first, _ = work.draw([work.call(20), work.town.call()])
        work.draw([work.town.call()], Tier.HQ)
        work.judges("leader", first, findings=[breach()])
        open_treatments(session)
        (finding,) = list_treatments(session, Scope(office_code="01"), FindingFilter()).rows
        issued(work, finding)
        here, there = list_figures(session, NOON - timedelta(days=9), AT)
        assert (here.reviewed, here.required, here.overdue_quotas, here.overdue_notices) == (1, 3, 0, 0)
        assert (there.reviewed, there.required) == (0, 0)
        here, _ = list_figures(session, NOON - timedelta(days=9), AT + timedelta(days=40))
        assert (here.overdue_quotas, here.open_notices, here.overdue_notices) == (2, 1, 1)


def test_what_is_overdue_counts_once(store: Database, tmp_path: Path) -> None:
    """The leader answers it; the section, whose it is not, hears by the incident."""
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        notice = issued(work)
        for cause, subject in (
            (Cause.RECTIFICATION_OVERDUE, notice.subject),
            (Cause.FINDING_UNTREATED, "evaluation:x"),
            (Cause.NO_BYTES, "y"),
        ):
            open_incident(session, office_code="01", cause=cause, subject=subject, at=NOON)
        assert number(work, "leader", Subject.ANSWER) == 1
        assert number(work, "leader", Subject.INCIDENTS) == 1
        assert number(work, "supervisor", Subject.INCIDENTS) == 3


@pytest.mark.parametrize("cause", [Cause.DRAW_TICKETS_DIFFER, Cause.DRAW_LISTS_DIFFER], ids=str)
def test_that_a_draw_differs_is_shown_to_the_bureau_leader_until_it_is_over(
    store: Database, tmp_path: Path, cause: Cause
) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        work.town.person("bureau", "吴局长", Role.BUREAU_LEADER)
        (ticket,) = work.draw([work.town.call()])
        draw = session.get_one(Draw, ticket.draw_id)
        about: dict[str, Any] = {"office_code": "01", "cause": cause, "subject": draw.name}
        open_incident(session, **about, at=NOON)
        for gathered in (list_todos, list_node_todos):
            found = [one for one in gathered(session, work.town.actor("bureau"), AT) if one.name == draw.name]
            assert found == [Todo(Subject.DRAW_DIFFERS, 1, None, draw.name, str(draw.id), "01")]
        assert number(work, "supervisor", Subject.DRAW_DIFFERS) == 0
        heal_incident(session, **about, at=AT)
        assert number(work, "bureau", Subject.DRAW_DIFFERS) == 0


def test_a_day_counted_with_unknown_holidays_is_marked_on_the_list_and_in_the_reminder(
    store: Database, tmp_path: Path
) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        notice, first, later = issued(work), treated(work, breach(2)), treated(work, breach(3))
        assert {one.provisional for one in list_todos(session, work.town.actor("leader"), AT)} == {False}
        notice.provisional = later.provisional = True
        later.due_on = first.due_on + timedelta(days=1)
        assert provisional(work, "leader") == [Subject.ANSWER]
        untreated = count_untreated(session, Scope(office_code="01"), AT.date())
        assert "暂定" not in findings_email("某所", untreated, AT.date())[1]
        assert "（暂定）" in notice_email(notice, Urgency.DUE_SOON)[1]
        later.due_on = first.due_on - timedelta(days=1)
        assert provisional(work, "leader") == [Subject.TREAT, Subject.ANSWER]
        untreated = count_untreated(session, Scope(office_code="01"), AT.date())
        assert "（暂定）" in findings_email("某所", untreated, AT.date())[1]


def provisional(work: Work, login: str) -> list[Subject]:
    """What on a person's list is marked so."""
    return [one.subject for one in list_todos(work.session, work.town.actor(login), AT) if one.provisional]
