"""The arithmetic of a scorecard, over whatever a reviewer may give."""

import math
import uuid
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.scorecards.rules import (
    Card,
    CardFault,
    CriterionRule,
    CriterionText,
    Grade,
    Grades,
    MarkGiven,
    card_fault,
    draft_fault,
    failed_of,
    grade_of,
    missing,
    score_of,
    score_so_far,
    unreasoned,
)

GRADES = Grades()


Judged = tuple[list[CriterionRule], dict[uuid.UUID, MarkGiven]]


@st.composite
def judged(draw: st.DrawFn) -> Judged:
    """A scorecard whose weights sum to 100, with marks within them; all but the first may not apply."""
    cuts = draw(st.lists(st.integers(1, 99), unique=True, max_size=9).map(sorted))
    weights = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    criteria = [
        CriterionRule(
            uuid.UUID(int=n), weight, draw(st.booleans()), n > 0 and draw(st.booleans()), draw(st.booleans())
        )
        for n, weight in enumerate(weights)
    ]
    return criteria, {c.id: draw(marks_of(c)) for c in criteria}


def marks_of(criterion: CriterionRule) -> st.SearchStrategy[MarkGiven]:
    """Whatever may be given for a criterion, likelier the most that can be."""
    points = st.just(criterion.weight) | st.integers(0, criterion.weight)
    reason = st.sampled_from(["", "语气急"])
    given = st.builds(MarkGiven, points, st.booleans(), reason=reason)
    left_out = st.builds(MarkGiven, critical_failed=st.booleans(), not_applicable=st.just(True), reason=reason)
    return given | left_out if criterion.may_not_apply else given


@given(judged())
def test_a_score_is_the_share_of_what_applies_unless_a_critical_criterion_failed(one: Judged) -> None:
    criteria, marks = one
    score = score_of(criteria, marks, GRADES)
    applying = [c for c in criteria if not marks[c.id].not_applicable]
    failed = {c.id for c in applying if c.critical and marks[c.id].critical_failed}
    given, whole = sum(marks[c.id].points or 0 for c in applying), sum(c.weight for c in applying)
    assert set(score.failed) == failed
    assert score.points == (0 if failed else math.floor(Fraction(100 * given, whole) + Fraction(1, 2)))
    assert score.grade is grade_of(score.points, GRADES)
    if not failed:
        assert (score.points == 100) is (given == whole)
        if whole == 100:
            assert score.points == given


@given(judged(), st.data())
def test_a_criterion_without_points_or_with_too_many_gives_no_score(one: Judged, data: st.DataObject) -> None:
    criteria, marks = one
    chosen = data.draw(st.sampled_from(criteria))
    wrongs = [None, MarkGiven(), MarkGiven(chosen.weight + 1), MarkGiven(-1)]
    for wrong in wrongs if chosen.may_not_apply else [*wrongs, MarkGiven(not_applicable=True)]:
        broken = {**marks, chosen.id: wrong} if wrong else {k: v for k, v in marks.items() if k != chosen.id}
        assert missing(criteria, broken) == [chosen.id]
        with pytest.raises(ValueError, match="no points"):
            score_of(criteria, broken, GRADES)


@given(judged(), st.data())
def test_a_critical_failure_is_0_at_once_and_anything_else_waits_for_the_last_mark(
    one: Judged, data: st.DataObject
) -> None:
    criteria, marks = one
    begun = {c.id: marks[c.id] for c in data.draw(st.lists(st.sampled_from(criteria), unique_by=id))}
    so_far = score_so_far(criteria, begun, GRADES)
    if failed_of(criteria, begun):
        assert so_far is not None
        assert (so_far.points, so_far.grade) == (0, Grade.FAIL)
    else:
        assert so_far == (score_of(criteria, begun, GRADES) if len(begun) == len(criteria) else None)


@given(judged())
def test_what_is_marked_down_or_left_out_needs_a_reason_and_nothing_else_does(one: Judged) -> None:
    criteria, marks = one
    failed = failed_of(criteria, marks)
    for c in criteria:
        mark = marks[c.id]
        down = not mark.not_applicable and (mark.points != c.weight or c.id in failed)
        owed = down or (mark.not_applicable and not c.needs_no_reason)
        assert (c.id in unreasoned(criteria, marks)) is (owed and not mark.reason)


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        (100, Grade.EXCELLENT),
        (90, Grade.EXCELLENT),
        (89, Grade.GOOD),
        (80, Grade.GOOD),
        (79, Grade.PASS),
        (60, Grade.PASS),
        (59, Grade.FAIL),
        (0, Grade.FAIL),
    ],
)
def test_grades_begin_where_the_domain_says(points: int, grade: Grade) -> None:
    assert grade_of(points, GRADES) is grade


GOOD = (CriterionText("问候", "", 40), CriterionText("正确", "", 60, "错误答复", (18,)))


@pytest.mark.parametrize(
    ("card", "fault"),
    [
        (Card("评分表", GOOD), None),
        (Card(" ", GOOD), CardFault.NO_TITLE),
        (Card("评分表", ()), CardFault.NO_CRITERIA),
        (Card("评分表", (GOOD[0], CriterionText(" ", "", 60))), CardFault.NAME_MISSING),
        (Card("评分表", GOOD[:1]), CardFault.WEIGHTS_NOT_WHOLE),
        (Card("评分表", (*GOOD, CriterionText("无", "", 0))), CardFault.WEIGHTS_NOT_WHOLE),
        (Card("评分表", (CriterionText("转办", "", 100, may_not_apply=True),)), CardFault.NOTHING_APPLIES),
        (Card("评分表", GOOD, Grades(80, 90, 60)), CardFault.GRADES_NOT_IN_ORDER),
        (Card("评分表", GOOD, Grades(101, 80, 60)), CardFault.GRADES_NOT_IN_ORDER),
        (Card("评分表", GOOD, heard_percent=59), CardFault.SHARE_TOO_LOW),
        (Card("评" * 101, GOOD), CardFault.TOO_LONG),
        (Card("评分表", (GOOD[0], CriterionText("长" * 61, "", 60))), CardFault.TOO_LONG),
    ],
)
def test_a_scorecard_comes_into_force_only_when_it_is_whole(card: Card, fault: CardFault | None) -> None:
    assert card_fault(card) is fault


@pytest.mark.parametrize(
    ("card", "fault"),
    [
        (Card("评分表", GOOD[:1]), None),
        (Card("评分表", (*GOOD, CriterionText("无", "", 0))), None),
        (Card("评分表", GOOD[:1], heard_percent=59), CardFault.SHARE_TOO_LOW),
        (Card("评分表", ()), CardFault.NO_CRITERIA),
    ],
)
def test_a_draft_is_kept_at_any_sum_and_whole_in_all_else(card: Card, fault: CardFault | None) -> None:
    assert draft_fault(card) is fault
