"""What headquarters judged comes to the office's node: once, in order, its latest version, to whom it concerns."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from supervision.actor import Scope
from supervision.audit.messages import copied_until
from supervision.audit.rules import Head
from supervision.context import Context
from supervision.errors import NotFound
from supervision.evaluations.content_rules import DraftMark
from supervision.evaluations.messages import (
    CopyFilter,
    SentEvaluations,
    apply_copies,
    changed_after,
    copied_scores,
    get_copy,
    list_copies,
)
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import may_hear
from supervision.evaluations.service import amend, content_of, count_one_more
from supervision.scorecards.queries import get_in_force
from tests.evaluations.factories import ALWAYS, MONDAY, NEVER, Work, ticket_of

OFFICE = Scope(office_code="01")


def exchanged(work: Work, office: str = "01") -> SentEvaluations:
    """One round: the node asks, headquarters answers, over JSON, and the node keeps it."""
    sent = changed_after(work.session, office, copied_until(work.session, office, "evaluations"))
    apply_copies(work.session, office, SentEvaluations.model_validate_json(sent.model_dump_json()))
    return sent


def judged(work: Work) -> Evaluation:
    """A call with a deduction, a criterion left out, and a critical failure's finding."""
    evaluation = work.takes("leader", ticket_of(work))
    content = work.content(deduct=5, remark="总体尚可")
    referral = get_in_force(work.session).criteria[4]
    work.writes(
        "leader",
        evaluation,
        replace(content, marks={**content.marks, referral.id: DraftMark(not_applicable=True, remark="未涉及")}),
    )
    work.submits("leader", evaluation)
    return evaluation


def test_an_officer_finds_what_was_judged_of_him_and_hears_it(work: Work) -> None:
    evaluation = judged(work)
    zhang, other = work.town.scope("zhang"), work.town.scope("wu")
    exchanged(work)
    copy = get_copy(work.session, zhang, evaluation.id)
    assert (copy.score, copy.remark, copy.reviewer) == (round(100 * 85 / 90), "总体尚可", "陈所长")
    assert [(one.points, one.weight) for one in copy.marks[:1]] == [(10, 15)]
    assert copy.marks[0].remark == "有扣分"
    assert copy.marks[4].points is None
    assert [one.evaluation_id for one in list_copies(work.session, zhang).rows] == [evaluation.id]
    assert copied_scores(work.session, zhang, [evaluation.call_id])[evaluation.call_id][0].score == copy.score
    assert may_hear(work.session, zhang, evaluation.call_id)
    assert list_copies(work.session, other).rows == []
    with pytest.raises(NotFound):
        get_copy(work.session, other, evaluation.id)


def test_each_change_is_sent_once_and_an_amendment_takes_the_place_of_what_was_sent(work: Work) -> None:
    evaluation = judged(work)
    assert len(exchanged(work).copies) == 1
    assert exchanged(work).copies == ()
    head, scope = work.town.actor("leader"), work.town.scope("leader")
    content = replace(content_of(evaluation.judgements[0]), remark="复听后更正")
    amend(Context(work.session, head, scope, MONDAY), evaluation.id, content, reason="听错了", n=1)
    assert len(exchanged(work).copies) == 1
    copy = get_copy(work.session, OFFICE, evaluation.id)
    assert (copy.n, copy.reason, copy.remark) == (2, "听错了", "复听后更正")


def test_that_an_evaluation_comes_to_count_is_reported_as_well(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content(deduct=10))
    work.submits("leader", evaluation)
    exchanged(work)
    assert get_copy(work.session, OFFICE, evaluation.id).counts is False
    work.hears("leader", evaluation.call, 0, 100)
    count_one_more(work.session, NEVER, None, MONDAY)
    exchanged(work)
    assert get_copy(work.session, OFFICE, evaluation.id).counts is True
    found = [
        [one.evaluation_id for one in list_copies(work.session, OFFICE, wanted).rows]
        for wanted in (
            CopyFilter(counts=True, lowest=90, highest=90, from_day=MONDAY.date(), to_day=MONDAY.date()),
            CopyFilter(counts=False),
            CopyFilter(lowest=91),
            CopyFilter(highest=89),
            CopyFilter(to_day=MONDAY.date() - timedelta(days=1)),
            CopyFilter(from_day=MONDAY.date() + timedelta(days=1)),
        )
    ]
    assert found == [[evaluation.id], [], [], [], [], []]


def test_a_newer_headquarters_does_not_stop_an_older_node(work: Work) -> None:
    evaluation = judged(work)
    sent = changed_after(work.session, "01").model_dump(mode="json")
    for part in (sent, sent["copies"][0], sent["copies"][0]["marks"][0]):
        part["not_known_yet"] = ["x"]
    sent["copies"][0].pop("counts")
    apply_copies(work.session, "01", SentEvaluations.model_validate_json(json.dumps(sent)))
    copy = get_copy(work.session, OFFICE, evaluation.id)
    assert (copy.remark, copy.counts) == ("总体尚可", None)


def test_many_are_sent_and_kept_with_as_many_queries_as_few(work: Work) -> None:
    asked: list[str] = []
    session, numbers = work.session, []
    event.listen(session.connection(), "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    for more in (1, 6):
        for _ in range(more):
            work.judges("leader", ticket_of(work), deduct=5)
        session.flush()
        session.expunge_all()
        asked.clear()
        sent = changed_after(session, "01")
        copy = len(asked)
        session.expunge_all()
        apply_copies(session, "01", sent)
        numbers.append((copy, len([one for one in asked[copy:] if one.startswith("SELECT")])))
    assert len(sent.copies) == 7
    assert numbers[0] == numbers[1]


def test_another_offices_and_a_re_score_are_not_sent(work: Work) -> None:
    first = work.judges("leader", ticket_of(work), ALWAYS)
    again = work.session.query(Evaluation).filter_by(rescore_of=first.id).one()
    again.reviewer_id = work.town.people["supervisor"].id
    work.writes("supervisor", again, work.content())
    work.submits("supervisor", again)
    assert [one.id for one in exchanged(work).copies] == [first.id]
    assert exchanged(work, "02").copies == ()


def test_many_are_sent_piece_by_piece_and_a_headquarters_that_was_lost_sends_anew(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervision.evaluations.messages.AT_ONCE", 2)
    ids = [work.judges("leader", ticket_of(work)).id for _ in range(3)]
    rounds = [exchanged(work), exchanged(work)]
    assert [one.id for sent in rounds for one in sent.copies] == ids
    assert [sent.more for sent in rounds] == [True, False]
    lost = changed_after(work.session, "01", Head(10**6, "a" * 64))
    assert (lost.anew, [one.id for one in lost.copies]) == (True, ids[:2])
    here = copied_until(work.session, "01", "evaluations")
    assert changed_after(work.session, "01", replace(here, hash="a" * 64)).anew
    assert not changed_after(work.session, "01", here).anew


def test_what_a_headquarters_that_was_put_back_does_not_know_goes(work: Work) -> None:
    evaluation = judged(work)
    exchanged(work)
    copy = get_copy(work.session, OFFICE, evaluation.id)
    forgotten = copy.model_copy(update={"id": uuid.uuid4()})
    apply_copies(work.session, "01", SentEvaluations(n=9, hash="a" * 64, more=False, copies=(forgotten,)))
    assert len(list_copies(work.session, OFFICE).rows) == 2
    exchanged(work)
    assert [one.evaluation_id for one in list_copies(work.session, OFFICE).rows] == [evaluation.id]
