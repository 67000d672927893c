"""What headquarters judged comes to the office's node: once, in order, its latest version, to whom it concerns."""

from dataclasses import replace

import pytest

from supervision.errors import NotFound
from supervision.evaluations.content import DraftMark
from supervision.evaluations.copies import (
    apply_copies,
    changed_after,
    copied_scores,
    get_copy,
    list_copies,
    position,
)
from supervision.evaluations.messages import SentEvaluations
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import may_hear
from supervision.evaluations.service import amend, content_of
from supervision.people.rules import Scope
from supervision.scorecards.queries import get_in_force
from tests.evaluations.factories import ALWAYS, MONDAY, Work, ticket_of

OFFICE = Scope(office_code="01")


def exchanged(work: Work, office: str = "01") -> SentEvaluations:
    """One round: the node asks, headquarters answers, over JSON, and the node keeps it."""
    sent = changed_after(work.session, office, position(work.session, office))
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
        replace(content, marks={**content.marks, referral.id: DraftMark(not_applicable=True)}),
    )
    work.submits("leader", evaluation)
    return evaluation


def test_an_officer_finds_what_was_judged_of_him_and_hears_it(work: Work) -> None:
    evaluation = judged(work)
    zhang, other = work.town.scope("zhang"), work.town.scope("wu")
    exchanged(work)
    told = get_copy(work.session, zhang, evaluation.id)
    assert (told.score, told.remark, told.reviewer) == (round(100 * 85 / 90), "总体尚可", "陈所长")
    assert [(one.points, one.weight) for one in told.marks[:1]] == [(10, 15)]
    assert told.marks[0].remark == "有扣分"
    assert told.marks[4].points is None
    assert [one.evaluation_id for one in list_copies(work.session, zhang).rows] == [evaluation.id]
    assert copied_scores(work.session, zhang, [evaluation.call_id])[evaluation.call_id][0].score == told.score
    assert may_hear(work.session, zhang, evaluation.call_id)
    assert list_copies(work.session, other).rows == []
    with pytest.raises(NotFound):
        get_copy(work.session, other, evaluation.id)


def test_each_change_is_told_once_and_an_amendment_takes_the_place_of_what_was_told(work: Work) -> None:
    evaluation = judged(work)
    assert len(exchanged(work).evaluations) == 1
    assert exchanged(work).evaluations == ()
    head, scope = work.town.actor("leader"), work.town.scope("leader")
    content = replace(content_of(evaluation.judgements[0]), remark="复听后更正")
    amend(work.session, head, scope, evaluation.id, content, reason="听错了", n=1, at=MONDAY)
    assert len(exchanged(work).evaluations) == 1
    told = get_copy(work.session, OFFICE, evaluation.id)
    assert (told.n, told.reason, told.remark) == (2, "听错了", "复听后更正")


def test_another_offices_and_a_re_score_are_not_told(work: Work) -> None:
    first = work.judges("leader", ticket_of(work), ALWAYS)
    again = work.session.query(Evaluation).filter_by(rescore_of=first.id).one()
    again.reviewer_id = work.town.people["supervisor"].id
    work.writes("supervisor", again, work.content())
    work.submits("supervisor", again)
    assert [one.id for one in exchanged(work).evaluations] == [first.id]
    assert exchanged(work, "02").evaluations == ()


def test_many_are_told_piece_by_piece_and_a_headquarters_that_was_lost_tells_anew(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervision.evaluations.copies.AT_ONCE", 2)
    ids = [work.judges("leader", ticket_of(work)).id for _ in range(3)]
    rounds = [exchanged(work), exchanged(work)]
    assert [one.id for sent in rounds for one in sent.evaluations] == ids
    assert [sent.more for sent in rounds] == [True, False]
    assert [one.id for one in changed_after(work.session, "01", 10**6).evaluations] == ids[:2]
