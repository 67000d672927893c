"""A phone that sends nothing, or digital silence only: the incident names the side, the line and the desk."""

from pathlib import Path

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import AsteriskAccountRow
from supervision.incidents.models import Cause, Incident
from tests.pbx.stories import call_over, incidents_of, seal_all, tone

pytestmark = pytest.mark.pbx


def silent_microphone(folder: Path) -> Path:
    """An A-law file of digital silence, longer than any story."""
    path = folder / "silence.alaw"
    path.write_bytes(b"\xd5" * 8000 * 20)
    return path


def one_way(office: LoopbackOffice) -> Incident:
    """What is said of the one call, once Asterisk's account and the sealed recording are there.

    A side without packets lends MixMonitor no clock. Where a busy machine holds up the other's, the recording is
    short as well, and that is said beside it.
    """
    call = call_over(office)

    def account() -> bool:
        with office.database.reading() as session:
            return session.get(AsteriskAccountRow, call.id) is not None

    until("Asterisk's account", account)
    seal_all(office)
    said = {incident.cause: incident for incident in incidents_of(office)}
    incident = said.pop(Cause.ONE_WAY_AUDIO)
    assert incident.call_id == call.id
    assert said.keys() <= {Cause.LENGTH_MISMATCH}
    return incident


def test_a_desk_phone_that_sends_no_packets_is_named(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=0.3)
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=7).wait()
    told = one_way(office).detail
    assert (told["line"], told["desk"], told["side"], told["packets"]) == ("07-1", "801", "officer", 0)
    assert told["still_ms"] > 5000


def test_a_gateway_that_sends_no_packets_is_named(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), talks_s=7).wait()
    told = one_way(office).detail
    assert (told["line"], told["side"], told["packets"]) == ("07-1", "caller", 0)


def test_a_microphone_that_is_dead_is_told_from_packets_that_do_not_come(
    office: LoopbackOffice, tmp_path: Path
) -> None:
    office.desk("801").answers(after_s=0.3, plays=silent_microphone(tmp_path))
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=7).wait()
    told = one_way(office).detail
    assert (told["side"], told["packets"] > 250) == ("officer", True)


def test_a_short_call_and_one_that_nobody_answered_are_not_one_way(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=0.3)
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=3).wait()
    call_over(office)
    seal_all(office)
    assert incidents_of(office) == []
