"""A telephone that dies in a call, without a word: a dead desk gives its caller back, a dead caller frees all."""

import time

import pytest

from demo.processes import until
from supervision.calls.rules import Disposition, EventKind, Party, SegmentKind, Witness
from tests.pbx.conftest import Make, Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ, a_desk_for_each_line
from tests.pbx.stories import (
    call_on,
    call_over,
    calls_of,
    calls_over,
    hears,
    incidents_of,
    nobody_left,
    recording_of,
    seal_all,
    sealed_audio,
)

pytestmark = pytest.mark.pbx

OTHER_HZ = 1200


def test_a_caller_whose_desk_died_is_put_back_and_answered_and_recorded_to_the_end(
    make_office: Make, plug: Plug
) -> None:
    office = make_office(rtp_timeout_s=2)
    first, port = plug(office, "801"), plug(office, "07-1")
    assert port.dials(office.number("07-1")) == 200
    second = plug(office, "802", hertz=OTHER_HZ)
    until("both heard", lambda: len(port.speech.heard()) and len(first.speech.heard()))
    time.sleep(1)
    first.dies()
    second.waits_for("ACK", 8)
    time.sleep(1.5)
    second.hangs_up()
    port.waits_for("BYE")
    call = call_over(office)
    assert (call.disposition, call.answered_desk, call.hung_up_by) == (Disposition.ANSWERED, "801", Party.OFFICER)
    assert [(segment.kind, segment.desk) for segment in call.segments] == [
        (SegmentKind.OFFICER, "801"),
        (SegmentKind.OFFICER, "802"),
    ]
    dead, living = call.segments
    assert dead.ended_at is not None
    assert living.ended_at is not None
    assert dead.started_at < dead.ended_at <= living.started_at < living.ended_at
    assert [event.kind for event in call.events].count(EventKind.PUT_BACK) == 1
    seal_all(office)
    assert len(recording_of(office, call.id).parts) == 1
    audio = sealed_audio(office, call)
    assert hears(audio[8000:-8000, 0]) == PORT_HZ
    assert hears(audio[1600:8000, 1]) == DESK_HZ
    assert hears(audio[-9600:-1600, 1]) == OTHER_HZ
    assert incidents_of(office) == []
    nobody_left(office)


def test_asterisks_own_log_tells_of_a_dead_desk_likewise(make_office: Make, plug: Plug) -> None:
    office = make_office(rtp_timeout_s=1)
    office.app.stop()
    first, port = plug(office, "801"), plug(office, "07-1")
    assert port.dials(office.number("07-1")) == 200
    second = plug(office, "802")
    first.dies()
    second.waits_for("ACK", 8)
    port.hangs_up()
    nobody_left(office)
    office.start_app()
    call = call_over(office)
    assert (call.witness, call.disposition, call.hung_up_by) == (Witness.CEL, Disposition.ANSWERED, Party.CALLER)
    assert [segment.desk for segment in call.segments] == ["801", "802"]


def test_he_is_put_back_before_those_who_wait(make_office: Make, plug: Plug) -> None:
    """The only desk dies in the first call while the second waits, and is plugged in again."""
    office = make_office(a_desk_for_each_line(1), rtp_timeout_s=2)
    desk, port = plug(office, "100"), plug(office, "07-0")
    assert port.dials(office.number("07-0")) == 200
    waiting = office.gateway("07-0").dials(office.number("07-0"))
    until("the second call waits", lambda: len(calls_of(office)) == 2)
    desk.dies()
    again = plug(office, "100", hertz=OTHER_HZ)
    again.waits_for("ACK", 8)
    port.speech.heard()
    until("the first caller hears the desk again", lambda: len(port.speech.heard()) > 0)
    assert not any(call.answered for call in waiting.calls())
    port.hangs_up()
    again.waits_for("ACK", 8, count=2)
    again.hangs_up()
    waiting.wait()
    calls = calls_over(office, 2)
    assert [len(call.segments) for call in calls] == [2, 1]
    nobody_left(office)


def test_a_dead_caller_frees_line_and_desk(make_office: Make, plug: Plug) -> None:
    office = make_office(rtp_timeout_s=1)
    desk, port = plug(office, "801"), plug(office, "07-1")
    assert port.dials(office.number("07-1")) == 200
    port.dies()
    desk.waits_for("BYE", 8)
    nobody_left(office)
    call = call_on(office, "07-1")
    assert (call.disposition, call.hung_up_by) == (Disposition.ANSWERED, Party.SYSTEM)
    assert len(call.segments) == 1
