"""Writing a week, putting it in force, and what follows: who sits where, what is refused, what is recorded."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.offices.models import Desk
from supervision.offices.rules import sits_at
from supervision.offices.seating import Seat, seat, timeline_of
from supervision.people.models import Account
from supervision.rosters.arrangements import (
    enter_leave,
    name_deputy,
    set_hours,
    set_ways,
    withdraw_deputy,
    withdraw_leave,
)
from supervision.rosters.queries import Looked, find_in_force, get_week, moment, policies_of, shifts_in_force
from supervision.rosters.rules import WEEK, Absence, Deputy, LinePolicy, Span, Way
from supervision.rosters.service import (
    PostMove,
    copy_last_week,
    discard_draft,
    move_post,
    put_in_force,
    remove_shift,
    set_shift,
    take_over,
)
from supervision.rosters.week_rules import LeftOutReason, Place, days_of
from tests.rosters.conftest import RosteredOffice
from tests.rosters.test_rules import MONDAY, MORNING, at

WORKED = [*days_of(MONDAY)[:5], MONDAY + timedelta(days=6)]  # 20 September 2026 is a make-up Sunday
TUESDAY = MONDAY + timedelta(days=1)
SUNDAY_BEFORE = MONDAY - timedelta(days=1)


def sitter(office: RosteredOffice, desk: str, shown: datetime) -> str:
    """Who sits at a desk at a time of the wall clock."""
    session = office.session
    found = next(one for one in desks(office) if one.extension == desk)
    sitting = sits_at(timeline_of(session, found.id), moment(shown))
    return session.get_one(Account, sitting.account_id).login if sitting else ""


def desks(office: RosteredOffice) -> list[Desk]:
    return list(office.session.scalars(select(Desk).where(Desk.office_code == "01")))


def written(office: RosteredOffice) -> Context:
    """The leader on the Sunday before, with a draft that covers the whole week."""
    context = office.context("20:00", SUNDAY_BEFORE)
    office.write(context, *office.whole(*WORKED))
    return context


def test_a_roster_in_force_says_who_sits_where_and_whoever_sat_there_before_does_otherwise(
    office: RosteredOffice,
) -> None:
    context = written(office)
    swapped = replace(office.shift("main", MONDAY), duty=(office.post("zhang2", "801"),))
    set_shift(context, "01", office.looked, swapped, Place("main", MONDAY, MORNING))
    assert sitter(office, "801", at("09:00")) == "zhang", "a draft changes nothing"
    office.put(context)
    assert sitter(office, "801", at("09:00")) == "zhang2"
    assert sitter(office, "800", at("09:00")) == "leader"
    assert sitter(office, "801", at("13:00")) == "zhang2", "until somebody else comes"
    assert sitter(office, "801", at("14:00")) == "zhang"
    assert sitter(office, "801", at("08:00")) == "zhang", "as it was said before any roster"
    entry = office.session.scalars(select(AuditEntry).where(AuditEntry.act == "roster_put_in_force")).one()
    assert len(entry.detail["after"]) == len(WORKED) * 4
    assert office.session.scalars(select(AuditEntry.n).where(AuditEntry.act == "desk_assigned")).all()


def test_a_roster_with_a_hole_is_refused_with_the_hole_named_and_the_draft_stays(office: RosteredOffice) -> None:
    context = written(office)
    remove_shift(context, "01", office.looked, Place("invoice", TUESDAY, MORNING))
    with pytest.raises(Refused) as refused:
        office.put(context)
    assert refused.value.reason == "roster_hole"
    assert refused.value.detail == f"发票咨询 {TUESDAY.isoformat()} 08:30–12:00"
    assert find_in_force(office.session, "01", MONDAY) is None
    assert len(get_week(office.session, "01", MONDAY).shifts) == len(WORKED) * 4 - 1


def test_two_people_at_one_desk_are_refused_and_no_hours_too(office: RosteredOffice) -> None:
    context = written(office)
    wrong = replace(office.shift("main", MONDAY), duty=(office.post("zhang2", "802"),))
    set_shift(context, "01", office.looked, wrong, Place("main", MONDAY, MORNING))
    with pytest.raises(Refused, match="roster_conflict"):
        office.put(context)


def test_the_second_of_two_who_edit_at_once_is_told_and_nothing_of_the_first_is_lost(
    office: RosteredOffice,
) -> None:
    context = office.context("20:00", SUNDAY_BEFORE)
    both_looked_at = office.looked
    set_shift(context, "01", both_looked_at, office.shift("main", MONDAY))
    section = office.context("20:00", SUNDAY_BEFORE, "supervisor")
    with pytest.raises(Conflict):
        set_shift(section, "01", both_looked_at, office.shift("invoice", MONDAY))
    second = office.looked
    set_shift(section, "01", second, office.shift("invoice", MONDAY))
    with pytest.raises(Conflict):
        set_shift(context, "01", second, office.shift("main", TUESDAY))
    with pytest.raises(Conflict):
        put_in_force(context, "01", MONDAY, second)
    assert {one.line for one in get_week(office.session, "01", MONDAY).shifts} == {"main", "invoice"}


def test_an_edit_of_what_is_in_force_is_a_new_edition_and_can_be_given_up(office: RosteredOffice) -> None:
    context = written(office)
    office.put(context)
    before = office.looked
    remove_shift(context, "01", before, Place("main", TUESDAY, MORNING))
    week = get_week(office.session, "01", MONDAY)
    assert (week.looked.edition, week.is_draft) == (before.edition + 1, True)
    assert len(week.in_force or ()) == len(WORKED) * 4, "what is in force holds until the draft is put in force"
    discard_draft(context, "01", MONDAY, office.looked)
    assert not get_week(office.session, "01", MONDAY).is_draft
    with pytest.raises(Refused):
        discard_draft(context, "01", MONDAY, office.looked)


def test_a_correction_of_the_past_needs_its_reason_and_is_recorded_and_the_rest_is_left_alone(
    office: RosteredOffice,
) -> None:
    office.put(written(office))
    later = office.context("13:00", TUESDAY)
    other = replace(office.shift("main", MONDAY), duty=(office.post("zhang2", "801"),))
    set_shift(later, "01", office.looked, other, Place("main", MONDAY, MORNING))
    with pytest.raises(InvalidInput) as refused:
        office.put(later)
    assert (refused.value.where, refused.value.wrong) == ("reason", "missing")
    assert sitter(office, "801", at("09:00")) == "zhang"
    office.put(later, "周明当天代张敏，漏改")
    assert sitter(office, "801", at("09:00")) == "zhang2"
    assert sitter(office, "801", at("09:00", TUESDAY)) == "zhang"
    entries = office.session.scalars(select(AuditEntry).where(AuditEntry.act == "roster_put_in_force")).all()
    assert [(one.detail["corrects_past"], one.detail["reason"]) for one in entries][-1] == (
        True,
        "周明当天代张敏，漏改",
    )


def test_what_a_person_corrected_by_hand_stands_where_the_rosters_say_alike(office: RosteredOffice) -> None:
    office.put(written(office))
    desk = next(one for one in desks(office) if one.extension == "801")
    wanted = Seat(office.town.people["zhang2"].id, moment(at("09:00")), moment(at("10:00")), "张敏去窗口一小时")
    seat(office.context("18:00"), desk.id, wanted, version=desk.version)
    context = office.context("18:00")
    take_over(
        context,
        "01",
        office.looked,
        absent=office.town.people["zhang"].id,
        taker=office.town.people["zhang2"].id,
        since=at("00:00", TUESDAY),
        last=TUESDAY,
    )
    office.put(context)
    assert sitter(office, "801", at("09:30")) == "zhang2"
    assert sitter(office, "801", at("09:30", TUESDAY)) == "zhang2"


def test_somebody_takes_over_in_the_middle_of_a_shift_without_correcting_the_past(office: RosteredOffice) -> None:
    office.put(written(office))
    context = office.context("10:00")
    people = office.town.people

    def comes() -> None:
        who = people["zhang"].id, people["zhang2"].id
        take_over(context, "01", office.looked, absent=who[0], taker=who[1], since=at("10:00"), last=MONDAY)

    comes()
    office.put(context)
    found = [sitter(office, "801", at(clock)) for clock in ("09:59", "10:00", "15:00")]
    assert found == ["zhang", "zhang2", "zhang2"]
    with pytest.raises(Refused, match="roster_no_post"):
        comes()


def test_leave_takes_a_person_off_his_desk_at_once_and_withdrawing_it_puts_him_back(
    office: RosteredOffice,
) -> None:
    office.put(written(office))
    context = office.context("18:00")
    away = Absence(office.town.people["li"].id, TUESDAY, TUESDAY)
    leave = enter_leave(context, "01", away, "年休假")
    assert sitter(office, "802", at("09:00", TUESDAY)) == ""
    withdraw_leave(context, "01", leave.id, "改期")
    assert sitter(office, "802", at("09:00", TUESDAY)) == "li"
    with pytest.raises(Refused):
        withdraw_leave(context, "01", leave.id, "改期")


def test_a_deputy_sits_at_the_leaders_desk_while_he_is_away(office: RosteredOffice) -> None:
    office.put(written(office))
    context, people = office.context("18:00"), office.town.people
    enter_leave(context, "01", Absence(people["leader"].id, TUESDAY, TUESDAY), "开会")
    named = name_deputy(context, "01", Deputy(people["leader"].id, people["deputy"].id, TUESDAY, TUESDAY))
    assert sitter(office, "800", at("09:00", TUESDAY)) == "deputy"
    withdraw_deputy(context, "01", named.id)
    assert sitter(office, "800", at("09:00", TUESDAY)) == ""


def test_last_week_is_copied_onto_this_one_and_what_is_left_out_is_said(office: RosteredOffice) -> None:
    office.put(written(office))
    office.town.people["li"].active = False
    context = office.context("18:00", MONDAY + timedelta(days=4))
    left = copy_last_week(context, "01", MONDAY + WEEK, Looked())
    found = get_week(office.session, "01", MONDAY + WEEK)
    assert {one.day for one in found.shifts} == {day + WEEK for day in WORKED if day + WEEK < date(2026, 9, 25)}
    assert all(office.town.people["li"].id not in {post.account_id for post in one.posts} for one in found.shifts)
    assert {one.reason for one in left} == {LeftOutReason.LEFT, LeftOutReason.NOT_WORKED}
    with pytest.raises(Refused, match="roster_nothing_to_copy"):
        copy_last_week(context, "01", MONDAY + 3 * WEEK, Looked())


def test_one_person_is_put_in_moved_raised_and_taken_out(office: RosteredOffice) -> None:
    context = office.context("20:00", SUNDAY_BEFORE)
    morning, tuesday = Place("main", MONDAY, MORNING), Place("main", TUESDAY, MORNING)

    def move(what: PostMove, login: str, desk: str, **more: object) -> None:
        move_post(context, "01", office.looked, what, office.post(login, desk), **more)  # type: ignore[arg-type]

    def there(place: Place) -> list[str]:
        found = [one for one in get_week(office.session, "01", MONDAY).shifts if place.holds(one)]
        logins = {person.id: login for login, person in office.town.people.items()}
        return [logins[post.account_id] for one in found for post in one.posts]

    move(PostMove.ADD, "zhang", "801", at_place=morning)
    move(PostMove.ADD, "li", "802", at_place=morning)
    move(PostMove.ADD, "leader", "800", at_place=morning, leader=True)
    assert there(morning) == ["zhang", "li", "leader"]
    move(PostMove.RAISE, "li", "802", at_place=morning)
    assert there(morning) == ["li", "zhang", "leader"]
    move(PostMove.MOVE, "zhang", "801", at_place=morning, to=tuesday)
    assert (there(morning), there(tuesday)) == (["li", "leader"], ["zhang"])
    move(PostMove.REMOVE, "zhang", "801", at_place=tuesday)
    assert there(tuesday) == []
    with pytest.raises(Refused, match="roster_unchanged"):
        move(PostMove.REMOVE, "zhang", "801", at_place=tuesday)
    with pytest.raises(InvalidInput):
        move(PostMove.ADD, "wu", "801", at_place=morning)
    with pytest.raises(InvalidInput):
        move(PostMove.ADD, "zhang", "801", at_place=Place("main", MONDAY, Span(time(9), time(10))))


def test_what_cannot_be_a_shift_is_refused(office: RosteredOffice) -> None:
    context = office.context("20:00", SUNDAY_BEFORE)
    good = office.shift("main", MONDAY)
    for wrong, where in (
        (replace(good, line="east"), "line"),
        (replace(good, duty=()), "duty"),
        (replace(good, duty=(*good.duty, *good.duty)), "duty"),
        (replace(good, span=Span(time(12), time(8))), "ends"),
        (replace(good, duty=(office.post("zhang", "899"),)), "desk"),
        (replace(good, duty=(office.post("wu", "801"),)), "duty"),
        (replace(good, day=MONDAY + timedelta(days=800)), "monday"),
    ):
        with pytest.raises(InvalidInput) as refused:
            set_shift(context, "01", Looked(), wrong)
        assert refused.value.where == where


def test_another_office_is_not_there_for_a_leader_and_is_for_the_section(office: RosteredOffice) -> None:
    leader = office.context("20:00", SUNDAY_BEFORE)
    for act in (
        lambda: set_shift(leader, "02", Looked(), office.shift("east", MONDAY)),
        lambda: copy_last_week(leader, "02", MONDAY, Looked()),
        lambda: put_in_force(leader, "02", MONDAY, Looked()),
        lambda: set_hours(leader, "02", MORNING, None, version=0),
        lambda: enter_leave(leader, "02", Absence(office.town.people["wu"].id, MONDAY, MONDAY), "病假"),
    ):
        with pytest.raises(NotFound):
            act()
    set_hours(office.context("20:00", SUNDAY_BEFORE, "supervisor"), "02", MORNING, None, version=0)


def test_hours_and_ways_are_changed_by_one_at_a_time(office: RosteredOffice) -> None:
    context = office.context("20:00", SUNDAY_BEFORE)
    with pytest.raises(Conflict):
        set_hours(context, "01", MORNING, None, version=0)
    set_hours(context, "01", MORNING, None, version=1)
    with pytest.raises(InvalidInput):
        set_hours(context, "01", Span(time(12), time(8)), None, version=2)
    way = LinePolicy(overflow=Way.OTHER_OFFICE, overflow_office="02", closed=Way.VOICEMAIL)
    set_ways(context, "01", "main", way, version=0)
    assert policies_of(office.session, "01") == {"main": way}
    with pytest.raises(Conflict):
        set_ways(context, "01", "main", LinePolicy(), version=0)
    with pytest.raises(InvalidInput):
        set_ways(context, "01", "main", replace(way, overflow_office="01"), version=1)
    with pytest.raises(NotFound):
        set_ways(context, "01", "east", LinePolicy(), version=0)


def test_what_is_in_force_is_found_by_days_over_the_weeks(office: RosteredOffice) -> None:
    office.put(written(office))
    found = shifts_in_force(office.session, "01", MONDAY + timedelta(days=6), MONDAY + 2 * WEEK)
    assert len(found) == len(WORKED) * 4
    assert shifts_in_force(office.session, "01", MONDAY + WEEK, MONDAY + 2 * WEEK) == ()
