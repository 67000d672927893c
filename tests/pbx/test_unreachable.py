"""An office whose phones are all away: the caller hears so, the call is missed, and somebody sees why."""

import pytest

from demo.office import LoopbackOffice
from supervision.calls.rules import Disposition
from supervision.incidents.rules import Cause
from tests.pbx.stories import call_over, incidents_of, nobody_left, tone

pytestmark = pytest.mark.pbx


@pytest.mark.parametrize("line", ["07-1", "07-2"])
def test_with_no_desk_reachable_the_call_is_missed_and_an_incident(office: LoopbackOffice, line: str) -> None:
    office.gateway(line).dials(office.number(line), plays=tone(440)).wait(20)
    call = call_over(office)
    assert (call.disposition, call.rings) == (Disposition.MISSED, 0)
    assert [incident.cause for incident in incidents_of(office)] == [Cause.NO_DESK_REACHABLE]


def test_phones_that_are_registered_and_dead_are_an_incident_too(office: LoopbackOffice) -> None:
    for extension in ("801", "802", "809"):
        office.desk(extension).plays_dead()
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440)).wait(40)
    call = call_over(office)
    assert (call.disposition, call.rings) == (Disposition.MISSED, 0)
    assert [incident.cause for incident in incidents_of(office)] == [Cause.NO_DESK_REACHABLE]
    nobody_left(office)
