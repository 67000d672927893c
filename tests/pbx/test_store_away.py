"""The store may be locked, be another one, or come late: calls do not wait for it, and nothing is lost."""

import sqlite3
from collections.abc import Callable

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, Witness
from supervision.incidents.rules import Cause
from supervision.recordings.models import RecordingState
from tests.pbx.stories import (
    call_over,
    incidents_of,
    nobody_left,
    recording_of,
    seal_all,
    tone,
)

pytestmark = pytest.mark.pbx


def test_a_locked_store_holds_up_no_call(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=0.5, plays=tone(880))
    lock = sqlite3.connect(office.home / "office.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    (seen,) = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=4).wait()
    assert seen.at_ms("200 INVITE") - seen.at_ms("180 INVITE") < 2_000
    nobody_left(office)
    lock.execute("ROLLBACK")
    lock.close()
    call = call_over(office, 30)
    assert (call.disposition, call.answered_desk) == (Disposition.ANSWERED, "801")
    (part,) = recording_of(office, call.id).parts
    assert (part.length_bytes or 0) > 100_000
    assert part.name.endswith(".a1.raw"), "the application recorded it, though it could not write it down"


@pytest.mark.postgres
def test_the_same_node_keeps_its_store_in_postgresql(
    make_office: Callable[..., LoopbackOffice], postgres_url: str
) -> None:
    office = make_office(settings={"SUPERVISION_DATABASE_URL": postgres_url})
    office.desk("801").answers(after_s=0.5, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=3).wait()
    call = call_over(office)
    seal_all(office)
    assert (call.disposition, call.witness) == (Disposition.ANSWERED, Witness.ARI)
    assert recording_of(office, call.id).state is RecordingState.READY
    assert incidents_of(office) == []


def test_a_line_on_which_neither_side_sends_audio_is_an_incident_and_not_a_silence(
    office: LoopbackOffice,
) -> None:
    """Gateways with silence suppression on: Asterisk writes nothing while nothing comes."""
    office.desk("801").answers(after_s=0.2, plays=tone(880, 2.0))
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440, 2.0), talks_s=5).wait()
    call = call_over(office)
    seal_all(office)
    assert [incident.cause for incident in incidents_of(office)] == [Cause.LENGTH_MISMATCH]
    assert recording_of(office, call.id).state is RecordingState.READY


def test_a_spool_that_takes_no_file_is_seen_and_the_call_goes_on(office: LoopbackOffice) -> None:
    """Asterisk says that it records though the file could not be opened; only bytes prove it."""
    office.desk("801").answers(after_s=0.2, plays=tone(880))
    office.paths.spool.rename(office.home / "gone")
    office.paths.spool.touch()
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=8)
    until("the gap seen", lambda: Cause.NO_BYTES in {incident.cause for incident in incidents_of(office)})
    office.paths.spool.unlink()
    (office.home / "gone").rename(office.paths.spool)
    (seen,) = run.wait()
    assert seen.length_ms > 7_900
    call = call_over(office)
    assert call.disposition is Disposition.ANSWERED
    seal_all(office)
    causes = {incident.cause for incident in incidents_of(office)}
    assert causes & {Cause.NOT_RECORDED, Cause.PART_MISSING, Cause.LENGTH_MISMATCH}
