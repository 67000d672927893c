"""Ring counting, disposition, who hung up, masking: the laws of the call record."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.calls import progress_rules
from supervision.calls.caller_rules import clean_caller, mask_number
from supervision.calls.progress_rules import ringing_desks
from supervision.calls.rules import (
    Disposition,
    Event,
    EventKind,
    LineRules,
    Party,
    SegmentKind,
    build_record,
    count_rings,
    worth_showing,
)

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LINE = LineRules(ring_s=5.0, last_ring=10, leader_desks=frozenset({"809"}))


def story(text: str) -> list[Event]:
    """Events as a table: seconds, kind, and what else there is to say (desk, party or detail)."""
    events = []
    for line in text.strip().splitlines():
        seconds, kind, *rest = line.split()
        word = rest[0] if rest else ""
        party = Party(word) if word in set(Party) else None
        desk = word if word.isdigit() else None
        if kind == "hung_up" and desk:
            party = Party.OFFICER
        at = START + timedelta(seconds=float(seconds))
        detail = word if party is None and desk is None else ""
        events.append(Event(EventKind(kind), at, f"channel-{desk or 'line'}", desk, party, detail))
    return events


@pytest.mark.parametrize(
    ("seconds", "rings"),
    [
        (0.0, 1),
        (0.1, 1),
        (5.0, 1),
        (5.1, 2),
        (10.0, 2),
        (15.0, 3),
        (15.001, 4),
        (49.9, 10),
        (50.0, 10),
        (51.2, 10),
    ],
)
def test_within_three_rings_is_within_fifteen_seconds(seconds: float, rings: int) -> None:
    assert count_rings(timedelta(seconds=seconds), 5.0, 10) == rings


@given(st.floats(0, 600), st.floats(0, 600), st.floats(0.5, 10))
def test_waiting_longer_never_counts_fewer_rings(one: float, other: float, ring_s: float) -> None:
    first, second = sorted((one, other))
    assert count_rings(timedelta(seconds=first), ring_s, 10) <= count_rings(timedelta(seconds=second), ring_s, 10)


ANSWERED = """
0.0   offered
0.4   line_answered
0.5   desk_rang      801
7.0   desk_answered  801
60.0  hung_up        caller
60.1  desk_left      801
60.1  ended
"""
BY_LEADER = """
0.0   offered
0.5   desk_rang      801
15.5  desk_stopped   801
15.6  desk_rang      801
15.6  desk_rang      809
18.0  desk_answered  809
18.0  desk_stopped   801
40.0  hung_up        officer
40.0  desk_left      809
40.1  ended
"""
RANG_OUT = """
0.0   offered
0.5   desk_rang      801
50.7  rang_out       TIMEOUT
52.0  hung_up        system
52.0  ended
"""
LEFT_DURING_APOLOGY = """
0.0   offered
0.5   desk_rang      801
50.7  rang_out       TIMEOUT
51.0  hung_up        caller
51.0  ended
"""
ABANDONED = """
0.0   offered
0.5   desk_rang      801
3.0   hung_up        caller
3.0   ended
"""
BUSY = """
0.0   offered
0.2   desks_busy
40.0  hung_up        caller
40.0  ended
"""
BUSY_TOO_LONG = """
0.0    offered
0.2    desks_busy
900.0  rang_out      TIMEOUT
901.0  ended
"""
NOBODY_THERE = """
0.0  offered
0.1  desks_busy
0.2  rang_out        JOINEMPTY
1.0  ended
"""
PHONES_DEAD = """
0.0   offered
50.2  rang_out        TIMEOUT-tried
51.0  ended
"""
DECLINED_THEN_ANSWERED = """
0.0   offered
0.5   desk_rang      801
2.0   hung_up        801
2.0   desk_stopped   801
4.0   desk_rang      802
6.0   desk_answered  802
90.0  hung_up        caller
90.0  ended
"""
DECLINED_AND_GIVEN_UP = """
0.0   offered
0.5   desk_rang      801
2.0   hung_up        801
2.0   desk_stopped   801
4.0   hung_up        caller
4.0   ended
"""
ALL_DECLINED = """
0.0   offered
0.5   desk_declined  801
0.6   desk_rang      802
2.0   desk_declined  802
3.0   desk_rang      802
50.2  rang_out       TIMEOUT-tried
50.2  desk_stopped   802
51.0  hung_up        system
51.0  ended
"""
ONE_DECLINED = """
0.0   offered
0.5   desk_declined  801
0.6   desk_rang      802
50.2  rang_out       TIMEOUT-tried
51.0  ended
"""
DECLINED_THEN_SIGNED_OUT = """
0.0   offered
0.5   desk_declined  801
15.6  rang_out       JOINUNAVAIL-tried
16.0  ended
"""
DECLINED_UNTIL_GIVEN_UP = """
0.0   offered
0.5   desk_declined  801
4.0   hung_up        caller
4.0   ended
"""
RANG_THEN_SIGNED_OUT = """
0.0   offered
0.5   desk_rang      801
15.6  rang_out       JOINUNAVAIL-tried
16.0  ended
"""
BUSY_THEN_ANSWERED = """
0.0   offered
0.2   desks_busy
60.0  desk_rang      802
63.0  desk_answered  802
90.0  hung_up        caller
90.0  ended
"""
LEFT_AT_ONCE = """
0.0  offered
0.1  hung_up         caller
0.1  ended
"""


@pytest.mark.parametrize(
    ("happened", "disposition", "rings", "desk", "by"),
    [
        pytest.param(ANSWERED, Disposition.ANSWERED, 2, "801", Party.CALLER, id="answered on ring 2"),
        pytest.param(BY_LEADER, Disposition.ANSWERED, 4, "809", Party.OFFICER, id="on ring 4 by the leader"),
        pytest.param(RANG_OUT, Disposition.MISSED, 10, None, Party.SYSTEM, id="rang out"),
        pytest.param(LEFT_DURING_APOLOGY, Disposition.MISSED, 10, None, Party.CALLER, id="left in the apology"),
        pytest.param(ABANDONED, Disposition.ABANDONED, 1, None, Party.CALLER, id="abandoned in ring 1"),
        pytest.param(BUSY, Disposition.BUSY, 0, None, Party.CALLER, id="all desks busy"),
        pytest.param(BUSY_TOO_LONG, Disposition.BUSY, 0, None, Party.SYSTEM, id="busy for too long"),
        pytest.param(NOBODY_THERE, Disposition.MISSED, 0, None, Party.SYSTEM, id="no desk reachable"),
        pytest.param(PHONES_DEAD, Disposition.MISSED, 0, None, Party.SYSTEM, id="phones dead"),
        pytest.param(DECLINED_THEN_ANSWERED, Disposition.ANSWERED, 2, "802", Party.CALLER, id="declined first"),
        pytest.param(DECLINED_AND_GIVEN_UP, Disposition.ABANDONED, 1, None, Party.CALLER, id="declined only"),
        pytest.param(ALL_DECLINED, Disposition.DECLINED, 10, None, Party.SYSTEM, id="every desk declined"),
        pytest.param(ONE_DECLINED, Disposition.MISSED, 10, None, Party.SYSTEM, id="one declined, one rang out"),
        pytest.param(
            DECLINED_THEN_SIGNED_OUT, Disposition.DECLINED, 4, None, Party.SYSTEM, id="declined, and away"
        ),
        pytest.param(
            DECLINED_UNTIL_GIVEN_UP, Disposition.ABANDONED, 1, None, Party.CALLER, id="declined, given up"
        ),
        pytest.param(RANG_THEN_SIGNED_OUT, Disposition.MISSED, 4, None, Party.SYSTEM, id="rang, and away"),
        pytest.param(BUSY_THEN_ANSWERED, Disposition.ANSWERED, 1, "802", Party.CALLER, id="busy, then answered"),
        pytest.param(LEFT_AT_ONCE, Disposition.ABANDONED, 0, None, Party.CALLER, id="left before a desk rang"),
    ],
)
def test_each_course_of_events_has_its_record(
    happened: str, disposition: Disposition, rings: int, desk: str | None, by: Party
) -> None:
    record = build_record(story(happened), LINE)
    assert (record.disposition, record.rings, record.answered_desk, record.hung_up_by) == (
        disposition,
        rings,
        desk,
        by,
    )


@pytest.mark.parametrize(
    ("happened", "waited_ms"),
    [
        ("0 offered\n1 line_answered\n1.2 desk_rang 801\n9 desk_answered 801\n60 ended", 200),
        ("0 offered\n5 line_answered\n5 desk_answered 801\n60 ended", 0),
        ("0 offered\n1 line_answered\n1 desk_declined 801\n2 desk_declined 801\n31 ended", 30_000),
        ("0 line_answered\n0 desk_rang 801\n3 desk_declined 801\n4 desk_rang 802\n9 desk_answered 802", 1000),
        ("0 line_answered\n1 desk_rang 801\n3 desk_rang 802\n4 desk_stopped 801\n31 ended", 1000),
        ("0 offered\n3 hung_up caller\n3 ended", 0),
        ("0 offered\n1 line_answered\n2 desks_busy", 59_000),
        ("0 offered\n1 line_answered\n31 ended", 0),
    ],
)
def test_a_caller_waits_while_no_desk_rings(happened: str, waited_ms: int) -> None:
    ended = START + timedelta(seconds=31 if "31 ended" in happened else 60)
    assert progress_rules.waited_ms(story(happened), ended) == waited_ms


def test_the_leaders_stretch_is_his_and_ends_when_he_leaves() -> None:
    (stretch,) = build_record(story(BY_LEADER), LINE).segments
    assert stretch.kind is SegmentKind.BACKUP_LEADER
    assert stretch.ended_at == START + timedelta(seconds=40)


@pytest.mark.parametrize("happened", [NOBODY_THERE, PHONES_DEAD])
def test_a_call_that_no_phone_could_take_says_so(happened: str) -> None:
    assert build_record(story(happened), LINE).unreachable


@pytest.mark.parametrize(
    "happened",
    [
        RANG_OUT,
        BUSY_TOO_LONG,
        ANSWERED,
        ABANDONED,
        ALL_DECLINED,
        ONE_DECLINED,
        DECLINED_THEN_SIGNED_OUT,
        RANG_THEN_SIGNED_OUT,
    ],
)
def test_a_call_that_phones_were_there_for_does_not(happened: str) -> None:
    assert not build_record(story(happened), LINE).unreachable


def test_a_desk_that_declined_hung_up_on_nobody() -> None:
    shown = worth_showing(story(DECLINED_THEN_ANSWERED))
    assert [event.party for event in shown if event.kind is EventKind.HUNG_UP] == [Party.CALLER]


def test_a_timeline_tells_that_a_desk_declined_and_not_that_it_stopped_as_well() -> None:
    happened = story("0.5 desk_rang 801\n2.0 desk_declined 801\n2.0 desk_stopped 801")
    assert [event.kind for event in worth_showing(happened)] == [EventKind.DESK_RANG, EventKind.DESK_DECLINED]
    assert ringing_desks(happened[:2]) == []


def test_a_timeline_tells_no_answered_desk_to_stop_ringing_and_one_hang_up_only() -> None:
    happened = [*story(BY_LEADER), *story("40.1 desk_stopped 809\n40.2 hung_up system")]
    record = [(event.kind, event.desk) for event in worth_showing(happened)]
    assert (EventKind.DESK_STOPPED, "809") not in record
    assert [kind for kind, _ in record].count(EventKind.HUNG_UP) == 1


@given(st.permutations(story(BY_LEADER)))
def test_the_order_in_which_events_are_reported_does_not_matter(events: list[Event]) -> None:
    record, in_order = build_record(events, LINE), build_record(story(BY_LEADER), LINE)
    assert record == in_order


@given(st.integers(0, len(story(ANSWERED)) - 1))
def test_a_call_in_progress_has_no_disposition_yet(seen: int) -> None:
    record = build_record(story(ANSWERED)[:seen], LINE)
    assert record.disposition is None
    assert record.ended_at is None


def test_a_call_that_asterisk_took_with_it_was_ended_by_the_system() -> None:
    happened = "0.0 offered\n0.5 desk_rang 801\n4.0 desk_answered 801\n30.0 interrupted"
    record = build_record(story(happened), LINE)
    assert (record.disposition, record.hung_up_by, record.interrupted) == (
        Disposition.ANSWERED,
        Party.SYSTEM,
        True,
    )


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812341234", "138****1234"), ("088880001", "08****01"), ("12366", "***66"), ("110", "*10"), ("", "")],
)
def test_a_callers_number_is_masked(number: str, shown: str) -> None:
    assert mask_number(number) == shown


@given(st.text(min_size=7, max_size=80))
def test_masking_always_hides_something(number: str) -> None:
    assert "****" in mask_number(number)
    assert len(mask_number(number).replace("*", "")) <= 7


@given(st.text(max_size=300))
def test_a_cleaned_caller_id_fits_and_cannot_break_a_line_and_cleaning_twice_is_cleaning_once(text: str) -> None:
    clean = clean_caller(text, 64)
    assert len(clean) <= 64
    assert clean.isprintable()
    assert clean_caller(clean, 64) == clean


def test_broken_utf8_becomes_a_mark_and_not_an_error() -> None:
    assert clean_caller(b"138\xff\xfe".decode("utf-8", "surrogateescape"), 64) == "138??"
