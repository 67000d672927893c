"""Every state with every move, every role's right to each, the two sides, and what a month of none needs."""

import uuid
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.complaints.rules import (
    MOVES,
    OPEN,
    Case,
    ComplaintState,
    MonthFigures,
    Move,
    Objection,
    ZeroObjection,
    after,
    is_overdue,
    objection,
    quarters_of,
    zero_objection,
)

ME, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
DAY = date(2026, 3, 16)
HIS = Case(handler=OTHER, handled_by=frozenset({OTHER}))
MINE = Case(handler=ME, handled_by=frozenset({ME}))


def an_actor(role: Role) -> Actor:
    return Actor(ME, "x", "某", role, "01" if role in OFFICE_ROLES else None)


@pytest.mark.parametrize(("state", "move"), list(product(ComplaintState, Move)))
def test_a_complaint_moves_only_as_the_table_says(state: ComplaintState, move: Move) -> None:
    allowed = {
        ("registered", "take"): "handling",
        ("registered", "correct"): "registered",
        ("registered", "withdraw"): "withdrawn",
        ("handling", "take"): "handling",
        ("handling", "propose"): "proposed",
        ("handling", "correct"): "handling",
        ("handling", "withdraw"): "withdrawn",
        ("proposed", "return"): "handling",
        ("proposed", "decide"): "decided",
        ("proposed", "withdraw"): "withdrawn",
        ("decided", "close"): "closed",
        ("decided", "reopen"): "handling",
        ("closed", "reopen"): "handling",
        ("withdrawn", "reopen"): "registered",
    }
    assert after(state, move) == allowed.get((state.value, move.value))
    assert len(MOVES) == len(allowed)
    assert {one.value for one in OPEN} == {"registered", "handling", "proposed", "decided"}


@pytest.mark.parametrize(("role", "move"), list(product(Role, Move)))
def test_every_roles_right_to_every_move(role: Role, move: Move) -> None:
    """Of a complaint that another has in hand, and of one that he has himself."""
    section, head = role in {Role.SUPERVISOR, Role.SUPERVISION_HEAD}, role is Role.SUPERVISION_HEAD
    his = {Move.PROPOSE: False, Move.REOPEN: head}.get(move, section)
    mine = {Move.TAKE: False, Move.RETURN: False, Move.DECIDE: False, Move.REOPEN: head}.get(move, section)
    assert (objection(an_actor(role), move, HIS) is None) is his
    assert (objection(an_actor(role), move, MINE) is None) is mine
    if section:
        about = Case(handler=OTHER, about=frozenset({ME}))
        assert objection(an_actor(role), move, about) is Objection.ABOUT_YOURSELF
    else:
        assert objection(an_actor(role), move, MINE) is Objection.NOT_YOURS


@pytest.mark.parametrize(
    ("move", "case", "said"),
    [
        (Move.TAKE, MINE, Objection.IN_YOUR_HAND),
        (Move.PROPOSE, HIS, Objection.ANOTHERS_HAND),
        (Move.DECIDE, MINE, Objection.HANDLED_YOURSELF),
        (Move.RETURN, Case(OTHER, handled_by=frozenset({ME, OTHER})), Objection.HANDLED_YOURSELF),
        (Move.TAKE, Case(OTHER, decided_by=frozenset({ME})), Objection.DECIDED_YOURSELF),
        (Move.PROPOSE, Case(ME, decided_by=frozenset({ME})), Objection.DECIDED_YOURSELF),
        (Move.REOPEN, HIS, Objection.HEAD_ONLY),
    ],
)
def test_nobody_stands_on_both_sides(move: Move, case: Case, said: Objection) -> None:
    assert objection(an_actor(Role.SUPERVISOR), move, case) is said


@given(st.lists(st.tuples(st.sampled_from([ME, OTHER, uuid.UUID(int=3)]), st.sampled_from(Move)), max_size=30))
def test_whatever_three_people_try_who_handled_it_never_decides_it(tried: list[tuple[uuid.UUID, Move]]) -> None:
    state, handler = ComplaintState.REGISTERED, None
    handled: set[uuid.UUID] = set()
    decided: set[uuid.UUID] = set()
    for who, move in tried:
        actor = Actor(who, "x", "某", Role.SUPERVISION_HEAD)
        case = Case(handler, handled_by=frozenset(handled), decided_by=frozenset(decided))
        found = after(state, move)
        if found is None or objection(actor, move, case) is not None:
            continue
        state = found
        handler = who if move is Move.TAKE else handler
        handled |= {who} if move in {Move.TAKE, Move.PROPOSE} else set()
        decided |= {who} if move in {Move.RETURN, Move.DECIDE} else set()
        assert not handled & decided


def test_on_its_last_day_it_is_not_overdue_and_an_answered_one_never_is() -> None:
    assert not is_overdue(ComplaintState.REGISTERED, DAY, DAY)
    assert is_overdue(ComplaintState.DECIDED, DAY, DAY + timedelta(days=1))
    assert not is_overdue(ComplaintState.CLOSED, DAY, DAY + timedelta(days=9))


@pytest.mark.parametrize(
    ("month", "received", "attested", "said"),
    [
        (date(2026, 2, 1), 0, False, None),
        (date(2025, 12, 1), 0, False, None),
        (date(2026, 3, 1), 0, False, ZeroObjection.NOT_OVER),
        (date(2027, 1, 1), 0, False, ZeroObjection.NOT_OVER),
        (date(2026, 2, 1), 1, False, ZeroObjection.HAS_COMPLAINTS),
        (date(2026, 2, 1), 0, True, ZeroObjection.ATTESTED_ALREADY),
    ],
)
def test_only_a_month_that_is_over_and_had_none_is_attested(
    month: date, received: int, attested: bool, said: ZeroObjection | None
) -> None:
    assert zero_objection(month, DAY, received, attested=attested) is said


def test_a_quarter_is_attested_where_each_month_without_a_complaint_is() -> None:
    year = [MonthFigures(date(2025, n, 1), received=27 if n == 2 else 0, live=n == 3) for n in range(1, 8)]
    first, second, third = quarters_of(year)
    assert (first.received, first.live, first.attested) == (27, True, False)
    assert (second.received, second.live, third.received) == (0, False, 0)
    said = [MonthFigures(one.month, one.received, attested=not one.received) for one in year]
    assert [one.attested for one in quarters_of(said)] == [True, True, True]


def test_a_quarter_in_which_each_month_had_complaints_is_attested_by_nobody() -> None:
    months = [MonthFigures(date(2026, n, 1), received=1) for n in (1, 2, 3)]
    assert [one.attested for one in quarters_of(months)] == [False]
    months[1] = MonthFigures(date(2026, 2, 1), attested=True)
    assert [one.attested for one in quarters_of(months)] == [True]
