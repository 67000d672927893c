"""What the harness takes for true, and for different. No call is made here."""

from dataclasses import replace
from typing import Any

import pytest

from bench.truth.accounts import Accounts, CallerAccount, DeskAccount, Heard
from bench.truth.compare import (
    MS,
    Bounds,
    Outcome,
    Written,
    compare_calls,
    compare_sides,
    truth_of,
)
from bench.truth.incidents import Injected, judge
from bench.truth.plan import NOBODYS_LINE, CallPlan, desk_of, line_keys, office_of, plan_calls, tone_hz
from bench.truth.recorded import missing
from bench.truth.seen import gather
from bench.truth.stored import KEYS, Row, Store, SwitchRecord
from supervision.offices.description import OfficeDescription

T0 = 1_800_000_000 * 1000 * MS  # 2027-01-15 08:00:00 UTC
DESKS = {"07-1": ["101", "102"], "07-2": ["101", "103"], NOBODYS_LINE: ["901"]}
ID = "0123456789abcdef0123456789abcdef"


def after(ms: float) -> int:
    return T0 + round(ms * MS)


def stamp(ms: float) -> str:
    return f"2027-01-15 08:00:{ms / 1000:09.6f}"


def caller(**more: Any) -> CallerAccount:
    plain: dict[str, Any] = {
        "tried_ns": after(1),
        "up_ns": after(1510),
        "bye_sent_ns": after(4500),
        "over_ns": after(4510),
    }
    return CallerAccount(7, "07-1", "13800000007", "王芳", after(0), **{**plain, **more})


def desk(**more: Any) -> DeskAccount:
    plain: dict[str, Any] = {
        "rang_ns": after(510),
        "answered_ns": after(1500),
        "acked_ns": after(1502),
        "bye_came_ns": after(4505),
        "over_ns": after(4505),
    }
    return DeskAccount("101", "13800000007", after(500), **{**plain, **more})


def call(**more: Any) -> Row:
    row = {
        "id": ID,
        "line_key": "07-1",
        "caller_number": "13800000007",
        "caller_name": "王芳",
        "offered_at": stamp(2),
        "first_rang_at": stamp(498),
        "answered_at": stamp(1505),
        "ended_at": stamp(4505),
        "answered_desk": "101",
        "rings": 1,
        "disposition": "answered",
        "hung_up_by": "caller",
        "interrupted": 0,
        "witness": "cel",
    }
    return {**row, **more}


def store(row: Row, *incidents: Row, **tables: dict[tuple[Any, ...], Row]) -> Store:
    found: dict[str, dict[tuple[Any, ...], Row]] = {name: {} for name in KEYS}
    found["calls"] = {(row["id"],): row}
    found["recordings"] = {(ID,): {"call_id": ID, "state": "ready", "duration_ms": 2980}}
    if row["answered_at"]:
        part = {"call_id": ID, "n": 1, "desk": row["answered_desk"], "ended_at": row["ended_at"]}
        found["segments"] = {(ID, 1): part}
    return Store({**found, **tables}, list(incidents))


def switch() -> dict[str, SwitchRecord]:
    seconds = T0 // (1000 * MS)
    return {ID: SwitchRecord("u", seconds, seconds + 4, True, ["101"], "caller")}


def differences(row: Row, who: CallerAccount, *legs: DeskAccount, announced: bool = False) -> list[str]:
    seen = gather(Accounts([who], list(legs)), DESKS)
    lines = frozenset({"07-1"} if announced else ())
    outcome, _ = compare_calls(seen, Written(store(row), switch(), lines), Bounds())
    return [one.what for one in outcome.differences]


@pytest.mark.parametrize(("gave_up_ms", "differs"), [(13, []), (900, ["record"])])
def test_who_gave_up_at_once_needs_a_record_only_where_asterisk_knows_of_him(
    gave_up_ms: float, differs: list[str]
) -> None:
    who = caller(up_ns=None, bye_sent_ns=None, cancelled_ns=after(gave_up_ms), wanted_out_ns=after(gave_up_ms))
    empty = Store({name: {} for name in KEYS}, [])
    known, unknown = (Written(empty, switches, frozenset()) for switches in (switch(), {}))
    outcome, _ = compare_calls(gather(Accounts([who], []), DESKS), unknown, Bounds())
    assert [one.what for one in outcome.differences] == differs
    assert [len(missing(one)) for one in (known, unknown)] == [1, 0]


def test_a_record_that_says_what_the_phones_saw_does_not_differ() -> None:
    assert differences(call(), caller(), desk()) == []


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"answered_at": None, "answered_desk": None, "disposition": "abandoned"}, "answered"),
        ({"answered_desk": "102"}, "answered by"),
        ({"hung_up_by": "officer"}, "hung up by"),
        ({"disposition": "missed"}, "disposition"),
        ({"ended_at": stamp(4700)}, "talk"),
        ({"offered_at": stamp(900)}, "offered at"),
        ({"first_rang_at": stamp(1400)}, "first rang at"),
        ({"rings": 3}, "rings"),
        ({"caller_name": "??"}, "caller's name"),
        ({"ended_at": None}, "an end"),
    ],
)
def test_a_record_that_is_wrong_in_one_thing_is_named_for_it(wrong: dict[str, Any], what: str) -> None:
    assert what in differences(call(**wrong), caller(), desk())


@pytest.mark.parametrize(
    "recording", [{}, {"state": "empty", "duration_ms": 0}, {"state": "ready", "duration_ms": 2740}]
)
def test_a_talk_that_is_not_all_in_the_recording_is_named(recording: Row) -> None:
    seen = gather(Accounts([caller()], [desk()]), DESKS)
    kept = store(call(), recordings={(ID,): recording} if recording else {})
    outcome, _ = compare_calls(seen, Written(kept, switch(), frozenset()), Bounds())
    assert [one.what for one in outcome.differences] == ["recording"]


def test_a_call_without_a_record_is_named() -> None:
    seen = gather(Accounts([caller()], [desk()]), DESKS)
    empty = Store({name: {} for name in KEYS}, [])
    outcome, matched = compare_calls(seen, Written(empty, {}, frozenset()), Bounds())
    assert ([one.what for one in outcome.differences], matched) == (["record"], {})


def test_a_record_that_nobody_called_for_is_named() -> None:
    outcome, _ = compare_calls([], Written(store(call()), {}, frozenset()), Bounds())
    assert [one.what for one in outcome.differences] == ["call"]


def test_a_caller_who_cancels_as_the_desk_answers_an_announced_line_may_have_been_connected_or_not() -> None:
    who = caller(up_ns=after(10), wanted_out_ns=after(1505), bye_sent_ns=after(1505))
    (one,) = gather(Accounts([who], [desk(bye_came_ns=after(1520))]), DESKS)
    truth = truth_of(one, Bounds(), announced=True)
    assert truth.answered is None
    assert truth.dispositions == {"answered", "abandoned"}


def test_whoever_was_heard_was_connected() -> None:
    heard = Heard()
    heard.note("07-1", after(1530))
    who = caller(up_ns=after(10), bye_sent_ns=after(1540))
    (one,) = gather(Accounts([who], [desk(heard=heard)]), DESKS)
    assert truth_of(one, Bounds(), announced=True).answered is True


def test_two_hang_ups_that_crossed_are_both_true() -> None:
    (one,) = gather(Accounts([caller()], [desk(bye_sent_ns=after(4520))]), DESKS)
    assert truth_of(one, Bounds(), announced=False).enders == {"caller", "officer"}
    (one,) = gather(
        Accounts([caller(bye_came_ns=after(4000), bye_sent_ns=None)], [desk(bye_sent_ns=after(3990))]), DESKS
    )
    assert truth_of(one, Bounds(), announced=False).enders == {"officer"}


def test_an_end_that_nobody_asked_for_is_the_systems() -> None:
    who = caller(up_ns=None, bye_sent_ns=None, final=480)
    (one,) = gather(Accounts([who], [desk(answered_ns=None, acked_ns=None, declined=603)]), DESKS)
    truth = truth_of(one, Bounds(), announced=False)
    assert truth.answered is False
    assert truth.enders == {"system"}
    assert truth.dispositions == {"missed", "declined"}


def test_a_cancel_that_crossed_asterisks_own_end_leaves_either_of_both() -> None:
    who = caller(up_ns=None, bye_sent_ns=None, wanted_out_ns=after(0), cancelled_ns=after(5), final=480)
    (one,) = gather(Accounts([replace(who, line=NOBODYS_LINE)], []), DESKS)
    truth = truth_of(one, Bounds(), announced=False)
    assert {"missed", "abandoned"} <= truth.dispositions
    assert truth.enders == {"system", "caller"}
    nobody = judge(
        store(call(), incident("no_desk_reachable")),
        [one],
        {7: ID},
        Injected(deskless=frozenset({NOBODYS_LINE})),
        "office",
    )
    assert (nobody.false, nobody.unnamed) == ([], [])


def test_legs_of_callers_without_a_number_are_known_by_name_and_by_tone() -> None:
    first = replace(caller(), user="anonymous")
    second = replace(caller(), n=8, line="07-2", user="anonymous", heard=Heard())
    heard = Heard()
    heard.note("07-1", after(1530))
    leg = replace(desk(heard=heard), caller="anonymous")
    one, other = gather(Accounts([first, second], [replace(leg, name="王芳")]), DESKS)
    assert (len(one.legs), len(other.legs)) == (1, 0)
    named = [replace(first, name="Anonymous 7"), replace(second, name="Anonymous 8")]
    rang = replace(desk(answered_ns=None, acked_ns=None), caller="anonymous", name="Anonymous 7")
    one, other = gather(Accounts(named, [rang]), DESKS)
    assert (len(one.legs), len(other.legs)) == (1, 0)


def test_a_desk_that_rings_is_called_by_the_call_that_stands_and_by_none_that_it_talked_with_before() -> None:
    heard = Heard()
    heard.note("101", after(1530))
    talked = replace(caller(heard=heard), user="port-07-1", name="")
    again = replace(talked, n=8, invited_ns=after(4600), over_ns=after(6000), heard=Heard())
    rang = replace(desk(rang_ns=after(5010), answered_ns=None, acked_ns=None), invited_ns=after(5000))
    legs = [replace(leg, caller="port-07-1") for leg in (desk(), rang)]
    one, other = gather(Accounts([talked, again], legs), DESKS)
    assert ([leg.invited_ns for leg in one.legs], len(other.legs)) == ([after(500)], 1)


def test_both_databases_are_compared_column_by_column() -> None:
    assert compare_sides(store(call()), store(call())) == []
    (rings,) = compare_sides(store(call()), store(call(rings=2)))
    assert (rings.what, rings.record, rings.truth) == ("rings", "1 (office)", "headquarters 2")
    empty = Store({name: {} for name in KEYS}, [])
    assert [one.what for one in compare_sides(store(call()), empty)] == ["row"] * 3


def incident(cause: str, **more: Any) -> Row:
    plain: Row = {"cause": cause, "call_id": ID, "subject": ID, "detail": {}, "healed_at": None, "times": 1}
    return {"first_seen_at": stamp(0), **plain, **more}


def test_an_incident_that_nothing_was_done_for_is_false() -> None:
    alarms = judge(store(call(), incident("times_differ")), [], {}, Injected(), "office")
    assert len(alarms.false) == 1
    assert alarms.named == {}


@pytest.mark.parametrize(("held_up_ms", "false"), [((0, 0), 1), ((60, 0), 1), ((0, 60), 1), ((60, 60), 0)])
def test_a_recording_is_rightly_short_where_the_machine_kept_back_what_both_phones_sent(
    held_up_ms: tuple[float, float], false: int
) -> None:
    mine, theirs = (Heard(held_up_ms=ms) for ms in held_up_ms)
    seen = gather(Accounts([caller(heard=mine)], [desk(heard=theirs)]), DESKS)
    short = incident("length_mismatch", detail={"expected_ms": 2816, "found_ms": 2260})
    assert len(judge(store(call(), short), seen, {7: ID}, Injected(), "office").false) == false


@pytest.mark.parametrize(("rings", "differs"), [(1, True), (2, False), (3, False), (4, True)])
def test_a_desk_that_turned_a_call_down_unrung_was_tried_as_it_was_called_or_as_it_said_so(
    rings: int, differs: bool
) -> None:
    turned_down = desk(rang_ns=None, answered_ns=None, acked_ns=None, declined=486, declined_ns=after(900))
    rang = desk(rang_ns=after(1010), answered_ns=after(2700), acked_ns=after(2702))
    other = replace(rang, desk="102", invited_ns=after(1000))
    row = call(rings=rings, answered_desk="102", answered_at=stamp(2700))
    assert ("rings" in differences(row, caller(up_ns=after(2710)), turned_down, other)) is differs


def test_a_call_that_the_dialplan_alone_recorded_must_be_named_once() -> None:
    part = {"name": "01234567-89ab-cdef-0123-456789abcdef.d1.raw", "call_id": ID}
    parts = {(part["name"],): part}
    unnamed = judge(store(call(), parts=parts), [], {}, Injected(), "office")
    assert len(unnamed.unnamed) == 1
    said = incident("admission_failed")
    named = judge(store(call(), said, parts=parts), [], {}, Injected(), "office")
    assert (named.unnamed, named.false, named.named) == ([], [], {"admission_failed": 1})
    twice = judge(store(call(), said, said, parts=parts), [], {}, Injected(), "office")
    assert len(twice.false) == 1


def test_that_ari_app_was_away_as_a_call_came_may_be_reported_whatever_became_of_the_call() -> None:
    seen = gather(Accounts([caller()], []), DESKS)
    written = store(call(), incident("admission_failed"))
    away = judge(written, seen, {7: ID}, Injected(away=[(after(-500), after(900))]), "office")
    there = judge(written, seen, {7: ID}, Injected(away=[(after(3000), after(9000))]), "office")
    assert (away.false, len(there.false)) == ([], 1)


@pytest.mark.parametrize(
    ("cause", "injected", "false"),
    [
        ("control_lost", Injected(away=[(after(-500), after(900))]), 0),
        ("control_lost", Injected(frozen=[(after(-500), after(900))]), 1),
        ("control_lost", Injected(away=[(after(-90_000), after(-80_000))]), 1),
        ("backlog_old", Injected(frozen=[(after(-500), after(900))]), 0),
        ("backlog_old", Injected(away=[(after(-500), after(900))]), 1),
    ],
)
def test_an_incident_of_a_process_is_true_only_while_that_one_was_away_or_frozen(
    cause: str, injected: Injected, false: int
) -> None:
    written = store(call(), incident(cause, call_id=None, subject="ari"))
    assert len(judge(written, [], {}, injected, "office").false) == false


def test_a_call_on_a_line_without_a_desk_must_be_named() -> None:
    who = replace(caller(up_ns=None, bye_sent_ns=None, final=480), line=NOBODYS_LINE)
    seen = gather(Accounts([who], []), DESKS)
    alarms = judge(store(call()), seen, {7: ID}, Injected(deskless=frozenset({NOBODYS_LINE})), "office")
    assert len(alarms.unnamed) == 1
    written = store(call(), incident("no_desk_reachable"))
    assert judge(written, seen, {7: ID}, Injected(deskless=frozenset({NOBODYS_LINE})), "office").unnamed == []


def test_the_same_seed_gives_the_same_calls_and_another_gives_others() -> None:
    lines = line_keys(4)
    assert plan_calls(1, 40, lines) == plan_calls(1, 40, lines)
    assert plan_calls(1, 40, lines) != plan_calls(2, 40, lines)
    calls: list[CallPlan] = [one for planned in plan_calls(1, 41, lines).values() for one in planned]
    assert sorted(one.n for one in calls) == list(range(41))
    numbers = [one.user for one in calls if one.is_named]
    assert len(set(numbers)) == len(numbers)


def test_the_office_of_forty_lines_is_one_that_can_be_described() -> None:
    office = OfficeDescription.model_validate(office_of(40))
    assert len(office.lines) == 40
    assert len(office.desks) >= 45
    assert desk_of(1) in office.lines[1].desks


def test_tones_have_whole_periods_in_a_packet_and_stay_below_half_the_rate() -> None:
    assert all(tone_hz(n) % 50 == 0 and tone_hz(n) < 4000 for n in range(50))


def test_a_difference_reads_as_a_sentence() -> None:
    outcome = Outcome()
    outcome.differ("call 7", "rings", 3, "the phones saw 1")
    assert [str(one) for one in outcome.differences] == ["call 7: rings: the record says 3; the phones saw 1"]
