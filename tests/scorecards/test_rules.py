"""The arithmetic of a scorecard, over whatever a reviewer may give."""

import uuid

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
    grade_of,
    missing,
    score_of,
)

GRADES = Grades()


@st.composite
def judged(draw: st.DrawFn) -> tuple[list[CriterionRule], dict[uuid.UUID, MarkGiven]]:
    """A scorecard whose weights sum to 100, with marks within them."""
    cuts = draw(st.lists(st.integers(1, 99), unique=True, max_size=9).map(sorted))
    weights = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    criteria = [CriterionRule(uuid.UUID(int=n), weight, draw(st.booleans())) for n, weight in enumerate(weights)]
    marks = {c.id: MarkGiven(draw(st.integers(0, c.weight)), draw(st.booleans())) for c in criteria}
    return criteria, marks


@given(judged())
def test_a_score_is_the_sum_of_points_unless_a_critical_criterion_failed(
    one: tuple[list[CriterionRule], dict[uuid.UUID, MarkGiven]],
) -> None:
    criteria, marks = one
    score = score_of(criteria, marks, GRADES)
    failed = {c.id for c in criteria if c.critical and marks[c.id].critical_failed}
    assert set(score.failed) == failed
    assert score.points == (0 if failed else sum(mark.points for mark in marks.values()))
    assert 0 <= score.points <= 100
    assert score.grade is grade_of(score.points, GRADES)


@given(judged(), st.data())
def test_a_criterion_without_points_or_with_too_many_gives_no_score(
    one: tuple[list[CriterionRule], dict[uuid.UUID, MarkGiven]], data: st.DataObject
) -> None:
    criteria, marks = one
    chosen = data.draw(st.sampled_from(criteria))
    for wrong in (None, MarkGiven(chosen.weight + 1), MarkGiven(-1)):
        broken = {**marks, chosen.id: wrong} if wrong else {k: v for k, v in marks.items() if k != chosen.id}
        assert missing(criteria, broken) == [chosen.id]
        with pytest.raises(ValueError, match="no points"):
            score_of(criteria, broken, GRADES)


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
        (Card("评分表", GOOD, Grades(80, 90, 60)), CardFault.GRADES_NOT_IN_ORDER),
        (Card("评分表", GOOD, Grades(101, 80, 60)), CardFault.GRADES_NOT_IN_ORDER),
        (Card("评分表", GOOD, heard_percent=59), CardFault.SHARE_TOO_LOW),
        (Card("评" * 101, GOOD), CardFault.TOO_LONG),
        (Card("评分表", (GOOD[0], CriterionText("长" * 61, "", 60))), CardFault.TOO_LONG),
    ],
)
def test_a_scorecard_comes_into_force_only_when_it_is_whole(card: Card, fault: CardFault | None) -> None:
    assert card_fault(card) is fault
