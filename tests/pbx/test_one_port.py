"""A line carries as many calls as it has ports: one, unless its description says otherwise."""

import dataclasses
import re
import threading
from collections.abc import Iterator

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
from tests.pbx.stories import call_on, calls_of, hears, incidents_of, nobody_left

pytestmark = pytest.mark.pbx

# What a dead peer's port must not do is stay taken.
ROW = {"lines": 5, "more_ports": {4: 2}, "rtp_timeout_s": 3}


def refused(office: LoopbackOffice) -> list[tuple[str, int, int]]:
    """Who was turned away: line, status, how often."""
    return [
        (one.detail["line"], one.detail["status"], one.times)
        for one in incidents_of(office)
        if one.cause is Cause.OFFER_REFUSED
    ]


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
    until("all four are told of", lambda: sum(times for _, _, times in refused(row)) == 4)
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
    assert len([call for call in calls_of(row) if call.line_key == "07-1"]) == 5


def test_a_port_whose_call_died_without_a_word_is_free_again_by_itself(row: LoopbackOffice, plug: Plug) -> None:
    _, _, port = plug(row, "102"), plug(row, "202"), plug(row, "07-2")
    assert port.dials(row.number("07-2")) == 200
    port.dies()
    again = plug(row, "07-2")
    until("the port is free", lambda: again.dials(row.number("07-2")) == 200, 20)
    again.hangs_up()
    nobody_left(row)


def test_a_caller_who_gives_up_while_he_waits_for_a_port_has_a_record(row: LoopbackOffice, plug: Plug) -> None:
    _, port, other = plug(row, "103"), plug(row, "07-3"), plug(row, "07-3")
    assert port.dials(row.number("07-3")) == 200
    answers: list[int] = []
    dialling = threading.Thread(target=lambda: answers.append(other.dials(row.number("07-3"), name=b"Wang")))
    dialling.start()
    other.gives_up()
    dialling.join()
    assert answers == [487]
    port.hangs_up()
    nobody_left(row)

    until("both have a record", lambda: len(over_on(row, "07-3")) == 2)
    stood, gave_up = over_on(row, "07-3")
    assert stood.disposition is Disposition.ANSWERED
    assert (gave_up.disposition, gave_up.hung_up_by) == (Disposition.ABANDONED, Party.CALLER)
    assert (gave_up.caller_name, gave_up.segments) == ("Wang", [])
    assert incidents_with(row, stood) == incidents_with(row, gave_up) == []
    assert [line for line, _, _ in refused(row) if line == "07-3"] == [], "nobody was turned away"


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
    file = row.paths.asterisk / "etc" / "extensions.conf"
    text = file.read_text("utf-8")
    taking, mark, rest = text.partition("[consultation]")
    slow = re.sub(r"^ same => n.*GROUP.*$", r"\g<0>\n same => n,Wait(0.05)", taking, flags=re.MULTILINE)
    file.write_text(slow + mark + rest, "utf-8")
    row.pbx.cli("dialplan reload")
    yield
    file.write_text(text, "utf-8")
    row.pbx.cli("dialplan reload")


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
