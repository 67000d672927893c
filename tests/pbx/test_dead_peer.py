"""A telephone that dies in a call, without a word: a dead desk gives its caller back, a dead caller frees all."""

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, EventKind, Party, SegmentKind, Witness
from tests.pbx.conftest import Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ, hears_for, incidents_with
from tests.pbx.speech import described
from tests.pbx.stories import (
    call_on,
    calls_of,
    hears,
    nobody_left,
    recording_of,
    seal_all,
    sealed_audio,
)

pytestmark = pytest.mark.pbx

ROW = {"ports": 2, "lines": 7, "rtp_timeout_s": 2, "rtp_timeout_hold_s": 4}
OTHER_HZ = 1200


def test_a_caller_whose_desk_died_is_put_back_and_answered_and_recorded_to_the_end(
    row: LoopbackOffice, plug: Plug
) -> None:
    first, port = plug(row, "100"), plug(row, "07-0")
    assert port.dials(row.number("07-0")) == 200
    second = plug(row, "200", hertz=OTHER_HZ)
    hears_for(port, 1.2)
    first.dies()
    second.waits_for("ACK")
    port.speech.heard()
    hears_for(port, 1.6)
    second.hangs_up()
    port.waits_for("BYE")
    nobody_left(row)
    call = call_on(row, "07-0")
    assert (call.disposition, call.answered_desk, call.hung_up_by) == (Disposition.ANSWERED, "100", Party.OFFICER)
    dead, living = call.segments
    assert (dead.kind, dead.desk) == (SegmentKind.OFFICER, "100")
    assert (living.kind, living.desk) == (SegmentKind.OFFICER, "200")
    assert dead.ended_at is not None
    assert living.ended_at is not None
    assert dead.started_at < dead.ended_at <= living.started_at < living.ended_at
    assert [event.kind for event in call.events].count(EventKind.PUT_BACK) == 1
    seal_all(row)
    assert len(recording_of(row, call.id).parts) == 1
    audio = sealed_audio(row, call)
    assert hears(audio[8000:-8000, 0]) == PORT_HZ
    assert hears(audio[1600:8000, 1]) == DESK_HZ
    assert hears(audio[-9600:-1600, 1]) == OTHER_HZ
    assert incidents_with(row, call) == []


def test_he_is_put_back_before_those_who_wait(row: LoopbackOffice, plug: Plug) -> None:
    """The only desk dies in the first call while the second waits, and is plugged in again."""
    desk, port = plug(row, "101"), plug(row, "07-1")
    assert port.dials(row.number("07-1")) == 200
    waiting = row.gateway("07-1").dials(row.number("07-1"))
    until("the second call waits", lambda: len([call for call in calls_of(row) if call.line_key == "07-1"]) == 2)
    desk.dies()
    again = plug(row, "101", hertz=OTHER_HZ)
    again.waits_for("ACK")
    port.speech.heard()
    until("the first caller hears the desk again", lambda: len(port.speech.heard()) > 0)
    assert not any(call.answered for call in waiting.calls())
    port.hangs_up()
    again.waits_for("ACK", count=2)
    until("the second call is answered", lambda: talked_with(row, "07-1") == [2, 1])
    again.hangs_up()
    waiting.wait()
    nobody_left(row)
    assert talked_with(row, "07-1") == [2, 1]


def talked_with(office: LoopbackOffice, line: str) -> list[int]:
    """With how many desks each call of a line was connected so far, in the order of the calls."""
    return [len(call.segments) for call in calls_of(office) if call.line_key == line]


def test_an_officer_who_hangs_up_after_another_desk_died_ends_the_call(row: LoopbackOffice, plug: Plug) -> None:
    """The cause of the dead desk stays with the caller's channel, and must put nobody back twice."""
    first, second, port = plug(row, "102"), plug(row, "202"), plug(row, "07-2")
    second.answers_after_s = None
    assert port.dials(row.number("07-2")) == 200
    second.answers_after_s = 0.2
    first.dies()
    second.waits_for("ACK")
    until("the second desk has him", lambda: talked_with(row, "07-2") == [2])
    second.hangs_up()
    port.waits_for("BYE")
    nobody_left(row)
    assert [segment.desk for segment in call_on(row, "07-2").segments] == ["102", "202"]


def test_a_desk_that_dies_on_hold_is_dead_in_the_time_of_hold(row: LoopbackOffice, plug: Plug) -> None:
    desk, port = plug(row, "103"), plug(row, "07-3")
    assert port.dials(row.number("07-3")) == 200
    other = plug(row, "203")
    assert desk.offers_again(described(desk.speech.port, direction="sendonly")) == 200
    desk.dies()
    other.waits_for("ACK")
    until("the second desk has him", lambda: talked_with(row, "07-3") == [2])
    other.hangs_up()
    nobody_left(row)
    assert [segment.desk for segment in call_on(row, "07-3").segments] == ["103", "203"]


def test_where_one_desk_after_the_other_dies_the_caller_is_let_go(row: LoopbackOffice, plug: Plug) -> None:
    """A desk whose phone dies in each call is plugged in again each time: the caller is not kept for ever."""
    desk, port = plug(row, "106"), plug(row, "07-6")
    assert port.dials(row.number("07-6")) == 200
    for other in ("206", "106"):
        next_one = plug(row, other)
        desk.dies()
        next_one.waits_for("ACK")
        desk = next_one
    desk.dies()
    port.waits_for("BYE")
    nobody_left(row)
    call = call_on(row, "07-6")
    assert [segment.desk for segment in call.segments] == ["106", "206", "106"]
    assert (call.disposition, call.answered_desk, call.hung_up_by) == (Disposition.ANSWERED, "106", Party.SYSTEM)
    kinds = [event.kind for event in call.events]
    assert (kinds.count(EventKind.PUT_BACK), kinds.count(EventKind.RANG_OUT)) == (2, 1)
    assert incidents_with(row, call) == []


def test_a_dead_caller_frees_line_and_desk(row: LoopbackOffice, plug: Plug) -> None:
    desk, port = plug(row, "104"), plug(row, "07-4")
    assert port.dials(row.number("07-4")) == 200
    port.dies()
    desk.waits_for("BYE")
    nobody_left(row)
    call = call_on(row, "07-4")
    assert (call.disposition, call.hung_up_by) == (Disposition.ANSWERED, Party.SYSTEM)
    assert len(call.segments) == 1


def test_asterisks_own_log_tells_of_a_dead_desk_and_of_the_callers_name_likewise(
    row: LoopbackOffice, plug: Plug
) -> None:
    row.app.stop()
    first, port = plug(row, "105"), plug(row, "07-5")
    assert port.dials(row.number("07-5"), name="王小明".encode("gb18030")) == 200
    second = plug(row, "205")
    first.dies()
    second.waits_for("ACK")
    port.hangs_up()
    nobody_left(row)
    row.start_app()
    call = call_on(row, "07-5")
    assert (call.witness, call.disposition, call.hung_up_by) == (Witness.CEL, Disposition.ANSWERED, Party.CALLER)
    assert [segment.desk for segment in call.segments] == ["105", "205"]
    assert call.caller_name == "王小明"
