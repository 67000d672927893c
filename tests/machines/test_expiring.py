"""Certificates that run out: the worker renews what it can, and says sixty days before what it could not."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.certificates import authority, service
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.machines.tasks import renew_certificates
from supervision.paths import HqPaths
from supervision.settings import Mode, Settings
from supervision.task import Worker

DAY = dt.timedelta(days=1)


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    """A headquarters with an authority and the intake's certificate."""
    paths = HqPaths(tmp_path / "hq")
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["hq.example"], paths.server.folder)
    return paths


def mind(paths: HqPaths, store: Database, at: dt.datetime) -> list[tuple[str, str, bool]]:
    """What the worker does at a time; all incidents then, with whether they are open."""
    renew_certificates(Worker(Settings(home=paths.home, mode=Mode.HQ), store, lambda: at))
    with store.reading() as session:
        rows = session.scalars(select(Incident).order_by(Incident.subject)).all()
        assert {row.cause for row in rows} <= {Cause.CERTIFICATE_ENDS}
        return [(row.office_code, row.subject, row.healed_at is None) for row in rows]


def test_what_cannot_be_renewed_is_an_incident_sixty_days_before_it_ends_until_it_is_renewed(
    paths: HqPaths, store: Database
) -> None:
    key, began = paths.ca.key.read_bytes(), now()
    paths.ca.key.unlink()  # kept elsewhere
    ends = {one.paper.value: one.ends_at for one in service.list_endings(paths)}
    assert mind(paths, store, ends["list"] - 61 * DAY) == []
    assert not paths.list_warned.exists()
    assert mind(paths, store, ends["list"] - 59 * DAY) == [("hq", "list", True)]
    assert paths.list_warned.exists()
    assert mind(paths, store, ends["server"] - 59 * DAY) == [("hq", "list", True), ("hq", "server", True)]
    paths.ca.key.write_bytes(key)
    assert mind(paths, store, began) == [("hq", "list", False), ("hq", "server", False)]
    assert not paths.list_warned.exists()


def test_what_is_renewed_is_written_down_and_nobody_is_asked_to_act(paths: HqPaths, store: Database) -> None:
    assert mind(paths, store, now() + 31 * DAY) == []
    with store.reading() as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
        assert (entry.act, entry.detail) == ("certificates_renewed", {"papers": ["list"]})


def test_headquarters_without_an_authority_has_nothing_that_ends(tmp_path: Path, store: Database) -> None:
    assert mind(HqPaths(tmp_path), store, now()) == []
