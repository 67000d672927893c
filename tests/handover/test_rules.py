"""Who hands over what to whom, and when a thing waits for somebody who is gone."""

import itertools
import uuid
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.handover.rules import (
    Held,
    HeldKind,
    Objection,
    Post,
    by_day,
    empty_posts,
    may_hand_over,
    objection,
)

PEOPLE = [uuid.UUID(int=n) for n in range(1, 5)]
OFFICES = ("01", "02", "")


def held(holder: uuid.UUID, role: Role, office: str = "01", *takers: uuid.UUID, due: date | None = None) -> Held:
    return Held(HeldKind.NOTICE, uuid.UUID(int=99), office, "2026-0001", due, holder, role, frozenset(takers))


def actor(account: uuid.UUID, role: Role, office: str = "01") -> Actor:
    return Actor(account, "x", "某人", role, office if role in OFFICE_ROLES else None)


def test_every_role_against_every_holder() -> None:
    """Nobody but the holder, his office's leader and the head; no leader for the section's people."""
    for role, holder_role, office in itertools.product(Role, Role, OFFICES):
        item = held(PEOPLE[0], holder_role, office)
        allowed = role is Role.SUPERVISION_HEAD or (
            role is Role.OFFICE_LEADER and office == "01" and holder_role in OFFICE_ROLES
        )
        assert may_hand_over(actor(PEOPLE[1], role), item) is allowed, (role, holder_role, office)
        assert may_hand_over(actor(PEOPLE[0], role), item), "his own"


@given(
    st.sampled_from(list(Role)), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.sets(st.sampled_from(PEOPLE))
)
def test_nothing_goes_to_who_may_not_have_it(
    role: Role, who: uuid.UUID, taker: uuid.UUID, takers: set[uuid.UUID]
) -> None:
    item = held(PEOPLE[0], Role.OFFICER, "01", *takers)
    against = objection(actor(who, role), taker, item)
    if against is None:
        assert taker in takers
        assert taker != PEOPLE[0]
    elif against is Objection.NOT_FOR_HIM:
        assert taker not in takers or taker == PEOPLE[0]
    else:
        assert not may_hand_over(actor(who, role), item)


def test_it_is_stranded_where_its_holder_could_not_do_it() -> None:
    assert held(PEOPLE[0], Role.OFFICER, "01", PEOPLE[1]).is_stranded
    assert not held(PEOPLE[0], Role.OFFICER, "01", *PEOPLE[:2]).is_stranded


def test_what_is_due_first_comes_first_and_what_has_no_day_last() -> None:
    days = [None, date(2026, 12, 31), date(2026, 2, 28)]
    found = by_day(held(PEOPLE[0], Role.OFFICER, due=day) for day in days)
    assert [one.due_on for one in found] == [date(2026, 2, 28), date(2026, 12, 31), None]


def test_a_post_is_empty_where_nobody_holds_it() -> None:
    posts = [Post("01", Role.OFFICE_LEADER, 0), Post("02", Role.OFFICE_LEADER, 1), Post("", Role.BUREAU_LEADER, 0)]
    assert empty_posts(posts) == [posts[0], posts[2]]
