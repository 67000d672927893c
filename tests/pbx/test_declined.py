"""Desks that turn a call down are there: the call is declined, by every witness, and nothing is at fault."""

import pytest

from demo.office import LoopbackOffice
from supervision.calls.rules import Disposition, EventKind, Party, Witness
from supervision.incidents.rules import Cause
from tests.pbx.stories import call_over, incidents_of, nobody_left, seal_all, tone

pytestmark = pytest.mark.pbx


@pytest.mark.parametrize("line", ["07-1", "07-2"])
def test_a_call_that_every_desk_declines_is_declined_and_no_incident(office: LoopbackOffice, line: str) -> None:
    office.desk("801").rejects(486)
    office.desk("802").rejects(603, rings=True)
    office.desk("809").rejects(480)
    office.gateway(line).dials(office.number(line), plays=tone(440, 60.0)).wait(40)
    call = call_over(office)
    assert (call.disposition, call.hung_up_by, call.witness) == (Disposition.DECLINED, Party.SYSTEM, Witness.ARI)
    declined = {event.desk for event in call.events if event.kind is EventKind.DESK_DECLINED}
    assert declined == {"801", "802", "809"}
    nobody_left(office)
    seal_all(office)
    assert incidents_of(office) == []


def test_asterisks_own_log_tells_the_same(office: LoopbackOffice) -> None:
    office.app.stop()
    for extension, status in (("801", 486), ("802", 603), ("809", 480)):
        office.desk(extension).rejects(status)
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440)).wait(40)
    nobody_left(office)
    office.start_app()
    call = call_over(office)
    assert (call.disposition, call.hung_up_by, call.witness) == (Disposition.DECLINED, Party.SYSTEM, Witness.CEL)
    assert {incident.cause for incident in incidents_of(office)} <= {Cause.ADMISSION_FAILED}
