"""Machines are written down with their disks; too little room is one incident while it lasts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.database import Database
from supervision.exchange.models import OutboxEntry, OutboxHead
from supervision.exchange.rules import FactKind
from supervision.exchange.service import note_received, open_outbox, send_fact
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.machines import queries
from supervision.machines.messages import apply_machine
from supervision.machines.models import Machine
from supervision.machines.queries import list_machines
from supervision.machines.rules import Backlog, Volume
from supervision.machines.service import HEADQUARTERS, Limits, Seen, backlog_of, note_machine
from supervision.offices.models import Office
from supervision.received_times import Receipt

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def session(store: Database) -> Iterator[Session]:
    with store.transaction() as session:
        yield session


LIMITS = Limits((20, 10, 5), timedelta(minutes=15))


def look(session: Session, *free_percent: float, minutes: int = 0, code: str = "01", **more: bool) -> None:
    names = ("home", "spool")
    found = [
        Volume(name, 100_000, int(share * 1000), **more) for name, share in zip(names, free_percent, strict=False)
    ]
    note_machine(session, Seen(code, found), LIMITS, NOON + timedelta(minutes=minutes))


def open_ones(session: Session) -> Sequence[tuple[Cause, str]]:
    rows = session.scalars(select(Incident).where(Incident.healed_at.is_(None)).order_by(Incident.subject))
    return [(row.cause, row.subject) for row in rows]


def test_a_disk_that_fills_is_one_incident_at_each_level_and_heals_when_there_is_room(session: Session) -> None:
    look(session, 50)
    assert open_ones(session) == []
    look(session, 19, minutes=1)
    look(session, 18, minutes=2)
    assert open_ones(session) == [(Cause.DISK_LOW, "home:20")]
    look(session, 9, minutes=3)
    assert open_ones(session) == [(Cause.DISK_LOW, "home:10")]
    look(session, 0, minutes=4)
    assert open_ones(session) == [(Cause.DISK_LOW, "home:5")]
    look(session, 60, minutes=5)
    assert open_ones(session) == []
    assert len(session.scalars(select(Incident)).all()) == 3


def test_each_disk_is_watched_by_itself(session: Session) -> None:
    look(session, 50, 3)
    assert open_ones(session) == [(Cause.DISK_LOW, "spool:5")]


def test_a_disk_that_takes_nothing_any_more_is_a_fault(session: Session) -> None:
    look(session, 50, read_only=True)
    assert open_ones(session) == [(Cause.DISK_FAULT, "home")]
    look(session, 50, minutes=1)
    assert open_ones(session) == []


def test_what_has_waited_too_long_for_headquarters_is_an_incident_until_it_is_gone(session: Session) -> None:
    old = Backlog(3, 4_000_000, NOON - timedelta(hours=2))
    note_machine(session, Seen("01", backlog=old), LIMITS, NOON)
    assert open_ones(session) == [(Cause.BACKLOG_OLD, "unsent")]
    (incident,) = session.scalars(select(Incident))
    assert incident.detail == {"waited_s": 7200, "parts": 3, "bytes": 4_000_000}
    note_machine(session, Seen("01"), LIMITS, NOON)
    assert open_ones(session) == []


def test_headquarters_learns_how_a_node_stands(session: Session) -> None:
    open_outbox(session, "01")
    look(session, 50)
    look(session, 49, minutes=1)
    look(session, 4, minutes=2)
    facts = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.MACHINE)).all()
    assert len(facts) == 2, "at first, and when it changes"
    session.delete(session.get_one(Machine, "01"))
    session.flush()
    apply_machine(session, "01", facts[-1].body, Receipt(NOON))
    apply_machine(session, "01", facts[-1].body, Receipt(NOON))
    (row,) = list_machines(session, Scope(), NOON + timedelta(minutes=3))
    assert (row.level, row.silent, row.volumes[0].free_bytes) == (5, False, 4000)


def test_a_machine_reported_with_nonsense_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="volumes"):
        apply_machine(session, "01", {"seen_at": NOON.isoformat(), "volumes": [{"name": ""}]}, Receipt(NOON))


def test_the_backlog_counts_closed_parts_and_the_oldest_fact(session: Session) -> None:
    open_outbox(session, "01")
    assert backlog_of(session, "01") == Backlog()
    send_fact(session, "01", FactKind.OFFICE, {})
    (entry,) = session.scalars(select(OutboxEntry))
    assert backlog_of(session, "01") == Backlog(0, 0, entry.at)
    head = session.scalars(select(OutboxHead)).one()
    note_received(session, "01", head.epoch, 1)
    assert backlog_of(session, "01") == Backlog()


def test_headquarters_stands_first_and_an_office_that_sent_nothing_is_silent(session: Session) -> None:
    session.add_all([Office(code="02", name="东山税务所"), Office(code="01", name="城关税务所")])
    look(session, 50, code=HEADQUARTERS)
    look(session, 50, code="02")
    rows = list_machines(session, Scope(), NOON + timedelta(minutes=1))
    assert [(row.code, row.silent) for row in rows] == [("hq", False), ("01", True), ("02", False)]
    assert [row.code for row in list_machines(session, Scope("02"), NOON)] == ["02"]


def test_folders_on_one_file_system_are_one_disk(tmp_path: Path) -> None:
    (found,) = queries.volumes(queries.folders_of(tmp_path / "not" / "yet", headquarters=True))
    assert found.name == "home"
    assert 0 < found.free_bytes <= found.total_bytes
    assert not found.read_only
