"""A phone that sends nothing, or digital silence only: the incident names the side, the line and the desk."""

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import Call, SwitchRecordRow
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.pbx.conftest import Plug
from tests.pbx.plugged import hears_for
from tests.pbx.softphone import Softphone
from tests.pbx.stories import call_over, incidents_of, seal_all

pytestmark = pytest.mark.pbx


def talk(caller: Softphone, officer: Softphone, number: str, seconds: float = 7) -> None:
    """A call in which whoever is sent anything has heard so much."""
    assert caller.dials(number) == 200
    hears_for(caller if officer.speech.sends else officer, seconds)
    caller.hangs_up()


def whole_call(office: LoopbackOffice) -> Call:
    """The one call, once the switch record and the sealed recording are there."""
    call = call_over(office)

    def account() -> bool:
        with office.database.reading() as session:
            return session.get(SwitchRecordRow, call.id) is not None

    until("the switch record", account)
    seal_all(office)
    return call


def one_way(office: LoopbackOffice) -> Incident:
    """What is said of the one call."""
    call = whole_call(office)
    (incident,) = incidents_of(office)
    assert (incident.cause, incident.call_id) == (Cause.ONE_WAY_AUDIO, call.id)
    return incident


def test_a_desk_phone_that_sends_no_packets_is_named(office: LoopbackOffice, plug: Plug) -> None:
    """And nothing else: what was not recorded before the caller's first packet came is no loss."""
    officer, caller = plug(office, "801"), plug(office, "07-1")
    officer.speech.sends, caller.speech.begins_after_s = False, 1.5
    talk(caller, officer, office.number("07-1"))
    detail = one_way(office).detail
    assert (detail["line"], detail["desk"], detail["side"], detail["packets"]) == ("07-1", "801", "officer", 0)
    assert detail["still_ms"] > 5000


def test_a_gateway_that_sends_no_packets_is_named(office: LoopbackOffice, plug: Plug) -> None:
    officer, caller = plug(office, "801"), plug(office, "07-1")
    caller.speech.sends = False
    talk(caller, officer, office.number("07-1"))
    detail = one_way(office).detail
    assert (detail["line"], detail["side"], detail["packets"]) == ("07-1", "caller", 0)


def test_a_microphone_that_is_dead_is_known_from_packets_that_do_not_come(
    office: LoopbackOffice, plug: Plug
) -> None:
    officer, caller = plug(office, "801", hertz=0), plug(office, "07-1")
    talk(caller, officer, office.number("07-1"))
    detail = one_way(office).detail
    assert (detail["side"], detail["packets"] > 250) == ("officer", True)


def test_a_short_call_and_one_that_nobody_answered_are_not_one_way(office: LoopbackOffice, plug: Plug) -> None:
    officer, caller = plug(office, "801"), plug(office, "07-1")
    officer.speech.sends, caller.speech.begins_after_s = False, 1.5
    talk(caller, officer, office.number("07-1"), 3)
    whole_call(office)
    assert incidents_of(office) == []
