"""What the demo says of its incidents."""

from datetime import UTC, datetime

from demo.report import incidents
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.offices.models import Office


def test_an_incident_that_lost_nothing_is_distinguished_from_one_that_may_have(store: Database) -> None:
    with store.transaction() as session:
        session.add(Office(code="07", name="第七税务所"))
        session.flush()
        for n, cause in enumerate((Cause.ADMISSION_FAILED, Cause.LENGTH_MISMATCH, Cause.CALENDAR_PROVISIONAL)):
            at = datetime(2026, 11, 23, 1, n, tzinfo=UTC)
            open_incident(session, office_code="07", cause=cause, subject="a call", at=at, detail={})
    assert [(one.line, one.lost_nothing) for one in incidents(store)] == [
        ("admission_failed of a call: {}", True),
        ("length_mismatch of a call: {}", False),
        ("calendar_provisional of a call: {}", True),
    ]
