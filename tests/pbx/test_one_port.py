"""A line carries as many calls as it has ports: one, unless its description says otherwise."""

import threading

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, Party
from supervision.incidents.rules import Cause
from tests.pbx.conftest import Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ
from tests.pbx.stories import call_on, calls_of, hears, incidents_of, nobody_left

pytestmark = pytest.mark.pbx

# What a dead peer's port must not do is stay taken.
ROW = {"lines": 3, "rtp_timeout_s": 3}


def refused(office: LoopbackOffice) -> list[tuple[str, int, int]]:
    """Who was turned away: line, status, how often."""
    return [
        (one.detail["line"], one.detail["status"], one.times)
        for one in incidents_of(office)
        if one.cause is Cause.OFFER_REFUSED
    ]


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
