"""What comes over the line as caller ID changes nothing but what is shown."""

import pytest

from demo.office import LoopbackOffice
from supervision.calls.rules import Disposition, Witness
from supervision.incidents.rules import Cause
from tests.pbx.stories import call_over, incidents_of, nobody_left, recording_of, tone

pytestmark = pytest.mark.pbx

HOSTILE = b'"; rm -rf / ; ${SHELL(id)}<script>'
BROKEN = b"138\xff\xfe\xc3\x28 \xe5\xbc"


@pytest.mark.parametrize(
    ("caller_id", "shown"),
    [
        # Asterisk hands a display name on with its quotes escaped as they were on the wire.
        pytest.param(HOSTILE, "\\" + HOSTILE.decode(), id="a command"),
        pytest.param(b"9" * 5000, "9" * 63 + "…", id="5 kB"),
        pytest.param(b"", "", id="empty"),
        pytest.param(BROKEN, None, id="broken UTF-8"),
    ],
)
def test_a_hostile_caller_id_is_only_shown(office: LoopbackOffice, caller_id: bytes, shown: str | None) -> None:
    office.desk("801").answers(after_s=0.2, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), caller_id=caller_id, plays=tone(440), talks_s=1.5).wait()
    call = call_over(office)
    assert call.disposition is Disposition.ANSWERED
    assert call.answered_desk == "801"
    if shown is not None:
        assert shown in {call.caller_number, call.caller_name}
    (part,) = recording_of(office, call.id).parts
    assert (part.length_bytes or 0) > 16_000
    assert part.name.startswith(str(call.id))
    assert {path.suffix for path in office.paths.spool.iterdir()} == {".raw"}
    assert call.witness is Witness.ARI
    assert incidents_of(office) == []


@pytest.mark.parametrize("caller_id", [HOSTILE, b"9" * 5000, BROKEN], ids=["a command", "5 kB", "broken UTF-8"])
def test_nor_does_it_where_asterisks_own_log_tells_of_the_call(office: LoopbackOffice, caller_id: bytes) -> None:
    office.app.stop()
    office.desk("801").answers(after_s=0.2, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), caller_id=caller_id, plays=tone(440), talks_s=1.5).wait()
    nobody_left(office)
    office.start_app()
    call = call_over(office)
    assert (call.disposition, call.answered_desk, call.witness) == (Disposition.ANSWERED, "801", Witness.CEL)
    assert {path.suffix for path in office.paths.spool.iterdir()} == {".raw"}
    assert {incident.cause for incident in incidents_of(office)} <= {Cause.ADMISSION_FAILED}
