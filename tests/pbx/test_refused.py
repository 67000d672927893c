"""What an office does not do is refused in words and at once: transfers, faxes, calls that a desk declines."""

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, Party
from tests.pbx.conftest import Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ, incidents_with
from tests.pbx.speech import described, fax
from tests.pbx.stories import call_on, calls_of, hears, nobody_left

pytestmark = pytest.mark.pbx

BY_HEADER = {"address": "127.0.0.1", "header": "X-Port", "value": "p7"}
ROW = {"lines": 8, "others": {7: {"gateway": BY_HEADER}}}
TRANSFER = [("Refer-To", "<sip:809@127.0.0.1>")]
TEXT = [("Content-Type", "text/plain")]


def test_a_transfer_is_refused_with_603_and_the_talk_goes_on(row: LoopbackOffice, plug: Plug) -> None:
    desk, port = plug(row, "100"), plug(row, "07-0")
    assert port.dials(row.number("07-0")) == 200
    assert desk.asks("REFER", TRANSFER) == 603
    assert port.asks("REFER", TRANSFER) == 603
    port.speech.heard()
    desk.speech.heard()
    until("both are still heard", lambda: hears(port.speech.heard()) == DESK_HZ, 5)
    until("both are still heard", lambda: hears(desk.speech.heard()) == PORT_HZ, 5)
    desk.hangs_up()
    call = call_on(row, "07-0")
    assert (len(call.segments), call.hung_up_by) == (1, Party.OFFICER)
    nobody_left(row)


def test_nobody_takes_over_a_call_that_goes_on(row: LoopbackOffice, plug: Plug) -> None:
    """An INVITE with Replaces, by who knows the dialog's tags, would pull the caller out of what is recorded."""
    desk, port, other = plug(row, "106"), plug(row, "07-6"), plug(row, "206")
    assert port.dials(row.number("07-6")) == 200
    other.headers = [("Replaces", port.replaces())]
    assert other.dials("88880001") == 401, "challenged again, whatever it answers"
    other.headers += [("X-Port", "p7")]
    assert other.dials("88880001") == 401, "nor who sends what a gateway without a password is known by"
    port.speech.heard()
    until("the officer is still heard", lambda: hears(port.speech.heard()) == DESK_HZ, 5)
    port.hangs_up()
    desk.waits_for("BYE")
    assert len(call_on(row, "07-6").segments) == 1
    nobody_left(row)


def test_a_text_is_answered_in_a_call_and_finds_nobody_outside_one(row: LoopbackOffice, plug: Plug) -> None:
    """Within a call Asterisk hands a text to the other telephone and has no way to refuse it; it never hangs."""
    desk, port = plug(row, "101"), plug(row, "07-1")
    assert desk.asks("MESSAGE", TEXT, "hello") == 404
    assert port.asks("MESSAGE", TEXT, "hello") == 404
    assert [call for call in calls_of(row) if call.line_key == "07-1"] == [], "no text begins a call"
    assert port.dials(row.number("07-1")) == 200
    assert desk.asks("MESSAGE", TEXT, "hello") == 202
    assert port.asks("MESSAGE", TEXT, "hello") == 202
    port.hangs_up()
    assert call_on(row, "07-1").disposition is Disposition.ANSWERED
    nobody_left(row)


def test_a_fax_alone_is_refused_and_no_desk_rings(row: LoopbackOffice, plug: Plug) -> None:
    desk, port = plug(row, "102"), plug(row, "07-2")
    port.description = lambda: described(port.speech.port).partition("m=audio")[0] + fax(port.speech.port)
    assert port.dials(row.number("07-2")) == 488
    assert [one.name for one in desk.seen if one.name == "INVITE"] == []
    nobody_left(row)


def test_a_desk_that_declines_has_hung_up_on_nobody_and_the_other_is_rung(row: LoopbackOffice, plug: Plug) -> None:
    first, second, port = plug(row, "103"), plug(row, "203"), plug(row, "07-3")
    first.declines_with = "603 Decline"
    second.answers_after_s = 0.5
    assert port.dials(row.number("07-3")) == 200
    port.hangs_up()
    call = call_on(row, "07-3")
    assert (call.disposition, call.answered_desk, call.hung_up_by) == (Disposition.ANSWERED, "203", Party.CALLER)
    nobody_left(row)
    assert incidents_with(row, call) == []


def test_a_desk_that_is_registered_twice_rings_where_it_came_last(row: LoopbackOffice, plug: Plug) -> None:
    old, port = plug(row, "104"), plug(row, "07-4")
    new = plug(row, "104")
    assert port.dials(row.number("07-4")) == 200
    until("the phone that registered last has him", lambda: new.in_call)
    assert not old.in_call
    new.hangs_up()
    call = call_on(row, "07-4")
    assert (call.answered_desk, len(call.segments)) == ("104", 1)
    nobody_left(row)


def test_a_name_is_read_as_gb18030_where_it_is_no_utf_8(row: LoopbackOffice, plug: Plug) -> None:
    desk, port = plug(row, "105"), plug(row, "07-5")
    names = {"王小明": "gb18030", "誠信税务": "gb18030", "李雷": "utf-8"}
    for name, encoding in names.items():
        assert port.dials(row.number("07-5"), name=name.encode(encoding)) == 200
        desk.hangs_up()
        nobody_left(row)
    assert [call.caller_name for call in calls_of(row) if call.line_key == "07-5"] == list(names)
