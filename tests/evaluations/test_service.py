"""From a ticket to a submitted evaluation that counts, on both databases."""

import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from supervision.actor import Scope
from supervision.audit.models import AuditEntry
from supervision.context import Context
from supervision.database import Database
from supervision.draws.models import Draw
from supervision.draws.queries import progress_of
from supervision.draws.rules import TicketState, Tier
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.content_rules import DraftMark
from supervision.evaluations.drafts import take_again, take_call
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import (
    EvaluationFilter,
    gather_drift,
    get_submitted,
    hidden_ids,
    list_evaluations,
    refuse_hidden,
    rescores_of,
)
from supervision.evaluations.rules import Category, Counting, EvaluationState, FindingKind, Kind
from supervision.evaluations.service import amend, content_of, count_evaluation, count_one_more
from supervision.listening.queries import measure_heard
from supervision.recordings.models import Recording
from supervision.scorecards.queries import get_in_force
from supervision.scorecards.rules import Grade
from supervision.settings import Mode, Settings
from tests.evaluations.factories import ALWAYS, MONDAY, NEVER, Work, make_work, queued, ticket_of
from tests.run_once import run_once

HQ = Scope()


def test_a_ticket_counts_once_enough_was_heard_and_it_was_submitted(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.judges("leader", ticket, deduct=5)
    assert evaluation.state is EvaluationState.SUBMITTED
    assert evaluation.counted_at is not None
    assert ticket.state is TicketState.DONE
    (judged,) = evaluation.judgements
    assert (judged.score, judged.grade, judged.author_id) == (95, Grade.EXCELLENT, work.town.people["leader"].id)
    draw = work.session.get_one(Draw, ticket.draw_id)
    assert progress_of(work.session, [draw])[draw.id].done == 1
    acts = work.session.scalars(select(AuditEntry.act).order_by(AuditEntry.n)).all()
    assert acts[-2:] == ["ticket_done", "evaluation_submitted"]


@pytest.mark.parametrize(
    ("stretch", "passed_s"),
    [((0, 59), None), ((0, 100), 25), ((0, 0), None)],
    ids=["too little", "at four times the speed", "nothing"],
)
def test_who_played_too_little_or_too_fast_does_not_count(
    work: Work, stretch: tuple[float, float], passed_s: float | None
) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    if stretch[1]:
        work.hears("leader", evaluation.call, *stretch, passed_s=passed_s)
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD
    assert (evaluation.counted_at, ticket.state) == (None, TicketState.TAKEN)
    assert queued(work, "leader") == [(Kind.TICKET, False)]


def test_progress_that_was_forged_does_not_count(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    assert work.hears("leader", evaluation.call, 0, 100, passed_s=1) == 2
    assert measure_heard(work.session, work.town.people["leader"].id, ticket.call_id).seconds == 2
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD


def test_what_another_heard_does_not_count_for_the_reviewer(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.hears("deputy", evaluation.call, 0, 100)
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD


def test_a_short_call_must_be_heard_whole(work: Work) -> None:
    ticket = ticket_of(work, 30)
    evaluation = work.takes("leader", ticket)
    work.hears("leader", evaluation.call, 0, 25)
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD
    work.hears("leader", evaluation.call, 24, 30)
    count_one_more(work.session, NEVER, None, MONDAY)
    assert evaluation.counted_at is not None


def test_what_was_submitted_too_early_counts_as_soon_as_its_reviewer_heard_on(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content())
    work.submits("leader", evaluation)
    assert count_one_more(work.session, NEVER, None, MONDAY) == evaluation.id
    assert evaluation.counted_at is None
    work.hears("leader", evaluation.call, 10, 80)
    assert count_one_more(work.session, NEVER, None, MONDAY) == evaluation.id
    assert evaluation.counted_at is not None
    assert ticket.state is TicketState.DONE
    assert count_one_more(work.session, NEVER, None, MONDAY) is None


def test_a_critical_failure_makes_the_score_nothing_and_opens_a_finding_by_itself(work: Work) -> None:
    evaluation = work.judges("leader", ticket_of(work), failed="答复正确")
    (judged,) = evaluation.judgements
    assert (judged.score, judged.grade, judged.critical_failed) == (0, Grade.FAIL, True)
    (finding,) = judged.findings
    assert (finding.by_rule, finding.kind) == (True, FindingKind.BREACH)
    assert finding.clause_id is not None
    assert finding.text.startswith("答复正确")


def test_remarks_keep_their_second_kind_category_and_clause(work: Work) -> None:
    clause = str(work.session.execute(text("SELECT id FROM regulation_clauses WHERE n = 17")).scalar_one())
    key = str(uuid.uuid4())
    noted = {
        "key": key,
        "at_s": 12.34,
        "kind": "breach",
        "category": "manner",
        "text": "打断",
        "clause_id": clause,
    }
    evaluation = work.judges("leader", ticket_of(work), findings=[noted])
    (finding,) = evaluation.judgements[0].findings
    assert (finding.at_s, finding.category, finding.text, finding.by_rule) == (
        12.3,
        Category.MANNER,
        "打断",
        False,
    )
    assert (finding.key, finding.clause_id) == (uuid.UUID(key), uuid.UUID(clause))


def test_a_clause_that_is_not_there_cannot_be_cited(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    noted = {
        "key": str(uuid.uuid4()),
        "at_s": 1,
        "kind": "breach",
        "category": "manner",
        "clause_id": str(uuid.uuid4()),
    }
    work.writes("leader", evaluation, work.content(findings=[noted]))
    with pytest.raises(InvalidInput, match="clauses"):
        work.submits("leader", evaluation)


def test_nothing_is_submitted_without_points_for_every_criterion(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    content = work.content()
    first = next(iter(content.marks))
    work.writes("leader", evaluation, replace(content, marks={first: content.marks[first]}))
    with pytest.raises(InvalidInput, match="marks"):
        work.submits("leader", evaluation)
    assert evaluation.state is EvaluationState.DRAFT


def test_a_deduction_without_its_reason_is_not_submitted(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    content = work.content(deduct=5)
    bare = {key: replace(mark, remark=" ") for key, mark in content.marks.items()}
    work.writes("leader", evaluation, replace(content, marks=bare))
    with pytest.raises(InvalidInput, match="reason_missing"):
        work.submits("leader", evaluation)
    assert evaluation.state is EvaluationState.DRAFT
    work.writes("leader", evaluation, content)
    work.submits("leader", evaluation)
    assert [mark.remark for mark in evaluation.judgements[0].marks if mark.remark] == ["有扣分"]


def test_what_does_not_apply_takes_its_weight_away_and_comes_back_in_an_amendment(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    referral = get_in_force(work.session).criteria[4]
    content = work.content(deduct=6)
    bare = {**content.marks, referral.id: DraftMark(not_applicable=True)}
    work.writes("leader", evaluation, replace(content, marks=bare))
    with pytest.raises(InvalidInput, match="reason_missing"):
        work.submits("leader", evaluation)
    left_out = {**content.marks, referral.id: DraftMark(not_applicable=True, remark="未涉及转办")}
    work.writes("leader", evaluation, replace(content, marks=left_out))
    work.submits("leader", evaluation)
    (judged,) = evaluation.judgements
    assert judged.score == round(100 * 84 / 90)
    mark = next(one for one in judged.marks if one.criterion_id == referral.id)
    assert (mark.points, mark.not_applicable) == (None, True)
    assert content_of(judged).marks == left_out


def test_the_scorecard_may_say_that_leaving_out_needs_no_reason(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    referral = get_in_force(work.session).criteria[4]
    referral.needs_no_reason = True
    content = work.content()
    left_out = {**content.marks, referral.id: DraftMark(not_applicable=True)}
    work.writes("leader", evaluation, replace(content, marks=left_out))
    assert work.submits("leader", evaluation) is not None
    assert evaluation.is_judged


def test_a_criterion_that_always_applies_cannot_be_left_out(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    content = work.content()
    first = next(iter(content.marks))
    work.writes(
        "leader", evaluation, replace(content, marks={**content.marks, first: DraftMark(not_applicable=True)})
    )
    with pytest.raises(InvalidInput, match="missing"):
        work.submits("leader", evaluation)


def test_ringing_and_announcement_count_neither_as_heard_nor_as_to_be_heard(work: Work) -> None:
    ticket = ticket_of(work)
    work.session.get_one(Recording, ticket.call_id).officer_on_ms = 40_000
    evaluation = work.takes("leader", ticket)
    work.hears("leader", evaluation.call, 0, 62)
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD
    assert (evaluation.heard_s, evaluation.duration_s) == (22, 60)
    work.hears("leader", evaluation.call, 62, 100)
    count_one_more(work.session, NEVER, None, MONDAY)
    assert evaluation.counted_at is not None


def test_an_office_that_tells_false_times_takes_nothing_away_from_what_must_be_heard(work: Work) -> None:
    ticket = ticket_of(work)
    recording = work.session.get_one(Recording, ticket.call_id)
    recording.officer_on_ms, recording.caller_talks_ms = 95_000, 12_000
    evaluation = work.takes("leader", ticket)
    work.hears("leader", evaluation.call, 90, 100)
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD
    assert (evaluation.heard_s, evaluation.duration_s) == (10, 88)


def test_an_amendment_is_a_new_version_with_author_and_reason_beside_the_first(work: Work) -> None:
    evaluation = work.judges("leader", ticket_of(work), deduct=5)
    actor, scope = work.town.actor("leader"), work.town.scope("leader")
    content = content_of(evaluation.judgements[0])
    changed = replace(content, remark="复听后更正")
    with pytest.raises(InvalidInput, match="reason"):
        amend(Context(work.session, actor, scope, MONDAY), evaluation.id, changed, reason=" ", n=1)
    amend(Context(work.session, actor, scope, MONDAY), evaluation.id, changed, reason="听错了", n=1)
    with pytest.raises(Conflict):
        amend(Context(work.session, actor, scope, MONDAY), evaluation.id, changed, reason="再改", n=1)
    first, second = get_submitted(work.session, HQ, evaluation.id).judgements
    assert (first.n, first.remark, first.reason) == (1, "", "")
    assert (second.n, second.remark, second.reason, second.score) == (2, "复听后更正", "听错了", 95)
    assert evaluation.state is EvaluationState.AMENDED
    with pytest.raises(Refused, match="not_your_evaluation"):
        amend(
            Context(work.session, work.town.actor("deputy"), scope, MONDAY),
            evaluation.id,
            changed,
            reason="我改",
            n=2,
        )
    amend(work.context("head"), evaluation.id, changed, reason="复核", n=2)
    with pytest.raises(NotFound):
        get_submitted(work.session, Scope("02"), evaluation.id)


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE judgements SET score = 100",
        "DELETE FROM marks",
        "UPDATE findings SET text = ''",
        "DELETE FROM judgements",
    ],
)
def test_what_was_submitted_can_be_neither_changed_nor_removed(store: Database, tmp_path: Path, act: str) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        work.judges("leader", ticket_of(work), failed="答复正确")
    with pytest.raises(DatabaseError, match="never changed"), store.transaction() as session:
        session.execute(text(act))


def test_a_directed_check_is_kept_apart_and_never_counts(work: Work) -> None:
    call = work.call()
    actor, scope = work.town.actor("supervisor"), work.town.scope("supervisor")
    evaluation = take_call(Context(work.session, actor, scope, MONDAY), call.id)
    assert take_call(Context(work.session, actor, scope, MONDAY), call.id).id == evaluation.id
    work.hears("supervisor", call, 0, 100)
    work.writes("supervisor", evaluation, work.content())
    assert work.submits("supervisor", evaluation) is Counting.DIRECTED
    assert evaluation.counted_at is None
    with pytest.raises(NotFound):
        take_call(work.context("leader"), call.id)
    with pytest.raises(NotFound):
        take_again(work.context("supervisor2"), evaluation.id)
    found = list_evaluations(work.session, HQ, EvaluationFilter(kind=Kind.DIRECTED)).rows
    assert [one.id for one in found] == [evaluation.id]


def test_headquarters_judges_again_blind_and_the_drift_is_the_difference(work: Work) -> None:
    first = work.judges("leader", ticket_of(work), ALWAYS, deduct=3)
    head = work.town.actor("head")
    again = work.session.scalars(select(Evaluation).where(Evaluation.rescore_of == first.id)).one()
    with pytest.raises(Refused, match="hidden_until_rescored"):
        refuse_hidden(work.session, head, first)
    with pytest.raises(Refused, match="hidden_until_rescored"):
        amend(Context(work.session, head, HQ, MONDAY), first.id, work.content(), reason="看看", n=1)
    refuse_hidden(work.session, work.town.actor("leader"), first)
    assert gather_drift(work.session, HQ, MONDAY, MONDAY + timedelta(days=1)).offices == []
    graded = EvaluationFilter(grade=Grade.EXCELLENT)
    assert list_evaluations(work.session, HQ, graded).rows == []
    assert len(list_evaluations(work.session, Scope("01"), graded).rows) == 1
    assert queued(work, "supervisor") == [(Kind.RESCORE, True)]
    assert queued(work, "leader") == []
    with pytest.raises(NotFound):
        take_again(work.context("leader"), again.id)
    take_again(work.context("supervisor"), again.id)
    with pytest.raises(Refused, match="in_hand: 林督察"):
        take_again(work.context("supervisor2"), again.id)
    work.writes("supervisor", again, work.content(deduct=15))
    assert work.submits("supervisor", again) is Counting.RESCORE
    refuse_hidden(work.session, head, first)
    assert rescores_of(work.session, [first.id])[first.id].id == again.id
    drift = gather_drift(work.session, HQ, MONDAY, MONDAY + timedelta(days=1))
    (office,) = drift.offices
    assert (office.key, office.drift, office.pairs, office.heard_share, office.waited_s) == ("01", 12, 1, 1, 3600)
    assert len(drift.reviewers) == 2


def test_what_was_submitted_too_early_is_hidden_from_headquarters_until_it_is_known_who_judges_it_again(
    work: Work,
) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content(deduct=7))
    work.submits("leader", evaluation)
    head, leader = work.town.actor("head"), work.town.actor("leader")
    assert hidden_ids(work.session, head, [evaluation.id]) == {evaluation.id}
    assert hidden_ids(work.session, leader, [evaluation.id]) == frozenset()
    assert gather_drift(work.session, HQ, MONDAY, MONDAY + timedelta(days=1)).offices == []
    work.hears("leader", evaluation.call, 0, 100)
    count_evaluation(Context(work.session, leader, Scope(), MONDAY), evaluation, NEVER)
    assert hidden_ids(work.session, head, [evaluation.id]) == frozenset()


def test_headquarters_own_sample_is_not_judged_twice(work: Work) -> None:
    work.judges("supervisor", work.draw([work.call()], Tier.HQ)[0], ALWAYS)
    assert work.session.scalars(select(Evaluation).where(Evaluation.kind == Kind.RESCORE)).all() == []


def test_an_officer_sees_what_was_submitted_of_his_own_calls_and_no_more(work: Work) -> None:
    his = work.judges("leader", ticket_of(work), ALWAYS)
    work.judges("leader", ticket_of(work, answered_desk="802"))
    work.takes("leader", ticket_of(work))
    found = list_evaluations(work.session, work.town.scope("zhang"), EvaluationFilter()).rows
    assert [one.id for one in found] == [his.id]


def test_the_worker_counts_at_headquarters_what_was_submitted_too_early(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        evaluation = work.takes("leader", ticket_of(work))
        work.writes("leader", evaluation, work.content())
        work.submits("leader", evaluation)
        work.hears("leader", evaluation.call, 0, 100)
    for mode, counted in ((Mode.OFFICE, False), (Mode.HQ, True)):
        run_once(Settings(home=tmp_path, database_url=store.url, mode=mode), store)
        with store.reading() as session:
            assert (session.get_one(Evaluation, evaluation.id).counted_at is not None) is counted
