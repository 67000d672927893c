"""Every state with every move, and every role's right to each, whoever he was before."""

import uuid
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.discipline.rules import (
    DECIDED,
    FALLIBLE,
    MOVES,
    STANDING,
    AppealState,
    Case,
    Contest,
    Move,
    Objection,
    RecordState,
    Target,
    after,
    appeal_after,
    appeal_objection,
    deciding_roles,
    is_in_time,
    may_propose,
    objection,
)
from supervision.regulation.rules import (
    MOST_POINTS,
    ConsequenceText,
    RegulationFault,
    Side,
    consequence_fault,
)

ME, PERSON, PROPOSER, DECIDER, JUDGE = (uuid.UUID(int=n) for n in range(1, 6))
SOMEBODY = st.sampled_from([ME, PERSON, PROPOSER, DECIDER, JUDGE])
DAY = date(2026, 3, 16)
ENDING = (Move.DISMISS, Move.UPHOLD)


def an_actor(role: Role, account_id: uuid.UUID = ME) -> Actor:
    return Actor(account_id, "x", "某", role, "01" if role in OFFICE_ROLES else None)


@pytest.mark.parametrize(("state", "move"), list(product(RecordState, Move)))
def test_a_record_moves_only_as_the_table_says(state: RecordState, move: Move) -> None:
    allowed = {
        ("proposed", "withdraw"): "withdrawn",
        ("proposed", "decline"): "declined",
        ("proposed", "decide"): "notified",
        ("proposed", "fall"): "withdrawn",
        ("notified", "confirm"): "confirmed",
        ("notified", "appeal"): "appealed",
        ("notified", "fall"): "revoked",
        ("confirmed", "appeal"): "appealed",
        ("confirmed", "fall"): "revoked",
        ("appealed", "retract"): "confirmed",
        ("appealed", "dismiss"): "maintained",
        ("appealed", "uphold"): "revoked",
        ("appealed", "fall"): "revoked",
        ("maintained", "fall"): "revoked",
    }
    assert after(state, move) == allowed.get((state.value, move.value))
    assert len(MOVES) == len(allowed)


@pytest.mark.parametrize(("state", "move"), list(product(AppealState, Move)))
def test_an_appeal_ends_once(state: AppealState, move: Move) -> None:
    ends = {"retract": "retracted", "dismiss": "dismissed", "uphold": "upheld", "fall": "moot"}
    assert appeal_after(state, move) == (ends.get(move.value) if state is AppealState.OPEN else None)


def test_what_stands_what_was_decided_and_what_can_fall() -> None:
    assert {one.value for one in STANDING} == {"notified", "confirmed", "maintained"}
    assert {one.value for one in DECIDED - STANDING} == {"appealed", "revoked"}
    assert {one.value for one in FALLIBLE} == {"proposed", "notified", "confirmed", "appealed", "maintained"}


@pytest.mark.parametrize(("role", "move", "side"), list(product(Role, Move, Side)))
def test_every_roles_right_to_every_move_of_a_record(role: Role, move: Move, side: Side) -> None:
    case = Case(side, PERSON, PROPOSER)
    may = move in {Move.DECIDE, Move.DECLINE} and role is Role.SUPERVISION_HEAD
    assert (objection(an_actor(role), move, case) is None) is may
    assert (objection(an_actor(role, PROPOSER), move, case) is None) is (move is Move.WITHDRAW)
    of_person = {Move.CONFIRM, Move.APPEAL} if side is Side.DISCIPLINE else {Move.CONFIRM}
    assert (objection(an_actor(role, PERSON), move, case) is None) is (move in of_person)


@pytest.mark.parametrize("role", list(Role))
def test_a_supervisor_proposes_about_another(role: Role) -> None:
    assert (may_propose(an_actor(role), PERSON) is None) is (role is Role.SUPERVISOR)
    assert may_propose(an_actor(role, PERSON), PERSON) is not None


@pytest.mark.parametrize(
    ("role", "move", "target", "head_judged"), list(product(Role, Move, Target, [True, False]))
)
def test_every_roles_right_to_end_an_appeal(role: Role, move: Move, target: Target, head_judged: bool) -> None:
    contest = Contest(target, PERSON, frozenset({JUDGE}), head_judged, frozenset({PROPOSER, DECIDER}))
    head, leader = role is Role.SUPERVISION_HEAD, role is Role.BUREAU_LEADER
    may = move in ENDING and (leader if target is Target.RECORD else head or (leader and head_judged))
    assert (appeal_objection(an_actor(role), move, contest) is None) is may
    assert (appeal_objection(an_actor(role, PERSON), move, contest) is None) is (move is Move.RETRACT)
    for side in (JUDGE, PROPOSER, DECIDER):
        assert appeal_objection(an_actor(role, side), move, contest) is not None
    assert deciding_roles(contest)


@given(st.sampled_from(Role), st.sampled_from(Move), st.sampled_from(Side), SOMEBODY, SOMEBODY)
def test_nobody_proposes_and_decides_or_touches_his_own(
    role: Role, move: Move, side: Side, person: uuid.UUID, proposer: uuid.UUID
) -> None:
    if objection(an_actor(role), move, Case(side, person, proposer)) is not None:
        return
    if person == ME:
        assert move in {Move.CONFIRM, Move.APPEAL}
    if proposer == ME:
        assert move not in {Move.DECIDE, Move.DECLINE}


CONTESTS = st.builds(
    Contest, st.sampled_from(Target), SOMEBODY, st.frozensets(SOMEBODY), st.just(True), st.frozensets(SOMEBODY)
)


@given(st.sampled_from(Role), st.sampled_from(Move), CONTESTS)
def test_nobody_judges_and_decides_the_appeal(role: Role, move: Move, contest: Contest) -> None:
    if appeal_objection(an_actor(role), move, contest) is None:
        assert (contest.person == ME) is (move is Move.RETRACT)
        assert move is Move.RETRACT or ME not in contest.judged_by | contest.decided_by


@given(st.lists(st.sampled_from(Move), max_size=12))
def test_whatever_happens_nothing_counts_while_its_appeal_is_open(moves: list[Move]) -> None:
    state = RecordState.PROPOSED
    for move in moves:
        state = after(state, move) or state
        assert state is not RecordState.APPEALED or state not in STANDING
        if state in {RecordState.WITHDRAWN, RecordState.DECLINED, RecordState.REVOKED}:
            assert not any(after(state, more) for more in Move)


def test_on_the_last_day_an_appeal_is_in_time() -> None:
    assert is_in_time(DAY, DAY)
    assert not is_in_time(DAY, DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ([], None),
        ([("扣分", 3), ("扣分（加重）", 5)], None),
        ([("扣分", 3), ("扣分", 5)], RegulationFault.CONSEQUENCE_TWICE),
        ([("", 3)], RegulationFault.TOO_LONG),
        ([("长" * 41, 3)], RegulationFault.TOO_LONG),
        ([("扣分", MOST_POINTS + 1)], RegulationFault.TOO_MANY_POINTS),
    ],
)
def test_the_table_of_kinds_is_plain(table: list[tuple[str, int]], fault: RegulationFault | None) -> None:
    assert consequence_fault([ConsequenceText(Side.DISCIPLINE, *one) for one in table]) is fault


def test_the_objection_says_on_which_side_he_was() -> None:
    head = an_actor(Role.SUPERVISION_HEAD, PROPOSER)
    assert objection(head, Move.DECIDE, Case(Side.DISCIPLINE, PERSON, PROPOSER)) is Objection.PROPOSED_YOURSELF
    contest = Contest(Target.JUDGEMENT, PERSON, frozenset({ME}), head_judged=True)
    assert appeal_objection(an_actor(Role.SUPERVISION_HEAD), Move.UPHOLD, contest) is Objection.JUDGED_YOURSELF
