"""What an office does not do is refused in words and at once: transfers, faxes, calls that a desk declines."""

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, Party
from tests.pbx.conftest import Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ
from tests.pbx.speech import described, fax
from tests.pbx.stories import call_over, calls_of, calls_over, hears, incidents_of, nobody_left

pytestmark = pytest.mark.pbx

TRANSFER = [("Refer-To", "<sip:802@127.0.0.1>")]
TEXT = [("Content-Type", "text/plain")]


def test_a_transfer_is_refused_with_603_and_the_talk_goes_on(office: LoopbackOffice, plug: Plug) -> None:
    desk, port = plug(office, "801"), plug(office, "07-1")
    assert port.dials(office.number("07-1")) == 200
    assert desk.asks("REFER", TRANSFER) == 603
    assert port.asks("REFER", TRANSFER) == 603
    port.speech.heard()
    desk.speech.heard()
    until("both are still heard", lambda: hears(port.speech.heard()) == DESK_HZ, 5)
    until("both are still heard", lambda: hears(desk.speech.heard()) == PORT_HZ, 5)
    desk.hangs_up()
    call = call_over(office)
    assert (len(call.segments), call.hung_up_by) == (1, Party.OFFICER)
    nobody_left(office)


def test_a_text_is_answered_in_a_call_and_finds_nobody_outside_one(office: LoopbackOffice, plug: Plug) -> None:
    """Within a call Asterisk hands a text to the other telephone and has no way to refuse it; it never hangs."""
    desk, port = plug(office, "801"), plug(office, "07-1")
    assert desk.asks("MESSAGE", TEXT, "hello") == 404
    assert port.asks("MESSAGE", TEXT, "hello") == 404
    assert calls_of(office) == [], "no text begins a call"
    assert port.dials(office.number("07-1")) == 200
    assert desk.asks("MESSAGE", TEXT, "hello") == 202
    assert port.asks("MESSAGE", TEXT, "hello") == 202
    port.hangs_up()
    assert call_over(office).disposition is Disposition.ANSWERED
    nobody_left(office)


def test_a_fax_alone_is_refused_and_no_desk_rings(office: LoopbackOffice, plug: Plug) -> None:
    desk, port = plug(office, "801"), plug(office, "07-1")
    port.description = lambda: described(port.speech.port).partition("m=audio")[0] + fax(port.speech.port)
    assert port.dials(office.number("07-1")) == 488
    assert [one.name for one in desk.seen if one.name == "INVITE"] == []
    nobody_left(office)


def test_a_desk_that_declines_has_hung_up_on_nobody_and_the_next_is_rung(
    office: LoopbackOffice, plug: Plug
) -> None:
    first, second, port = plug(office, "801"), plug(office, "802"), plug(office, "07-1")
    first.declines_with = "603 Decline"
    second.answers_after_s = 0.5
    assert port.dials(office.number("07-1")) == 200
    port.hangs_up()
    call = call_over(office)
    assert (call.disposition, call.answered_desk, call.hung_up_by) == (Disposition.ANSWERED, "802", Party.CALLER)
    assert incidents_of(office) == []
    nobody_left(office)


def test_a_desk_that_is_registered_twice_rings_where_it_came_last(office: LoopbackOffice, plug: Plug) -> None:
    old, port = plug(office, "801"), plug(office, "07-1")
    new = plug(office, "801")
    assert port.dials(office.number("07-1")) == 200
    assert new.in_call
    assert not old.in_call
    new.hangs_up()
    call = call_over(office)
    assert (call.answered_desk, len(call.segments)) == ("801", 1)
    nobody_left(office)


@pytest.mark.parametrize("watched", [True, False], ids=["watched", "from Asterisk's log"])
def test_a_name_is_read_as_gb18030_where_it_is_no_utf_8(office: LoopbackOffice, plug: Plug, watched: bool) -> None:
    if not watched:
        office.app.stop()
    desk, port = plug(office, "801"), plug(office, "07-1")
    for name in ("王小明", "鎔誠税务", "李雷"):
        assert port.dials(office.number("07-1"), name=name.encode("utf-8" if name == "李雷" else "gb18030")) == 200
        desk.hangs_up()
        port.waits_for("BYE")
        nobody_left(office)
    if not watched:
        office.start_app()
    assert [call.caller_name for call in calls_over(office, 3)] == ["王小明", "鎔誠税务", "李雷"]
