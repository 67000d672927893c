"""A line carries as many calls as it has ports: one, unless its description says otherwise."""

import dataclasses
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

import pytest

from bench.phones import DESK_MARK, GATEWAY_MARK, Dialog, Phone
from bench.sip import Account, SipMessage, offer
from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Party
from supervision.incidents.rules import Cause
from tests.pbx.conftest import Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ, incidents_with
from tests.pbx.softphone import Softphone
from tests.pbx.stories import call_on, calls_of, hears, incidents_of, nobody_left

pytestmark = pytest.mark.pbx

# What a dead peer's port must not do is stay taken.
ROW = {"lines": 7, "others": {4: {"ports": 2, "last_ring": 40}}, "rtp_timeout_s": 3}


def refused(office: LoopbackOffice) -> list[tuple[str, int, int]]:
    """Who was turned away: line, status, how often."""
    return [
        (one.detail["line"], one.detail["status"], one.times)
        for one in incidents_of(office)
        if one.cause is Cause.OFFER_REFUSED
    ]


def turned_away(office: LoopbackOffice, line_key: str) -> int:
    """How often somebody was turned away from a line."""
    return sum(times for line, _, times in refused(office) if line == line_key)


def over_on(office: LoopbackOffice, line_key: str) -> list[Call]:
    """The calls of a line that are over."""
    return [call for call in calls_of(office) if call.line_key == line_key and call.ended_at]


def test_calls_in_bulk_on_one_port_are_busy_and_the_one_that_stands_hears_nothing_of_it(
    row: LoopbackOffice, plug: Plug
) -> None:
    desk, port, spare = plug(row, "100"), plug(row, "07-0"), plug(row, "200")
    assert port.dials(row.number("07-0")) == 200
    others = [plug(row, "07-0") for _ in range(4)]
    answers: list[int] = []
    dialling = [
        threading.Thread(target=lambda one=one: answers.append(one.dials(row.number("07-0")))) for one in others
    ]
    for thread in dialling:
        thread.start()
    for thread in dialling:
        thread.join()
    assert answers == [486] * 4
    assert [one.name for one in spare.seen if one.name == "INVITE"] == [], "no second desk was rung for it"
    port.speech.heard()
    desk.speech.heard()
    until("the caller still hears the officer", lambda: hears(port.speech.heard()) == DESK_HZ, 5)
    until("the officer still hears the caller", lambda: hears(desk.speech.heard()) == PORT_HZ, 5)
    until("all four are reported", lambda: sum(times for _, _, times in refused(row)) == 4)
    assert {(line, status) for line, status, _ in refused(row)} == {("07-0", 486)}
    port.hangs_up()
    call = call_on(row, "07-0")
    assert (call.disposition, call.hung_up_by, len(call.segments)) == (Disposition.ANSWERED, Party.CALLER, 1)
    assert len(calls_of(row)) == 1
    nobody_left(row)


def test_the_next_call_comes_through_in_the_moment_in_which_the_last_was_hung_up(
    row: LoopbackOffice, plug: Plug
) -> None:
    plug(row, "101"), plug(row, "201")
    _, _, port = plug(row, "101"), plug(row, "201"), plug(row, "07-1")
    for _ in range(5):
        assert port.dials(row.number("07-1")) == 200
        port.hangs_up()
    nobody_left(row)
    until("all five have a record", lambda: len([call for call in calls_of(row) if call.line_key == "07-1"]) == 5)


def test_a_port_whose_call_died_without_a_word_is_free_again_by_itself(row: LoopbackOffice, plug: Plug) -> None:
    _, _, port = plug(row, "102"), plug(row, "202"), plug(row, "07-2")
    assert port.dials(row.number("07-2")) == 200
    port.dies()
    again = plug(row, "07-2")
    until("the port is free", lambda: again.dials(row.number("07-2")) == 200, 20)
    again.hangs_up()
    nobody_left(row)


def test_a_caller_who_gives_up_while_he_waits_for_a_port_has_a_record(row: LoopbackOffice, plug: Plug) -> None:
    """He waits for longer than any machine needs to let him give up."""
    _, port, other = plug(row, "103"), plug(row, "07-3"), plug(row, "07-3")
    assert port.dials(row.number("07-3")) == 200
    with dialplan(row, lambda taking: taking.replace("${TRIES} > 10", "${TRIES} > 10000")):
        assert gives_up(row, other, "07-3", b"Wang") == 487
    port.hangs_up()
    nobody_left(row)

    until("both have a record", lambda: len(over_on(row, "07-3")) == 2)
    stood, gave_up = over_on(row, "07-3")
    assert stood.disposition is Disposition.ANSWERED
    assert (gave_up.disposition, gave_up.hung_up_by) == (Disposition.ABANDONED, Party.CALLER)
    assert (gave_up.caller_name, gave_up.segments) == ("Wang", [])
    assert incidents_with(row, stood) == incidents_with(row, gave_up) == []
    assert [line for line, _, _ in refused(row) if line == "07-3"] == [], "nobody was turned away"


def test_nor_is_he_lost_who_gives_up_in_the_moment_in_which_he_is_to_be_turned_away(
    row: LoopbackOffice, plug: Plug
) -> None:
    _, port, other = plug(row, "105"), plug(row, "07-5"), plug(row, "07-5")
    assert port.dials(row.number("07-5")) == 200

    def slow(taking: str) -> str:
        at_once = taking.replace("${TRIES} > 10", "${TRIES} > 0")
        return at_once.replace("AWAY=yes)", "AWAY=yes)\n same => n,Wait(30)")

    with dialplan(row, slow):
        assert gives_up(row, other, "07-5", b"Wang", at="!Wait!30!") == 487
    port.hangs_up()
    nobody_left(row)
    until("both have a record", lambda: len(over_on(row, "07-5")) == 2)
    gave_up = over_on(row, "07-5")[1]
    assert (gave_up.disposition, gave_up.hung_up_by) == (Disposition.ABANDONED, Party.CALLER)
    assert [line for line, _, _ in refused(row) if line == "07-5"] == [], "nobody was turned away"


def test_nor_is_he_lost_whose_cancel_comes_as_his_call_is_ended(row: LoopbackOffice, plug: Plug) -> None:
    """Its last steps wait for the call that stands. Either he gave up, or he was turned away; never neither."""
    _, port, other = plug(row, "105"), plug(row, "07-5"), plug(row, "07-5")
    before, away = len(over_on(row, "07-5")), turned_away(row, "07-5")

    def held(taking: str) -> str:
        at_once = taking.replace("${TRIES} > 10", "${TRIES} > 0")
        stands = "[consultation]\nexten => s,1,Set(HELD=${LOCK(held)})\n same => n,"
        lasts = "exten => h,1," + 5 * "Set(HELD=${LOCK(held)})\n same => n,"  # three seconds each at most
        return at_once.replace("[consultation]\nexten => s,1,", stands).replace("exten => h,1,", lasts, 1)

    with dialplan(row, held):
        assert port.dials(row.number("07-5")) == 200
        gave_up = gives_up(row, other, "07-5", b"Wang", at="!from-line!h!") == 487
        port.hangs_up()
        nobody_left(row)
    until("all are reported", lambda: len(over_on(row, "07-5")) == before + 1 + gave_up)
    until("all are reported", lambda: turned_away(row, "07-5") == away + (not gave_up))


def test_nor_is_he_lost_who_gives_up_as_he_has_his_port_and_is_not_offered_yet(
    row: LoopbackOffice, plug: Plug
) -> None:
    port = plug(row, "07-6")
    before = len(over_on(row, "07-6"))
    steps = ("Set(CDR(userfield)=${NEW_ID})", "CELGenUserEvent(offered,${LINE})")
    for step in steps:
        with dialplan(row, partial(_held_after, step)):
            assert gives_up(row, port, "07-6", b"Wang", at="!Wait!30!") == 487
        nobody_left(row)
    until("both have a record", lambda: len(over_on(row, "07-6")) == before + len(steps))
    for gave_up in over_on(row, "07-6")[before:]:
        assert (gave_up.disposition, gave_up.hung_up_by) == (Disposition.ABANDONED, Party.CALLER)
        assert (gave_up.caller_name, gave_up.segments) == ("Wang", [])
        assert incidents_with(row, gave_up) == []


def _held_after(step: str, taking: str) -> str:
    """The call has its port, and is held up after this step."""
    before, mark, admitting = taking.partition("[consultation]")
    return before + mark + admitting.replace(step, f"{step}\n same => n,Wait(30)", 1)


def test_a_gateway_that_dials_the_name_of_our_last_step_is_one_call(row: LoopbackOffice, plug: Plug) -> None:
    plug(row, "07-6").dials("h")
    nobody_left(row)
    call = call_on(row, "07-6")
    assert (call.disposition, call.segments) == (Disposition.ABANDONED, [])
    with closing(sqlite3.connect(row.paths.cel)) as cel:
        rows = cel.execute("SELECT userdeftype FROM cel WHERE linkedid = ?", [call.uniqueid]).fetchall()
    assert rows.count(("offered",)) == 1


def gives_up(office: LoopbackOffice, phone: Softphone, line: str, name: bytes, at: str = "") -> int:
    """Dial and hang up before there is an answer, once Asterisk is at that step; the status of the answer."""
    answers: list[int] = []
    dialling = threading.Thread(target=lambda: answers.append(phone.dials(office.number(line), name=name)))
    dialling.start()
    until("he is there", lambda: at in office.pbx.cli("core show channels concise"))
    phone.gives_up()
    dialling.join()
    return answers[0]


@contextmanager
def dialplan(office: LoopbackOffice, changed: Callable[[str], str]) -> Iterator[None]:
    """What is done before a call has its port and is admitted, changed for a while."""
    file = office.paths.asterisk / "etc" / "extensions.conf"
    text = file.read_text("utf-8")
    taking, mark, rest = text.partition("[before-desk]")
    assert changed(taking) != taking
    file.write_text(changed(taking) + mark + rest, "utf-8")
    office.pbx.cli("dialplan reload")
    try:
        yield
    finally:
        file.write_text(text, "utf-8")
        office.pbx.cli("dialplan reload")


@pytest.fixture
def three(row: LoopbackOffice, plug: Plug) -> Iterator[list[Phone]]:
    """Three phones behind the two ports of the last line, whose desk rings and is not answered."""
    plug(row, "104").answers_after_s = None
    account = Account("fxo-4", row.paths.secret("sip-line-07-4").read_text("ascii").strip())
    pbx = ("127.0.0.1", row.network.sip_port)
    phones = [Phone(pbx, account, GATEWAY_MARK, DESK_MARK) for _ in range(3)]
    yield phones
    for phone in phones:
        phone.unplug()


@pytest.fixture
def slow_motion(row: LoopbackOffice) -> Iterator[None]:
    """Each step of taking a port takes a while, so that those who come at once meet each other at each of them."""
    pause = r"\g<0>\n same => n,Wait(0.05)"
    with dialplan(row, lambda taking: re.sub(r"^ same => n.*GROUP.*$", pause, taking, flags=re.MULTILINE)):
        yield


def test_of_those_who_come_in_one_moment_only_who_is_above_the_ports_is_busy(
    row: LoopbackOffice, three: list[Phone], slow_motion: None
) -> None:
    dialogs = [authorized(phone, row.number("07-4")) for phone in three]
    for phone, dialog in zip(three, dialogs, strict=True):
        phone.request("INVITE", dialog, offer(phone.media.wire.port))
    answers = [waits_for(phone, "180 INVITE", "486 INVITE").name for phone in three]
    assert sorted(answers) == ["180 INVITE", "180 INVITE", "486 INVITE"]
    for phone, dialog, answer in zip(three, dialogs, answers, strict=True):
        if answer == "180 INVITE":
            phone.request("CANCEL", dialog)
    nobody_left(row)


def authorized(phone: Phone, number: str) -> Dialog:
    """A call that was challenged already, so that its next INVITE is let in."""
    dialog = phone.begins(f"{number}@", number)
    phone.request("INVITE", dialog, offer(phone.media.wire.port))
    asked = waits_for(phone, "401 INVITE")
    phone.request("ACK", dataclasses.replace(dialog, called=asked.header("to")))
    return dialog.authorized(asked.header("www-authenticate"), phone.account, "INVITE")


def waits_for(phone: Phone, *names: str) -> SipMessage:
    """The first message of one of these names."""

    def come() -> SipMessage | None:
        phone.serve()
        return next((one for one, _ in phone.inbox if one.name in names), None)

    return until(" or ".join(names), come, 10)
