"""Who answers a line at a moment, until when, and how its queue rings: on plain data, for any roster."""

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.rosters.rules import (
    LOOK_AHEAD_DAYS,
    Absence,
    Deputy,
    Described,
    Duty,
    Hole,
    LinePolicy,
    LineState,
    Member,
    Post,
    RingOrder,
    Roster,
    Shift,
    Span,
    Way,
    duty_at,
    find_holes,
    monday_of,
    next_change,
    route,
)

MONDAY = date(2026, 9, 14)
MORNING, AFTERNOON = Span(time(8, 30), time(12)), Span(time(14), time(17, 30))
LI, WANG, ZHAO, CHEN = (uuid.UUID(int=n) for n in range(1, 5))
LI_801, WANG_802, ZHAO_800 = Post(LI, "801"), Post(WANG, "802"), Post(ZHAO, "800")


def roster(*shifts: Shift, **more: object) -> Roster:
    facts: dict[str, object] = {"hours": (MORNING, AFTERNOON), **more}
    return Roster(shifts=shifts, **facts)  # type: ignore[arg-type]


def shift(span: Span = MORNING, day: date = MONDAY, line: str = "main", leader: Post | None = ZHAO_800) -> Shift:
    return Shift(line, day, span, (LI_801, WANG_802), leader)


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock))


def test_duty_officers_answer_in_their_order_with_the_leader_behind_them() -> None:
    found = duty_at(roster(shift()), "main", at("08:30"))
    assert found == Duty(LineState.OPEN, (LI_801, WANG_802), ZHAO_800)


@pytest.mark.parametrize(
    ("clock", "state"),
    [
        ("08:29:59", LineState.CLOSED),
        ("08:30", LineState.OPEN),
        ("11:59:59", LineState.OPEN),
        ("12:00", LineState.CLOSED),
        ("14:00", LineState.UNROSTERED),
        ("17:30", LineState.CLOSED),
    ],
)
def test_a_line_is_open_while_somebody_is_on_duty_and_closed_after_hours(clock: str, state: LineState) -> None:
    assert duty_at(roster(shift()), "main", at(clock)).state is state


def test_a_holiday_is_closed_and_a_make_up_saturday_is_worked() -> None:
    saturday, holiday = date(2026, 9, 19), MONDAY
    held = roster(shift(day=saturday), is_worked=lambda day: day == saturday)
    assert duty_at(held, "main", at("09:00", holiday)).state is LineState.CLOSED
    assert duty_at(held, "main", at("09:00", saturday)).state is LineState.OPEN
    assert find_holes(held, ["main"], [holiday, saturday]) == [Hole("main", saturday, AFTERNOON)]


def test_a_shift_outside_the_working_hours_opens_the_line() -> None:
    night = Span(time(18), time(20))
    assert duty_at(roster(shift(night)), "main", at("19:00")).state is LineState.OPEN


def test_without_working_hours_nothing_is_ever_closed() -> None:
    assert duty_at(Roster(), "main", at("03:00")).state is LineState.UNROSTERED


def test_who_is_on_leave_or_gone_is_not_on_duty_whatever_the_roster_says() -> None:
    away = roster(shift(), absences=(Absence(LI, MONDAY, MONDAY),), gone=frozenset({WANG}))
    assert duty_at(away, "main", at("09:00")) == Duty(LineState.UNROSTERED, (), ZHAO_800)
    assert find_holes(away, ["main"], [MONDAY])[0] == Hole("main", MONDAY, MORNING)


def test_a_deputy_takes_the_leaders_desk_on_his_days_unless_he_is_on_duty_himself() -> None:
    absent = (Absence(ZHAO, MONDAY, MONDAY),)
    deputies = (Deputy(ZHAO, LI, MONDAY, MONDAY), Deputy(ZHAO, CHEN, MONDAY, MONDAY))
    held = roster(shift(), absences=absent, deputies=deputies)
    assert duty_at(held, "main", at("09:00")).leader == Post(CHEN, "800"), "Li answers the line himself"
    assert duty_at(roster(shift(), deputies=deputies), "main", at("09:00")).leader == ZHAO_800
    assert duty_at(roster(shift(), absences=absent), "main", at("09:00")).leader is None


people = st.sampled_from([LI, WANG, ZHAO, CHEN])
posts = st.builds(Post, people, st.sampled_from(["800", "801", "802"]))
times = st.integers(0, 47).map(lambda n: time(n // 2, n % 2 * 30))
spans = st.tuples(times, times).filter(lambda two: two[0] < two[1]).map(lambda two: Span(*two))
days = st.integers(0, 6).map(lambda n: MONDAY + timedelta(days=n))
lines = st.sampled_from(["main", "second"])
shifts = st.builds(
    Shift,
    lines,
    days,
    spans,
    st.lists(posts, max_size=3, unique_by=lambda post: post.account_id).map(tuple),
    st.none() | posts,
)
rosters = st.builds(
    Roster,
    st.lists(shifts, max_size=8).map(tuple),
    st.sampled_from([(), (MORNING,), (MORNING, AFTERNOON)]),
    st.sampled_from([lambda _: True, lambda day: day.weekday() % 2 == 0]),
    st.lists(st.builds(Absence, people, days, days), max_size=3).map(tuple),
    st.lists(st.builds(Deputy, people, people, days, days), max_size=2).map(tuple),
    st.frozensets(people, max_size=1),
)
moments = st.integers(0, 7 * 24 * 60).map(lambda n: at("00:00") + timedelta(minutes=n, seconds=n % 60))


@given(rosters, moments, st.integers(0, 10**6))
def test_nothing_changes_until_the_next_change_and_then_something_does(
    held: Roster, moment: datetime, part: int
) -> None:
    now = duty_at(held, "main", moment)
    change = next_change(held, ["main"], moment)
    assert moment < change <= moment + timedelta(days=LOOK_AHEAD_DAYS + 1)
    assert duty_at(held, "main", moment + (change - moment) * part / 10**6 - timedelta(microseconds=1)) == now or (
        part == 0
    )
    if change - moment < timedelta(days=LOOK_AHEAD_DAYS):
        assert duty_at(held, "main", change) != now


@given(rosters, days, times)
def test_a_moment_of_working_hours_is_in_a_hole_if_and_only_if_nobody_is_on_duty(
    held: Roster, day: date, clock: time
) -> None:
    moment = datetime.combine(day, clock)
    in_hole = any(one.span.has(clock) for one in find_holes(held, ["main"], [day]))
    works = any(span.has(clock) for span in held.hours_of(day))
    unrostered = duty_at(held, "main", moment).state is LineState.UNROSTERED
    assert in_hole == (works and unrostered)


@given(rosters, moments, st.sampled_from(RingOrder), st.sampled_from(Way))
def test_a_route_names_each_desk_once_and_nobody_who_is_not_on_duty(
    held: Roster, moment: datetime, order: RingOrder, way: Way
) -> None:
    duty = duty_at(held, "main", moment)
    described = Described(("901", "902"), "900")
    found = route(duty, LinePolicy(order, way, "02"), described)
    ringing = [member.desk for member in found.duty]
    assert len(ringing) == len(set(ringing))
    assert set(ringing) <= {member.desk for member in found.backup}
    if duty.state is LineState.CLOSED:
        assert not found.backup
    if duty.state is LineState.OPEN:
        assert ringing == list(dict.fromkeys(post.desk for post in duty.duty))
    if duty.state is LineState.UNROSTERED:
        assert ringing == ["901", "902"], "the desks of the description, as without any roster"


def test_duty_officers_ring_in_order_or_by_longest_idle_and_the_leader_from_the_fourth_ring() -> None:
    duty = duty_at(roster(shift()), "main", at("09:00"))
    found = route(duty, LinePolicy(overflow=Way.VOICEMAIL))
    assert found.duty == (Member("801", 0), Member("802", 1))
    assert [one.desk for one in found.backup] == ["801", "802", "800"]
    assert (found.strategy, found.way) == ("ringall", Way.VOICEMAIL)
    idle = route(duty, LinePolicy(order=RingOrder.LONGEST_IDLE, overflow=Way.OTHER_OFFICE, overflow_office="02"))
    assert idle.duty == (Member("801", 0), Member("802", 0))
    assert (idle.strategy, idle.way, idle.way_office) == ("leastrecent", Way.OTHER_OFFICE, "02")


def test_a_closed_line_goes_where_the_line_says_at_once() -> None:
    found = route(Duty(LineState.CLOSED), LinePolicy(overflow=Way.HOTLINE_12366, closed=Way.VOICEMAIL))
    assert (found.duty, found.backup, found.way) == ((), (), Way.VOICEMAIL)


def test_a_week_begins_on_its_monday() -> None:
    assert {monday_of(MONDAY + timedelta(days=n)) for n in range(7)} == {MONDAY}
