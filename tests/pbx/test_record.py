"""Each way in which a call can go, through a real Asterisk, with the exact record that it leaves."""

from collections.abc import Iterator

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, EventKind, Party, SegmentKind, Witness
from tests.pbx.conftest import Make
from tests.pbx.stories import (
    call_on,
    call_over,
    calls_of,
    description,
    expect_log_to_agree,
    incidents_of,
    nobody_left,
    tone,
)

pytestmark = pytest.mark.pbx


@pytest.fixture(autouse=True)
def _asterisks_log_agrees(office: LoopbackOffice) -> Iterator[None]:
    """However a call goes: what was seen live and what Asterisk's own log tells are one record."""
    yield
    expect_log_to_agree(office)


def record(call: Call) -> dict[str, object]:
    return {
        "disposition": call.disposition,
        "rings": call.rings,
        "desk": call.answered_desk,
        "hung_up_by": call.hung_up_by,
        "segments": [(segment.kind, segment.desk) for segment in call.segments],
        "witness": call.witness,
    }


def test_a_call_answered_on_ring_two_by_the_first_desk(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=1.5, plays=tone(880))
    office.desk("802").answers(after_s=1.5)
    caller = office.gateway("07-1")
    caller.dials(office.number("07-1"), caller_id=b"13812341234", plays=tone(440), talks_s=2).wait()
    call = call_over(office)
    assert record(call) == {
        "disposition": Disposition.ANSWERED,
        "rings": 2,
        "desk": "801",
        "hung_up_by": Party.CALLER,
        "segments": [(SegmentKind.OFFICER, "801")],
        "witness": Witness.ARI,
    }
    assert call.caller_number == "13812341234"
    assert call.first_rang_at is not None
    assert call.answered_at is not None
    assert call.ended_at is not None
    assert call.offered_at <= call.first_rang_at <= call.answered_at <= call.ended_at
    nobody_left(office)
    assert incidents_of(office) == []


def test_an_officer_who_hangs_up_is_distinguished_from_a_caller_who_does(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=0.2, plays=tone(880), hangs_up_after_s=1.5)
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440)).wait()
    assert record(call_over(office)) == {
        "disposition": Disposition.ANSWERED,
        "rings": 1,
        "desk": "801",
        "hung_up_by": Party.OFFICER,
        "segments": [(SegmentKind.OFFICER, "801")],
        "witness": Witness.ARI,
    }


def test_the_leader_answers_on_ring_four_when_no_duty_desk_does(office: LoopbackOffice) -> None:
    office.desk("801").rings()
    office.desk("802").rings()
    office.desk("809").answers(after_s=0.5, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=1).wait()
    call = call_over(office)
    assert record(call) == {
        "disposition": Disposition.ANSWERED,
        "rings": 4,
        "desk": "809",
        "hung_up_by": Party.CALLER,
        "segments": [(SegmentKind.BACKUP_LEADER, "809")],
        "witness": Witness.ARI,
    }


@pytest.mark.parametrize("line", ["07-1", "07-2"])
def test_a_call_that_nobody_answers_rings_out_at_ring_ten(office: LoopbackOffice, line: str) -> None:
    for extension in ("801", "802", "809"):
        office.desk(extension).rings()
    office.gateway(line).dials(office.number(line), plays=tone(440)).wait(40)
    call = call_over(office)
    assert record(call) == {
        "disposition": Disposition.MISSED,
        "rings": 10,
        "desk": None,
        "hung_up_by": Party.SYSTEM,
        "segments": [],
        "witness": Witness.ARI,
    }
    (rang_out,) = [event for event in call.events if event.kind is EventKind.RANG_OUT]
    assert call.first_rang_at is not None
    assert 9.0 <= (rang_out.at - call.first_rang_at).total_seconds() <= 11.5, "ten rings of a second"
    nobody_left(office)


def test_a_caller_who_gives_up_in_ring_one_has_abandoned(office: LoopbackOffice) -> None:
    office.desk("801").rings()
    office.gateway("07-1").dials(office.number("07-1"), gives_up_after_s=0.7).wait()
    assert record(call_over(office)) == {
        "disposition": Disposition.ABANDONED,
        "rings": 1,
        "desk": None,
        "hung_up_by": Party.CALLER,
        "segments": [],
        "witness": Witness.ARI,
    }
    nobody_left(office)


def test_while_all_desks_are_busy_no_clock_runs_and_the_call_is_then_rung_and_answered(
    make_office: Make,
) -> None:
    """Five seconds stand for the minute: more than the leader's three rings of a second each."""
    office = make_office(description(ports=2))
    for extension in ("801", "802"):
        office.desk(extension).answers(after_s=0.2, plays=tone(880))
    leader = office.desk("809").answers(after_s=0.1, plays=tone(880))
    first = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=7)
    until("the first desk busy", lambda: len([c for c in calls_of(office) if c.answered_at]) == 1)
    second = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=30)
    until("both desks busy", lambda: len([c for c in calls_of(office) if c.answered_at]) == 2)
    third = office.gateway("07-2").dials(office.number("07-2"), plays=tone(440), talks_s=9)
    first.wait()
    third.wait()
    waited = call_on(office, "07-2")
    second.stop()
    assert record(waited) == {
        "disposition": Disposition.ANSWERED,
        "rings": 1,
        "desk": "801",
        "hung_up_by": Party.CALLER,
        "segments": [(SegmentKind.OFFICER, "801")],
        "witness": Witness.ARI,
    }
    assert waited.first_rang_at is not None
    assert (waited.first_rang_at - waited.offered_at).total_seconds() > 3.5
    assert leader.calls() == []


def test_a_caller_who_gives_up_while_all_desks_are_busy_met_a_busy_office(make_office: Make) -> None:
    office = make_office(description(ports=2))
    for extension in ("801", "802"):
        office.desk(extension).answers(after_s=0.1, plays=tone(880))
    talks = [office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=20) for _ in range(2)]
    until("both desks busy", lambda: len([c for c in calls_of(office) if c.answered_at]) == 2)
    office.gateway("07-2").dials(office.number("07-2"), plays=tone(440), talks_s=1.5).wait()
    waited = call_on(office, "07-2")
    assert record(waited) == {
        "disposition": Disposition.BUSY,
        "rings": 0,
        "desk": None,
        "hung_up_by": Party.CALLER,
        "segments": [],
        "witness": Witness.ARI,
    }
    for talk in talks:
        talk.stop()


def test_desks_that_decline_do_not_bring_the_leader_before_ring_four(office: LoopbackOffice) -> None:
    office.desk("801").rejects()
    office.desk("802").rejects()
    office.desk("809").answers(after_s=0.2, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=1).wait()
    call = call_over(office)
    assert (call.answered_desk, call.disposition) == ("809", Disposition.ANSWERED)


def test_an_officer_who_declines_has_not_hung_up_on_the_caller(office: LoopbackOffice) -> None:
    office.desk("801").rejects(rings=True)
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), gives_up_after_s=1.6).wait()
    call = call_over(office)
    assert record(call) == {
        "disposition": Disposition.ABANDONED,
        "rings": call.rings,
        "desk": None,
        "hung_up_by": Party.CALLER,
        "segments": [],
        "witness": Witness.ARI,
    }
    nobody_left(office)


def test_with_no_duty_desk_reachable_the_leader_is_rung_at_once(office: LoopbackOffice) -> None:
    office.desk("809").answers(after_s=0.2, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=1).wait()
    call = call_over(office)
    assert (call.answered_desk, call.rings) == ("809", 1)


def test_a_gateway_with_a_wrong_header_reaches_nobody(office: LoopbackOffice) -> None:
    office.desk("801").answers()
    stranger = office.gateway("07-2")
    stranger.headers = {"X-Port": "p9"}
    (seen,) = stranger.dials(office.number("07-2"), talks_s=1).wait()
    assert not seen.answered
    assert calls_of(office) == []
