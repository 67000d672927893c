"""The figures that Prometheus reads, and that the rules of alerts and the dashboard ask for nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from supervision.clock import now
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.machines.metrics import write_metrics
from supervision.machines.rules import Volume
from supervision.machines.service import Limits, Seen, note_machine

MONITORING = Path(__file__).parents[2] / "ansible" / "roles" / "monitoring" / "files"


@pytest.fixture
def session(store: Database) -> Iterator[Session]:
    with store.transaction() as session:
        yield session


def metrics(session: Session, folder: Path) -> str:
    file = folder / "supervision.prom"
    write_metrics(session, file, now())
    return file.read_text("utf-8")


def test_each_machines_disks_and_incidents_are_written(session: Session, tmp_path: Path) -> None:
    seen = Seen("hq", [Volume("home", total_bytes=1000, free_bytes=400)])
    note_machine(session, seen, Limits((5,), timedelta(hours=1)), now())
    open_incident(session, cause=Cause.CERTIFICATE_ENDS, subject="x", office_code="hq", at=now())
    text = metrics(session, tmp_path)
    assert 'supervision_disk_free_bytes{machine="hq",volume="home"} 400.0' in text
    assert 'supervision_incidents_open{cause="certificate_ends",machine="hq"} 1.0' in text
    assert re.search(r'^supervision_machine_seen_time_seconds{machine="hq"} 1\.\d+e\+09$', text, re.MULTILINE)


def test_rules_and_dashboard_ask_for_figures_that_there_are(session: Session, tmp_path: Path) -> None:
    known = set(re.findall(r"^# TYPE (supervision_\w+)", metrics(session, tmp_path), re.MULTILINE))
    rules = (MONITORING / "supervision.rules.yml").read_text("utf-8")
    dashboard = json.loads((MONITORING / "supervision.dashboard.json").read_text("utf-8"))
    shown = json.dumps([panel["targets"] for panel in dashboard["panels"]])
    for text in (rules, shown):
        assert set(re.findall(r"supervision_\w+", text)) <= known
    assert known <= set(re.findall(r"supervision_\w+", rules + shown)) | {"supervision_unsent_parts"}
