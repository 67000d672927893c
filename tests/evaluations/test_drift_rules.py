"""Drift, severity, share heard and time to review, on plain data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.evaluations.rules import Judged, figures_by

JUDGED = st.builds(
    Judged,
    st.sampled_from(["01", "02"]),
    st.sampled_from(["a", "b", "c"]),
    st.integers(0, 100),
    st.none() | st.floats(0, 1),
    st.none() | st.floats(0, 1e6),
    st.none() | st.integers(0, 100),
)


def test_an_office_that_is_milder_than_headquarters_drifts_above_zero() -> None:
    judged = [Judged("01", "a", 90, 1.0, 3600, 80), Judged("01", "a", 70, 0.5, 7200), Judged("02", "b", 60)]
    first, second = figures_by(judged, lambda one: one.office_code)
    assert (first.number, first.mean, first.drift, first.pairs) == (2, 80, 10, 1)
    assert (first.heard_share, first.waited_s) == (0.75, 5400)
    assert (first.severity, second.severity) == (-20, 20)
    assert (second.drift, second.heard_share, second.waited_s) == (None, None, None)


@given(st.lists(JUDGED, max_size=30))
def test_every_evaluation_is_in_one_figure_and_every_mean_lies_among_its_scores(judged: list[Judged]) -> None:
    found = figures_by(judged, lambda one: one.reviewer)
    assert sum(one.number for one in found) == len(judged)
    for figures in found:
        scores = [one.score for one in judged if one.reviewer == figures.key]
        assert min(scores) <= figures.mean <= max(scores)
        assert figures.severity is None or -100 <= figures.severity <= 100


def test_one_reviewer_alone_is_neither_mild_nor_hard() -> None:
    (only,) = figures_by([Judged("01", "a", 90)], lambda one: one.reviewer)
    assert only.severity is None
    assert only.mean == pytest.approx(90)
