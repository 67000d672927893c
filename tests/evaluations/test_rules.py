"""Who may judge, what counts, what may follow what: over all combinations."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.draws.rules import Tier
from supervision.evaluations.rules import (
    LEASE,
    Assignment,
    Counting,
    EvaluationState,
    Kind,
    Lease,
    Norm,
    Objection,
    Reviewer,
    advance,
    chosen,
    counting,
    is_free_for,
    objection,
    rank_of,
    required_s,
)

ME, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
NORM = Norm()
LEADER, DEPUTY, STRANGER, SUPERVISOR = (
    Reviewer(ME, "01"),
    Reviewer(OTHER, "01"),
    Reviewer(ME, "02"),
    Reviewer(ME, None),
)


@pytest.mark.parametrize(
    ("reviewer", "assignment", "against"),
    [
        (LEADER, Assignment(Kind.TICKET, "01", Tier.OFFICE, frozenset({OTHER})), None),
        (STRANGER, Assignment(Kind.TICKET, "01", Tier.OFFICE, frozenset({OTHER})), Objection.NOT_YOURS),
        (SUPERVISOR, Assignment(Kind.TICKET, "01", Tier.OFFICE, frozenset({OTHER})), Objection.NOT_YOURS),
        (LEADER, Assignment(Kind.TICKET, "01", Tier.HQ, frozenset({OTHER})), Objection.NOT_YOURS),
        (SUPERVISOR, Assignment(Kind.TICKET, "01", Tier.HQ, frozenset({OTHER})), None),
        (LEADER, Assignment(Kind.DIRECTED, "01"), Objection.NOT_YOURS),
        (SUPERVISOR, Assignment(Kind.DIRECTED, "01"), None),
        (LEADER, Assignment(Kind.RESCORE, "01", judges=frozenset({OTHER})), Objection.NOT_YOURS),
        (SUPERVISOR, Assignment(Kind.RESCORE, "01", judges=frozenset({OTHER})), None),
        (SUPERVISOR, Assignment(Kind.RESCORE, "01", judges=frozenset({ME, OTHER})), Objection.JUDGED_ALREADY),
        (
            LEADER,
            Assignment(Kind.TICKET, "01", Tier.OFFICE, frozenset({ME, OTHER}), leader_talked=True),
            Objection.OWN_CALL,
        ),
        (DEPUTY, Assignment(Kind.TICKET, "01", Tier.OFFICE, frozenset({ME}), leader_talked=True), None),
        (SUPERVISOR, Assignment(Kind.TICKET, "01", Tier.OFFICE, frozenset({OTHER}), leader_talked=True), None),
    ],
)
def test_who_may_judge_what(reviewer: Reviewer, assignment: Assignment, against: Objection | None) -> None:
    assert objection(reviewer, assignment) is against


@given(
    st.builds(Reviewer, st.just(ME), st.sampled_from([None, "01", "02"])),
    st.builds(
        Assignment,
        st.sampled_from(Kind),
        st.sampled_from(["01", "02"]),
        st.sampled_from([Tier.OFFICE, Tier.HQ]),
        st.sampled_from([frozenset({ME}), frozenset({ME, OTHER})]),
        st.booleans(),
        st.sampled_from([frozenset(), frozenset({OTHER})]),
    ),
)
def test_nobody_judges_a_call_on_which_he_talked(reviewer: Reviewer, assignment: Assignment) -> None:
    assert objection(reviewer, assignment) in {Objection.OWN_CALL, Objection.NOT_YOURS}


@pytest.mark.parametrize(
    ("duration_s", "required"), [(59.9, 58.9), (60, 36), (100, 60), (0.9, 0.81), (3600, 2160)]
)
def test_sixty_percent_must_be_heard_and_all_of_a_short_call(duration_s: float, required: float) -> None:
    assert required_s(duration_s, NORM) == pytest.approx(required)


@given(st.sampled_from(Kind), st.sampled_from(EvaluationState), st.floats(0, 5000), st.floats(0, 5000))
def test_it_counts_only_as_a_submitted_ticket_of_which_enough_was_heard(
    kind: Kind, state: EvaluationState, heard_s: float, duration_s: float
) -> None:
    counts = counting(kind, state, heard_s, duration_s, NORM) is Counting.COUNTS
    enough = duration_s > 0 and heard_s >= required_s(duration_s, NORM)
    assert counts == (kind is Kind.TICKET and state is not EvaluationState.DRAFT and enough)


def test_what_was_submitted_never_becomes_a_draft_again() -> None:
    draft, submitted, amended = EvaluationState
    assert [advance(state) for state in (draft, submitted, amended)] == [submitted, amended, amended]


def test_a_lease_keeps_others_off_until_it_runs_out() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    held = Lease(OTHER, at + LEASE)
    assert not is_free_for(held, ME, at)
    assert is_free_for(held, OTHER, at)
    assert is_free_for(held, ME, at + LEASE)
    assert is_free_for(Lease(None, None), ME, at)
    assert not is_free_for(held, ME, at + LEASE - timedelta(seconds=1))


@given(st.sets(st.uuids(), max_size=60), st.integers(0, 100), st.binary(min_size=32, max_size=32))
def test_the_share_judged_twice_is_rounded_up_and_follows_from_seed_and_key(
    calls: set[uuid.UUID], percent: int, key: bytes
) -> None:
    found = chosen(key, "seed", calls, percent)
    assert found == chosen(key, "seed", sorted(calls), percent)
    assert len(found) == -(-len(calls) * percent // 100)
    if found and (rest := calls - found):
        assert max(rank_of(key, "seed", one) for one in found) < min(rank_of(key, "seed", one) for one in rest)


def test_without_headquarters_key_the_choice_cannot_be_worked_out_from_the_seed() -> None:
    calls = [uuid.UUID(int=n) for n in range(200)]
    ours, guessed = chosen(b"k" * 32, "seed", calls, 10), chosen(b"g" * 32, "seed", calls, 10)
    assert len(ours & guessed) < 10
