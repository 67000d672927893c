"""Each fault that is injected is named, and of ten thousand clean calls nothing is said."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.incidents.rules import Cause
from supervision.reconcile.rules import SaidByHeadquarters, Witnesses, compare
from supervision.reconcile.witness_rules import CopyState, SaidOfPart
from tests.reconcile.calls import AT, FAULTS, clean_call, headquarters, settled_call

CALLS = 10_000


def test_over_ten_thousand_clean_calls_nothing_is_said() -> None:
    assert compare((clean_call(seed) for seed in range(CALLS)), AT) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_nothing_beside_it(fault: str) -> None:
    matter, inject = FAULTS[fault]
    for seed in range(50):
        said = inject(settled_call(seed))
        found = compare([said], AT)
        assert [one.cause for one in found] == [matter]
        assert found[0].office_code == said.office_code
        assert str(said.call_id) in found[0].subject
        assert found[0].call_id == (said.call_id if said.record else None), "a call without record has no key"


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(sorted(FAULTS)) | st.none()), max_size=12))
def test_what_is_said_is_what_was_injected_whatever_the_order(town: list[tuple[int, str | None]]) -> None:
    calls = {seed: (settled_call(seed), fault) for seed, fault in town}
    shuffled = [FAULTS[fault][1](said) if fault else said for said, fault in calls.values()]
    found = compare(shuffled, AT)
    assert sorted(one.cause for one in found) == sorted(FAULTS[fault][0] for _, fault in calls.values() if fault)
    random.Random(1).shuffle(shuffled)  # noqa: S311 - any order does
    assert compare(shuffled, AT) == found
    assert compare([said for said, _ in calls.values()], AT) == [], "without its fault a call is clean again"


@settings(max_examples=100)
@given(st.integers(0, 500), st.sampled_from(sorted(FAULTS)), st.integers(0, 40 * 86_400))
def test_what_is_wrong_stays_wrong_as_time_passes(seed: int, fault: str, later_s: int) -> None:
    said = FAULTS[fault][1](settled_call(seed))
    keys = {one.key for one in compare([said], AT)}
    assert keys <= {one.key for one in compare([said], AT + timedelta(seconds=later_s))}


@pytest.mark.parametrize(
    "fault",
    [
        "record removed, Asterisk knows",
        "switch record removed",
        "recording not even begun",
        "parts never came",
    ],
)
def test_an_office_that_was_cut_off_is_given_time_once_it_is_back(fault: str) -> None:
    said = replace(FAULTS[fault][1](settled_call(3)), back_at=AT - timedelta(seconds=20))
    assert compare([said], AT) == []
    assert compare([said], AT + timedelta(hours=2)) != []
    sending = replace(said, catching_up=True, office_sends=True)
    assert compare([sending], AT + timedelta(hours=2)) == []


@pytest.mark.parametrize("fault", ["switch record removed", "recording not even begun"])
def test_a_call_whose_end_became_known_late_is_given_time_from_then_on(fault: str) -> None:
    said = FAULTS[fault][1](settled_call(3))
    assert said.record is not None
    known = replace(said, record=replace(said.record, end_known_at=AT - timedelta(seconds=20)))
    assert compare([known], AT) == []
    assert [one.cause for one in compare([known], AT + timedelta(minutes=5))] == [FAULTS[fault][0]]


def test_parts_that_keep_coming_do_not_excuse_one_that_is_a_day_late() -> None:
    said = replace(FAULTS["parts never came"][1](settled_call(3)), office_sends=True, back_at=AT)
    assert compare([said], AT + timedelta(hours=23)) == []
    assert [one.cause for one in compare([said], AT + timedelta(hours=25))] == [Cause.NOT_RECEIVED]


@pytest.mark.parametrize(
    ("fault", "bound"),
    [
        ("record removed, Asterisk knows", timedelta(days=7)),
        ("switch record removed", timedelta(days=7)),
        ("one clock a day off", timedelta(days=7)),
        ("office's copy removed", timedelta(days=7)),
        ("recording not even begun", timedelta(days=7)),
        ("parts never came", timedelta(days=1)),
    ],
)
def test_an_office_that_says_for_ever_that_it_catches_up_hides_nothing_for_longer_than(
    fault: str, bound: timedelta
) -> None:
    back = replace(FAULTS[fault][1](settled_call(3)), away_at=AT - timedelta(days=60), back_at=AT)
    said = replace(back, catching_up=True, office_sends=True)
    assert compare([said], AT + bound - timedelta(minutes=1)) == []
    assert [one.cause for one in compare([said], AT + bound)] == [FAULTS[fault][0]]


@pytest.mark.parametrize("fault", ["switch record removed", "parts never came", "record removed, Asterisk knows"])
def test_an_office_that_is_silent_for_ten_minutes_each_hour_hides_nothing_by_it(fault: str) -> None:
    said = FAULTS[fault][1](settled_call(3))
    silent = replace(said, away_at=AT - timedelta(minutes=20), back_at=AT - timedelta(seconds=20))
    assert [one.cause for one in compare([silent], AT)] == [FAULTS[fault][0]], "it had its time before"


@pytest.mark.parametrize("fault", ["switch record removed", "parts never came"])
def test_an_office_that_was_heard_by_a_clock_that_was_ahead_is_not_excused_until_that_date(fault: str) -> None:
    said = FAULTS[fault][1](settled_call(3))
    ahead = replace(said, away_at=AT - timedelta(days=60), back_at=AT + timedelta(days=365))
    assert [one.cause for one in compare([ahead], AT)] == [FAULTS[fault][0]]
    just_back = replace(said, away_at=AT - timedelta(days=60), back_at=AT + timedelta(seconds=1))
    assert compare([just_back], AT) == [], "heard while we were looking"


def test_audio_alone_is_a_missing_record_after_a_week_whatever_its_office_says() -> None:
    said = FAULTS["record removed, audio is left"][1](settled_call(3))
    week = replace(said, catching_up=True, audio_at=AT - timedelta(days=7))
    assert compare([replace(week, audio_at=AT - timedelta(days=6))], AT) == []
    assert [one.cause for one in compare([week], AT)] == [Cause.RECORD_MISSING]


def test_one_way_audio_says_which_side_on_which_line_and_desk_and_how_many_packets_came() -> None:
    (found,) = compare([FAULTS["nothing from the desk"][1](settled_call(3))], AT)
    assert found.numbers == {
        "line": "3101-1",
        "desk": "801",
        "side": "officer",
        "still_ms": 20_000,
        "talk_ms": 30_000,
        "packets": 0,
    }


def test_audio_alone_is_no_missing_record_while_its_office_still_tells_of_what_is_past() -> None:
    said = FAULTS["record removed, audio is left"][1](settled_call(3))
    assert [one.cause for one in compare([said], AT)] == [Cause.RECORD_MISSING]
    assert compare([replace(said, catching_up=True)], AT) == []
    assert compare([replace(said, back_at=AT - timedelta(seconds=29))], AT) == []
    assert compare([replace(said, back_at=AT - timedelta(seconds=30))], AT) != []


@pytest.mark.parametrize(("still_ms", "named"), [(15_000, False), (15_020, True)])
def test_a_side_that_is_still_for_no_more_than_half_of_the_talk_is_none(still_ms: int, named: bool) -> None:
    said = FAULTS["nothing from the caller"][1](settled_call(3))
    said = replace(said, headquarters=replace(headquarters(said), caller_still_ms=still_ms))
    assert bool(compare([said], AT)) is named


def test_a_side_that_was_muted_by_order_is_reported_as_muted_only() -> None:
    said = FAULTS["nothing from the caller"][1](settled_call(3))
    assert said.asterisk is not None
    muted = replace(said, asterisk=replace(said.asterisk, muted_ms=19_000))
    assert [one.cause for one in compare([muted], AT)] == [Cause.RECORDING_MUTED]


def test_one_way_audio_waits_for_asterisks_account_while_it_may_come() -> None:
    said = replace(FAULTS["nothing from the desk"][1](settled_call(3)), asterisk=None)
    assert said.record is not None
    assert said.record.ended_at is not None
    sealed = replace(said, office=None)
    assert compare([sealed], said.record.ended_at + timedelta(seconds=299)) == []
    late = compare([sealed], said.record.ended_at + timedelta(seconds=301))
    assert {one.cause for one in late} == {Cause.SWITCH_RECORD_MISSING, Cause.ONE_WAY_AUDIO}


def talk_of(caller_packets: int | None, desk_packets: int | None, found_ms: int) -> Witnesses:
    """A talk of twenty seconds from the line's answer on, with so much audio."""
    said, talk = settled_call(3), timedelta(seconds=20)
    assert said.record is not None
    assert said.record.ended_at is not None
    assert said.asterisk is not None
    assert said.office is not None
    answered_at = said.record.ended_at - talk
    other = replace(said.asterisk, line_answered_at=answered_at, ended_at=said.record.ended_at, coarse=False)
    return replace(
        said,
        record=replace(said.record, answered_at=answered_at),
        asterisk=replace(other, caller_packets=caller_packets, desk_packets=desk_packets),
        office=replace(said.office, duration_ms=found_ms),
        headquarters=replace(headquarters(said), duration_ms=found_ms),
    )


@pytest.mark.parametrize(
    ("caller_packets", "desk_packets", "found_ms", "named"),
    [
        pytest.param(0, 900, 18_000, False, id="the desk alone is heard, two seconds late"),
        pytest.param(900, 0, 18_000, False, id="the caller alone is heard, two seconds late"),
        pytest.param(0, 900, 12_000, True, id="six seconds of what the desk sent are lost"),
        pytest.param(0, 1000, 18_000, True, id="the desk was not late, and two seconds are lost"),
        pytest.param(900, 900, 18_000, True, id="when two who both sent did, their packets do not tell"),
        pytest.param(330, 330, 14_000, True, id="both send packets of sixty milliseconds"),
        pytest.param(0, 0, 18_000, True, id="neither sent anything"),
        pytest.param(None, None, 18_000, True, id="nobody counted"),
    ],
)
def test_what_a_side_alone_in_its_call_had_not_sent_yet_is_no_loss(
    caller_packets: int | None, desk_packets: int | None, found_ms: int, named: bool
) -> None:
    found = compare([talk_of(caller_packets, desk_packets, found_ms)], AT)
    assert [one.cause for one in found] == [Cause.RECORDING_MUTED] * named


def test_a_length_that_packets_may_explain_waits_for_asterisks_account() -> None:
    said = talk_of(0, 900, 12_000)
    assert said.record is not None
    assert said.record.ended_at is not None
    unsent, at = replace(said, asterisk=None), said.record.ended_at + timedelta(seconds=60)
    assert compare([unsent], at) == []
    assert compare([replace(unsent, switch_record_due=False)], at) == [], "it may be the first call of its office"
    assert [one.cause for one in compare([said], at)] == [Cause.RECORDING_MUTED]
    overdue = compare([unsent], said.record.ended_at + timedelta(seconds=301))
    assert {one.cause for one in overdue} == {Cause.SWITCH_RECORD_MISSING, Cause.RECORDING_MUTED}


@pytest.mark.parametrize("fault", ["record's end lost", "one clock a day off"])
def test_a_record_may_be_completed_until_two_minutes_after_the_call(fault: str) -> None:
    said = FAULTS[fault][1](settled_call(3))
    assert said.asterisk is not None
    assert said.asterisk.ended_at is not None
    assert said.record is not None
    over = max(said.asterisk.ended_at, said.record.ended_at or said.asterisk.ended_at)
    assert compare([said], over + timedelta(seconds=119)) == []
    late = compare([replace(said, office=None)], over + timedelta(seconds=121))
    assert [one.cause for one in late] == [Cause.TIMES_DIFFER]
    assert compare([replace(said, catching_up=True, back_at=AT - timedelta(hours=1))], AT) == []


def test_a_call_without_audio_is_not_judged_before_its_parts_are_closed_and_asterisk_has_spoken() -> None:
    said = FAULTS["recording never started"][1](settled_call(3))
    assert said.record is not None
    assert said.record.ended_at is not None
    over = said.record.ended_at
    unheard = replace(said, asterisk=None)
    assert compare([unheard], over + timedelta(seconds=299)) == []
    assert Cause.NEVER_RECORDED in {one.cause for one in compare([unheard], over + timedelta(seconds=301))}
    begun = SaidOfPart(f"{said.call_id}.a1.raw", None, received=False)
    growing = SaidByHeadquarters(CopyState.GROWING, None, parts=(begun,))
    waiting = replace(said, headquarters=growing, office=None)
    assert compare([waiting], over + timedelta(minutes=59)) == []
    assert [one.cause for one in compare([waiting], over + timedelta(minutes=61))] == [Cause.NEVER_RECORDED]


@pytest.mark.parametrize("length_ms", [0, 3, 40, 499])
def test_a_call_of_a_few_milliseconds_need_leave_no_audio(length_ms: int) -> None:
    said = FAULTS["recording never started"][1](settled_call(3))
    assert said.asterisk is not None
    assert said.asterisk.ended_at is not None
    up = said.asterisk.ended_at - timedelta(milliseconds=length_ms)
    assert compare([replace(said, asterisk=replace(said.asterisk, line_answered_at=up))], AT) == []


def test_an_interrupted_recording_may_lack_its_tail_but_not_differ_between_the_two_sides() -> None:
    said = FAULTS["muted: audio shorter"][1](settled_call(5))
    assert said.record is not None
    cut = replace(said, record=replace(said.record, interrupted=True))
    assert compare([cut], AT) == []
    both = FAULTS["office's copy changed"][1](cut)
    assert [one.cause for one in compare([both], AT)] == [Cause.COPIES_DIFFER]


def test_a_received_part_that_is_gone_before_it_is_sealed_is_named() -> None:
    said = settled_call(7)
    mine = headquarters(said)
    name = mine.parts[0].name
    lost = replace(mine.files[0], name=name, found_bytes=None)
    waiting = SaidByHeadquarters(CopyState.FINAL, mine.closed_at, parts=mine.parts, files=(lost,))
    found = compare([replace(said, headquarters=waiting)], AT)
    assert [(one.cause, one.subject) for one in found] == [(Cause.FILE_MISSING, name)]


def test_an_office_that_never_sent_of_asterisk_is_not_asked_for_it() -> None:
    said = replace(FAULTS["switch record removed"][1](settled_call(9)), switch_record_due=False)
    assert compare([said], AT) == []


def test_a_call_detail_record_may_be_two_seconds_off() -> None:
    said = settled_call(11)
    mine = headquarters(said)
    while (mine.duration_ms or 0) > 100_000:
        said = settled_call(random.Random(str(said.call_id)).randint(0, 10**6))  # noqa: S311
        mine = headquarters(said)
    assert said.asterisk is not None
    assert said.asterisk.line_answered_at is not None
    later = said.asterisk.line_answered_at - timedelta(milliseconds=1400)
    for coarse, matters in ((True, []), (False, [Cause.RECORDING_MUTED])):
        other = replace(said, asterisk=replace(said.asterisk, line_answered_at=later, coarse=coarse))
        assert [one.cause for one in compare([other], AT)] == matters
