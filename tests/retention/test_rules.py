import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.retention.rules import (
    DELETION_MOVES,
    ITEM_MOVES,
    LONGEST_DAYS,
    SHORTEST_DAYS,
    Agreeing,
    DeletionState,
    HoldTimes,
    ItemState,
    Objection,
    RawParts,
    holds_on,
    is_held,
    kept_until,
    may_delete,
    may_move,
    may_move_item,
    may_put_away,
    month_is_past,
    objection,
)

TODAY = date(2028, 4, 2)
AT = datetime(2028, 4, 2, 4, tzinfo=UTC)
IDS = [uuid.UUID(int=n) for n in range(1, 5)]

days = st.dates(date(2027, 1, 1), date(2030, 1, 1))
holds = st.lists(st.builds(HoldTimes, until=st.none() | days, released=st.booleans()), max_size=4)
people = st.builds(Agreeing, account_id=st.sampled_from(IDS), head=st.booleans())


@pytest.mark.parametrize(("state", "to"), list(product(DeletionState, DeletionState)))
def test_a_deletion_moves_only_as_the_table_says(state: DeletionState, to: DeletionState) -> None:
    allowed = {
        ("proposed", "agreed_once"),
        ("proposed", "declined"),
        ("agreed_once", "agreed"),
        ("agreed_once", "declined"),
        ("agreed", "done"),
    }
    assert may_move(state, to) is ((state.value, to.value) in allowed)
    assert DELETION_MOVES.keys() == set(DeletionState)


@pytest.mark.parametrize(("state", "to"), list(product(ItemState, ItemState)))
def test_a_recording_once_being_deleted_never_comes_back(state: ItemState, to: ItemState) -> None:
    allowed = {("waiting", "spared"), ("waiting", "deleting"), ("deleting", "deleted")}
    assert may_move_item(state, to) is ((state.value, to.value) in allowed)
    assert ITEM_MOVES.keys() == set(ItemState)


@given(st.sampled_from(DeletionState), st.lists(people, max_size=4), holds, days, st.booleans())
def test_nothing_is_deleted_under_hold_nor_by_one_person_nor_without_the_head(
    state: DeletionState, agreed: Sequence[Agreeing], held: list[HoldTimes], today: date, drawn: bool
) -> None:
    if may_delete(state, agreed, held, today, open_ticket=drawn):
        assert not drawn
        assert state is DeletionState.AGREED
        assert not any(holds_on(hold, today) for hold in held)
        assert len({one.account_id for one in agreed}) == 2
        assert any(one.head for one in agreed)


@given(st.lists(people, max_size=8))
def test_whatever_the_order_of_agreeing_two_different_people_with_the_head_agree_in_the_end(
    coming: list[Agreeing],
) -> None:
    state, agreed = DeletionState.PROPOSED, list[Agreeing]()
    for person in coming:
        if objection(state, agreed, person) is None:
            agreed.append(person)
            state = DeletionState.AGREED_ONCE if len(agreed) == 1 else DeletionState.AGREED
    assert len(agreed) <= 2
    assert may_delete(state, agreed, [], TODAY, open_ticket=False) is (state is DeletionState.AGREED)


def test_two_people_of_whom_one_is_the_head_agree_and_are_enough() -> None:
    first, head = Agreeing(IDS[0], head=False), Agreeing(IDS[1], head=True)
    assert objection(DeletionState.PROPOSED, [], first) is None
    assert objection(DeletionState.AGREED_ONCE, [first], head) is None
    assert may_delete(DeletionState.AGREED, [first, head], [], TODAY, open_ticket=False)


def test_the_same_person_twice_two_without_the_head_and_a_third_are_refused() -> None:
    first, other, head = Agreeing(IDS[0], head=False), Agreeing(IDS[2], head=False), Agreeing(IDS[1], head=True)
    assert objection(DeletionState.AGREED_ONCE, [first], first) is Objection.TWICE
    assert objection(DeletionState.AGREED_ONCE, [head], head) is Objection.TWICE
    assert objection(DeletionState.AGREED_ONCE, [first], other) is Objection.NEEDS_HEAD
    assert objection(DeletionState.AGREED, [first, head], other) is Objection.NOT_OPEN
    assert objection(DeletionState.DECLINED, [], head) is Objection.NOT_OPEN


def test_a_hold_holds_through_its_last_day_and_an_open_one_until_it_is_released() -> None:
    assert is_held([HoldTimes(until=TODAY)], TODAY)
    assert not is_held([HoldTimes(until=TODAY - timedelta(days=1))], TODAY)
    assert is_held([HoldTimes()], date(2099, 1, 1))
    assert not is_held([HoldTimes(released=True)], TODAY)
    assert is_held([HoldTimes(released=True), HoldTimes()], TODAY)


@given(st.integers(-10, 10_000), days)
def test_no_setting_makes_the_time_shorter_than_a_year_or_longer_than_ten(number: int, day: date) -> None:
    at = datetime.combine(day, AT.timetz())
    assert timedelta(days=SHORTEST_DAYS) <= kept_until(at, number) - at <= timedelta(days=LONGEST_DAYS)


@given(days, days, st.integers(SHORTEST_DAYS, LONGEST_DAYS))
def test_a_month_is_proposed_only_when_each_of_its_days_is_past_its_time(
    day: date, today: date, kept: int
) -> None:
    if month_is_past(day, kept, today):
        last = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        assert today - last > timedelta(days=kept)


@given(st.booleans(), st.booleans(), st.booleans(), st.none() | st.integers(0, 20))
def test_raw_parts_go_only_when_sealed_received_agreed_and_old_enough(
    sealed: bool, received: bool, agree: bool, age: int | None
) -> None:
    closed_at = None if age is None else AT - timedelta(days=age)
    parts = RawParts(sealed=sealed, received=received, copies_agree=agree, closed_at=closed_at)
    expected = sealed and received and agree and age is not None and age >= 7
    assert may_put_away(parts, timedelta(days=7), AT) is expected
