"""Looking at calls: scope, officer, filters, pages; on SQLite and on PostgreSQL."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.calls.caller_rules import clean_caller
from supervision.calls.detail import get_detail
from supervision.calls.live import calls_in_progress
from supervision.calls.models import Call
from supervision.calls.ordering import Sorting
from supervision.calls.queries import (
    CallFilter,
    count_calls,
    get_call,
    list_calls,
    list_lines,
    list_officers,
)
from supervision.calls.rules import UNANSWERED, Disposition
from supervision.database import Database
from supervision.errors import NotFound
from supervision.paging import Cursor
from tests.calls.samples import NOON, Town, make_town, seconds

ALL = Scope()
HOSTILE = ('"; rm -rf / ; ${SHELL(id)}<script>', "9" * 5000, "", "\udcff\udcfe破", "%_\\", "' OR 1=1 --")


@pytest.fixture
def session(store: Database) -> Iterator[Session]:
    with store.transaction() as opened:
        yield opened


@pytest.fixture
def town(session: Session) -> Town:
    return make_town(session)


def found(town: Town, scope: Scope = ALL, **wanted: object) -> list[uuid.UUID]:
    page = list_calls(town.session, scope, CallFilter(**wanted))  # type: ignore[arg-type]
    assert count_calls(town.session, scope, CallFilter(**wanted)) == len(page.rows)  # type: ignore[arg-type]
    return [row.id for row in page.rows]


def test_an_officer_sees_only_the_calls_that_he_answered(town: Town) -> None:
    mine, other = town.call(), town.call(answered_desk="802")
    missed = town.missed()
    assert found(town, town.scope("zhang")) == [mine.id]
    for call in (other, missed):
        with pytest.raises(NotFound):
            get_call(town.session, town.scope("zhang"), call.id)


@pytest.mark.parametrize("sorting", list(Sorting))
def test_every_order_is_the_same_page_by_page_as_at_once_and_back_again(town: Town, sorting: Sorting) -> None:
    for n in range(7):
        answered = None if n == 3 else NOON + seconds(9)
        ended = NOON + seconds(9 + 5 + n % 3 + n / 8)
        town.call(NOON - seconds(n), rings=n % 3, answered_at=answered, ended_at=ended)
    whole = [row.id for row in list_calls(town.session, ALL, CallFilter(), sorting=sorting).rows]
    pages = [list_calls(town.session, ALL, CallFilter(), None, 2, sorting)]
    while pages[-1].older:
        pages.append(list_calls(town.session, ALL, CallFilter(), pages[-1].older, 2, sorting))
    assert [row.id for page in pages for row in page.rows] == whole
    assert len(set(whole)) == 7
    back = list_calls(town.session, ALL, CallFilter(), pages[-1].newer, 2, sorting)
    assert back.rows == pages[-2].rows


def test_calls_are_sorted_by_what_the_order_says(town: Town) -> None:
    for n, (length_s, rings) in enumerate(((30, 1), (90, 4), (60, 2))):
        at = NOON + seconds(n)
        town.call(at, rings=rings, answered_at=at + seconds(5), ended_at=at + seconds(5 + length_s))

    def listed(sorting: Sorting) -> list[float | None]:
        return [row.talk_s for row in list_calls(town.session, ALL, CallFilter(), sorting=sorting).rows]

    assert listed(Sorting.NEWEST) == [60, 90, 30]
    assert listed(Sorting.OLDEST) == [30, 90, 60]
    assert listed(Sorting.LONGEST) == [90, 60, 30]
    assert listed(Sorting.MOST_RINGS) == [90, 60, 30]


def test_unanswered_is_what_people_mean_by_it(town: Town) -> None:
    town.call()
    town.call(ended_at=None, disposition=None)
    there = [town.call(disposition=one, answered_at=None, answered_desk=None).id for one in sorted(UNANSWERED)]
    town.call(disposition=Disposition.AFTER_HOURS, answered_at=None, answered_desk=None)
    assert set(found(town, unanswered=True)) == set(there)


def test_the_desk_of_the_same_number_in_another_office_is_another_desk(town: Town) -> None:
    town.call(office_code="02", line_key="east")
    assert found(town, town.scope("zhang")) == []
    assert len(found(town, town.scope("wu"))) == 1


def test_an_office_leader_sees_his_office_and_a_supervisor_all(town: Town) -> None:
    here, there = town.call(), town.call(NOON - seconds(60), office_code="02", line_key="east")
    assert found(town, town.scope("leader")) == [here.id]
    assert found(town, town.scope("supervisor")) == [here.id, there.id]
    with pytest.raises(NotFound):
        get_call(town.session, town.scope("leader"), there.id)


def test_the_officer_is_whoever_sat_at_the_desk_when_the_call_was_answered(town: Town) -> None:
    town.person("sun", "孙洁", town.people["zhang"].role, "01")
    town.desks["01/803"] = type(town.desks["01/801"])(office_code="01", extension="803", name="803")
    town.session.add(town.desks["01/803"])
    town.session.flush()
    town.seat("01/803", "li", until=NOON)
    town.seat("01/803", "sun", since=NOON)
    before = town.call(NOON - seconds(6.001), answered_desk="803")
    after = town.call(NOON - seconds(6), answered_desk="803")
    rows = {row.id: row.officer for row in list_calls(town.session, ALL, CallFilter()).rows}
    assert rows == {before.id: "李强", after.id: "孙洁"}
    assert found(town, officer_id=town.people["sun"].id) == [after.id]
    assert found(town, town.scope("sun")) == [after.id]


def test_of_overlapping_assignments_the_later_one_counts_and_no_other(town: Town) -> None:
    town.seat("01/801", "li", since=NOON - timedelta(days=1), until=NOON + timedelta(days=1))
    call = town.call()
    assert found(town, town.scope("li")) == [call.id]
    assert found(town, town.scope("zhang")) == []


def test_a_call_answered_at_a_desk_without_anybody_has_no_officer(town: Town) -> None:
    town.call(answered_desk="899")
    row = list_calls(town.session, ALL, CallFilter()).rows[0]
    assert (row.officer, row.desk) == (None, "899")


def test_a_call_that_was_taken_over_is_everybodys_who_talked_on_it(town: Town) -> None:
    call, other = town.taken_over(town.call(), "802", "899"), town.call(NOON - seconds(1), answered_desk="802")
    town.call(office_code="02", line_key="east")
    for login in ("zhang", "li"):
        assert call.id in found(town, town.scope(login))
        assert call.id in found(town, officer_id=town.people[login].id, number="13812345678")
    assert found(town, officer_id=town.people["li"].id) == [call.id, other.id]
    assert found(town, officer_id=town.people["zhang"].id) == [call.id]
    assert found(town, town.scope("leader"), desk="802") == [call.id, other.id]
    assert found(town, desk="899") == [call.id]
    rows = {row.id: row for row in list_calls(town.session, ALL, CallFilter()).rows}
    assert (rows[call.id].officer, rows[call.id].people) == ("张敏", ("张敏", "李强", "899"))
    assert rows[other.id].people == ("李强",)


def test_whoever_sat_at_a_desk_at_another_time_did_not_take_a_call_over(town: Town) -> None:
    town.person("sun", "孙洁", town.people["zhang"].role, "01")
    town.seat("01/802", "sun", since=NOON - timedelta(days=2), until=NOON - timedelta(days=1))
    town.seat("02/801", "sun", since=NOON - timedelta(days=1), until=NOON + timedelta(days=1))
    town.taken_over(town.call(), "802", "801")
    assert found(town, town.scope("sun")) == []


def test_a_desk_that_had_its_caller_twice_is_named_once(town: Town) -> None:
    town.taken_over(town.call(), "801")
    (row,) = list_calls(town.session, ALL, CallFilter()).rows
    assert row.people == ("张敏",)


def test_days_are_those_of_the_bureau(town: Town) -> None:
    eve = town.call(NOON.replace(hour=15, minute=59))  # 23:59 on the 10th in Shanghai
    next_day = town.call(NOON.replace(hour=16, minute=0))
    assert found(town, from_day=date(2026, 3, 11)) == [next_day.id]
    assert found(town, from_day=date(2026, 3, 10), to_day=date(2026, 3, 10)) == [eve.id]


def test_filters_by_line_disposition_and_progress(town: Town) -> None:
    invoice = town.call(line_key="invoice")
    missed = town.missed(NOON - seconds(1))
    going_on = town.call(NOON - seconds(2), ended_at=None, disposition=None, hung_up_by=None)
    assert found(town, line_key="invoice") == [invoice.id]
    assert found(town, disposition=Disposition.MISSED) == [missed.id]
    assert found(town, in_progress=True) == [going_on.id]
    assert found(town, town.scope("leader"), in_progress=True) == [going_on.id]
    assert [row.id for row in calls_in_progress(town.session, town.scope("zhang"))] == [going_on.id]
    assert calls_in_progress(town.session, town.scope("wu")) == []


@pytest.mark.parametrize(
    ("shortest", "longest", "matches"),
    [(60, None, True), (61, None, False), (None, 60, True), (None, 59, False), (60, 60, True)],
)
def test_length_is_that_of_the_talk(town: Town, shortest: int | None, longest: int | None, matches: bool) -> None:
    town.call()
    town.missed()
    assert bool(found(town, shortest_s=shortest, longest_s=longest)) is matches


@pytest.mark.parametrize("text", ["13812345678", "138****5678", "5678", "1381", "2345", "+86 138 1234 5678"])
def test_a_number_is_found_by_any_part_of_it(town: Town, text: str) -> None:
    wanted = town.call(caller_number="013812345678" if text == "13812345678" else "13812345678")
    town.call(caller_number="13900000000")
    assert found(town, number=text) == [wanted.id]


def test_a_whole_number_is_found_within_each_scope(town: Town) -> None:
    call = town.call()
    for login, sees in (("zhang", [call.id]), ("li", []), ("leader", [call.id]), ("wu", [])):
        assert found(town, town.scope(login), number="13812345678") == sees


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_caller_id_is_only_text(town: Town, hostile: str) -> None:
    stored = clean_caller(hostile, 64)
    call = town.call(caller_number=stored)
    town.call(NOON - seconds(9), caller_number="13900000000")
    row = list_calls(town.session, ALL, CallFilter()).rows[0]
    assert row.id == call.id
    assert len(row.masked_number) <= 64
    assert call.id in found(town, number=stored)


def test_like_signs_in_a_search_are_taken_as_they_stand(town: Town) -> None:
    town.call()
    assert found(town, number="%") == []
    assert found(town, number="_") == []


def test_pages_lead_through_all_calls_and_back_again(town: Town) -> None:
    same_moment = [town.call().id for _ in range(3)]
    calls = same_moment + [town.call(NOON - seconds(n)).id for n in range(1, 5)]
    first = list_calls(town.session, ALL, CallFilter(), limit=3)
    second = list_calls(town.session, ALL, CallFilter(), first.older, limit=3)
    third = list_calls(town.session, ALL, CallFilter(), second.older, limit=3)
    seen = [row.id for page in (first, second, third) for row in page.rows]
    assert sorted(seen) == sorted(calls)
    assert seen[3:] == calls[3:]
    assert (first.newer, third.older) == (None, None)
    back = list_calls(town.session, ALL, CallFilter(), third.newer, limit=3)
    assert back.rows == second.rows
    assert list_calls(town.session, ALL, CallFilter(), back.newer, limit=3).rows == first.rows


def test_a_call_that_comes_in_meanwhile_shifts_nothing(town: Town) -> None:
    for n in range(4):
        town.call(NOON - seconds(n))
    first = list_calls(town.session, ALL, CallFilter(), limit=2)
    town.call(NOON + seconds(5))
    second = list_calls(town.session, ALL, CallFilter(), first.older, limit=2)
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}
    assert second.newer is not None
    back = list_calls(town.session, ALL, CallFilter(), second.newer, limit=2)
    assert back.newer == Cursor(back.newer.row, newer=True) if back.newer else False


def test_counting_stops_where_it_no_longer_helps(town: Town) -> None:
    for n in range(5):
        town.call(NOON - seconds(n))
    assert count_calls(town.session, ALL, CallFilter(), limit=3) == 4


def test_the_list_never_holds_a_whole_number(town: Town) -> None:
    call = town.call()
    assert "13812345678" not in repr(list_calls(town.session, ALL, CallFilter()))
    assert "13812345678" not in repr(get_detail(town.session, ALL, call.id).row)


def test_one_call_has_its_segments_with_people_and_its_witness_events(town: Town) -> None:
    call = town.call()
    town.story(call)
    detail = get_detail(town.session, town.scope("zhang"), call.id)
    assert [(part.desk, part.officer) for part in detail.segments] == [("801", "张敏")]
    assert [event.kind.value for event in detail.events][:2] == ["offered", "recording_started"]


def test_choices_keep_to_the_scope(town: Town) -> None:
    assert [line.key for line in list_lines(town.session, town.scope("wu"))] == ["east"]
    assert {person.login for person in list_officers(town.session, town.scope("leader"))} == {"zhang", "li"}
    assert [person.login for person in list_officers(town.session, town.scope("li"))] == ["li"]


def test_rings_in_time_are_counted_at_the_desk_alone(town: Town) -> None:
    town.call(rings=3, rings_before_us=1)
    town.call(NOON - seconds(1), rings=4)
    town.missed(NOON - seconds(2))
    rows = list_calls(town.session, ALL, CallFilter()).rows
    assert [row.in_time for row in rows] == [True, False, None]
    assert isinstance(town.session.get(Call, rows[0].id), Call)
