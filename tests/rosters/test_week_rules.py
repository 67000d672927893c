"""A week as it is written: its conflicts, last week copied onto it, people taken over, who sits where."""

import itertools
import uuid
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from supervision.offices.rules import Sitting
from supervision.rosters.rules import WEEK, Absence, Post, Roster, Shift, Span
from supervision.rosters.week_rules import (
    ConflictKind,
    DeskFacts,
    LeftOutReason,
    Person,
    Place,
    Surroundings,
    add_post,
    changes_past,
    copy_week,
    find_conflicts,
    raise_post,
    refusing,
    remove_post,
    sittings_of,
    substitute,
)
from tests.rosters.test_rules import (
    AFTERNOON,
    CHEN,
    LI,
    LI_801,
    MONDAY,
    MORNING,
    WANG,
    WANG_802,
    ZHAO,
    ZHAO_800,
    at,
    posts,
    shifts,
)

AROUND = Surroundings(
    "01",
    ("main", "second"),
    {"800": DeskFacts(leader=True), "801": DeskFacts(), "802": DeskFacts(), "899": DeskFacts(active=False)},
    {
        LI: Person("李", "01"),
        WANG: Person("王", "01"),
        ZHAO: Person("赵", "01"),
        CHEN: Person("陈", "02"),
        uuid.UUID(int=9): Person("孙", "01", active=False),
    },
)
FULL = tuple(
    Shift(line, MONDAY + timedelta(days=n), span, (post,), ZHAO_800)
    for n in range(5)
    for span in (MORNING, AFTERNOON)
    for line, post in (("main", LI_801), ("second", WANG_802))
)
HOURS = (MORNING, AFTERNOON)


def conflicts_of(*written: Shift, **more: object) -> list[tuple[ConflictKind, str, date, Span]]:
    """What is wrong with a full week in which these shifts stand in place of those that they overlap."""
    kept = [
        one
        for one in FULL
        if not any((one.line, one.day) == (new.line, new.day) and one.span.overlaps(new.span) for new in written)
    ]
    held = Roster((*kept, *written), HOURS, **more)  # type: ignore[arg-type]
    return [(one.kind, one.line, one.day, one.span) for one in find_conflicts(held, MONDAY, AROUND)]


def main(*duty: Post, leader: Post | None = ZHAO_800, span: Span = MORNING) -> Shift:
    return Shift("main", MONDAY, span, duty, leader)


def test_a_full_week_has_no_conflict() -> None:
    assert conflicts_of() == []


def test_a_hole_is_named_by_line_day_and_times() -> None:
    short = main(LI_801, span=Span(time(9), time(11)))
    assert conflicts_of(short) == [
        (ConflictKind.HOLE, "main", MONDAY, Span(time(8, 30), time(9))),
        (ConflictKind.HOLE, "main", MONDAY, Span(time(11), time(12))),
    ]


def test_one_person_at_two_desks_and_two_people_at_one_desk() -> None:
    twice = conflicts_of(main(Post(WANG, "801")))
    assert {one[0] for one in twice} == {ConflictKind.TWO_PLACES}
    assert {one[1] for one in twice} == {"main", "second"}, "it is shown in both shifts"
    assert {one[0] for one in conflicts_of(main(Post(LI, "802")))} == {ConflictKind.ONE_DESK}
    assert conflicts_of(main(WANG_802)) == [], "one person may answer two lines at his desk"


def test_a_leader_on_duty_on_his_own_line_somebody_gone_and_somebody_of_another_office() -> None:
    assert ConflictKind.LEADER_ON_DUTY in {one[0] for one in conflicts_of(main(LI_801, Post(ZHAO, "802")))}
    gone = uuid.UUID(int=9)
    assert conflicts_of(main(Post(gone, "801")))[0][0] is ConflictKind.INACTIVE
    assert conflicts_of(main(Post(CHEN, "801")))[0][0] is ConflictKind.WRONG_OFFICE
    assert conflicts_of(main(Post(LI, "899")))[0][0] is ConflictKind.WRONG_DESK
    wrong = conflicts_of(main(LI_801, leader=Post(ZHAO, "801")))
    assert {ConflictKind.WRONG_DESK, ConflictKind.ONE_DESK} <= {one[0] for one in wrong}


def test_a_leave_is_shown_and_refuses_nothing_while_somebody_is_there() -> None:
    away = (Absence(LI, MONDAY, MONDAY),)
    one_line = replace(AROUND, lines=("main",))
    shown = find_conflicts(Roster((main(LI_801, WANG_802),), (MORNING,), absences=away), MONDAY, one_line)
    assert {one.kind for one in shown if one.day == MONDAY} == {ConflictKind.ON_LEAVE}
    found = find_conflicts(Roster(FULL, HOURS, absences=away), MONDAY, AROUND)
    assert {one.kind for one in refusing(found, at("00:00"))} == {ConflictKind.HOLE}
    assert refusing(found, at("18:00")) == [], "what is over is past mending"


def test_copying_a_week_skips_holidays_and_people_who_left_and_says_so() -> None:
    holiday = MONDAY + WEEK + timedelta(days=1)
    people = {**AROUND.people, WANG: replace(AROUND.people[WANG], active=False)}
    roster = Roster(FULL, HOURS, lambda day: day.weekday() < 5 and day != holiday)
    copied, left = copy_week(FULL, MONDAY + WEEK, roster, replace(AROUND, people=people))
    assert {one.day for one in copied} == {MONDAY + WEEK + timedelta(days=n) for n in (0, 2, 3, 4)}
    assert all(WANG_802 not in one.posts for one in copied)
    assert [one.leader for one in copied if one.line == "second"] == [ZHAO_800] * 8, "what is left is copied"
    assert {(one.reason, one.account_id) for one in left} == {
        (LeftOutReason.NOT_WORKED, None),
        (LeftOutReason.LEFT, WANG),
    }
    assert sum(one.reason is LeftOutReason.NOT_WORKED for one in left) == 4


@given(st.lists(shifts, max_size=8), st.integers(0, 7 * 24 * 60))
def test_who_takes_over_stands_where_the_other_stood_from_that_minute_on_and_nowhere_else(
    written: list[Shift], minutes: int
) -> None:
    since, last = at("00:00") + timedelta(minutes=minutes), MONDAY + timedelta(days=6)
    changed = substitute(written, LI, WANG, since, last)

    def holders(of: tuple[Shift, ...] | list[Shift], moment: datetime) -> set[tuple[str, uuid.UUID]]:
        there = (one for one in of if one.starts_at <= moment < one.ends_at)
        return {(one.line, post.account_id) for one in there for post in one.posts}

    for n in range(0, 7 * 24 * 60, 15):
        moment = at("00:00") + timedelta(minutes=n)
        before, after = holders(written, moment), holders(changed, moment)
        if moment < since:
            assert after == before
        elif since + timedelta(minutes=1) <= moment:
            assert after == {(line, WANG if who == LI else who) for line, who in before}


@given(st.lists(shifts, max_size=6))
def test_who_sits_where_follows_from_the_shifts_and_no_desk_has_two_at_once(written: list[Shift]) -> None:
    there: list[Shift] = []
    for one in written:  # a roster in force has nobody at a desk that another sits at
        clash = any(
            one.day == other.day
            and one.span.overlaps(other.span)
            and {post.desk for post in one.posts} & {post.desk for post in other.posts}
            for other in there
        )
        if not clash and len({post.desk for post in one.posts}) == len(one.posts):
            there.append(one)
    found = sittings_of(Roster(tuple(there)), there)
    for sittings in found.values():
        for earlier, later in itertools.pairwise(sittings):
            assert earlier.until_at is not None
            assert earlier.until_at <= later.since_at
    for one in there:
        for post in one.posts:
            assert any(
                sat.account_id == post.account_id
                and sat.since_at <= one.starts_at
                and sat.until_at is not None
                and one.ends_at <= sat.until_at
                for sat in found[post.desk]
            )


def test_the_last_at_a_desk_stays_until_somebody_comes_or_the_day_ends() -> None:
    there = [main(LI_801), main(Post(WANG, "801"), span=AFTERNOON)]
    assert sittings_of(Roster(), there)["801"] == [
        Sitting(LI, at("08:30"), at("14:00")),
        Sitting(WANG, at("14:00"), at("00:00", MONDAY + timedelta(days=1))),
    ]


def test_changing_what_has_begun_corrects_the_past_and_what_is_to_come_does_not() -> None:
    before, noon = [main(LI_801), main(LI_801, span=AFTERNOON)], at("12:30")
    assert not changes_past(before, [main(LI_801), main(WANG_802, span=AFTERNOON)], noon)
    assert changes_past(before, [main(WANG_802), main(LI_801, span=AFTERNOON)], noon)
    cut = substitute([main(LI_801)], LI, WANG, at("10:00"), MONDAY)
    assert [one.span for one in cut] == [Span(time(8, 30), time(10)), Span(time(10), time(12))]
    assert not changes_past([main(LI_801)], cut, at("10:00")), "a take-over from now on corrects nothing"


@given(st.lists(shifts, max_size=5), posts, st.booleans())
def test_who_is_put_into_a_shift_is_in_it_once_and_can_be_taken_out_again(
    written: list[Shift], post: Post, leader: bool
) -> None:
    unique = list({(one.line, one.day, one.span): one for one in written}.values())
    place = Place("main", MONDAY, MORNING)
    added = add_post(unique, post, place, leader=leader)
    shift = next(one for one in added if place.holds(one))
    assert [one.account_id for one in shift.posts].count(post.account_id) == 1
    assert (shift.leader == post) is leader
    gone = remove_post(added, post.account_id, place)
    assert not any(one.account_id == post.account_id for each in gone if place.holds(each) for one in each.posts)
    assert all(one in gone for one in unique if not place.holds(one) and one.posts)


def test_a_duty_officer_is_raised_by_one_place() -> None:
    three = main(LI_801, WANG_802, Post(CHEN, "803"))
    place = Place("main", MONDAY, MORNING)
    (raised,) = raise_post([three], CHEN, place)
    assert [post.account_id for post in raised.duty] == [LI, CHEN, WANG]
    assert raise_post([three], LI, place) == (three,)
