"""A run is due each minute and whenever somebody asks; one worker takes it, and what the disk hides is named."""

import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from supervision.actor import Role
from supervision.audit.models import AuditEntry
from supervision.calls.models import SwitchRecordRow, SwitchRecordSource
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.reconcile import queries, service, tasks
from supervision.reconcile.models import Reconciler
from supervision.recordings.models import Part
from supervision.settings import Mode, Settings
from supervision.task import Worker
from tests.calls.samples import actor_of
from tests.factories import make_account
from tests.reconcile.world import AT, World, seconds


@pytest.fixture(params=list(Mode))
def world(request: pytest.FixtureRequest, store: Database, tmp_path: Path) -> World:
    """Headquarters, and a node; on SQLite and on PostgreSQL."""
    return World(store, tmp_path / "home", request.param)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens between the two looks at a file: there is nothing to wait for."""
    monkeypatch.setattr(tasks, "PASSES_WITHIN_S", 0.0)


def run_due(world: World, at: datetime) -> bool:
    settings = Settings(home=world.home, mode=world.mode, database_url=world.database.url)
    return tasks.compare_witnesses(Worker(settings, world.database, lambda: at))


def reconciler(world: World) -> Reconciler:
    with world.database.reading() as session:
        row = service.last_run(session)
        assert row is not None
        return row


def test_a_run_is_due_each_minute_and_says_what_it_came_to(world: World) -> None:
    hit, _ = world.calls(2)
    world.sealed(hit).unlink()
    assert run_due(world, AT)
    row = reconciler(world)
    assert (row.started_at, row.finished_at, row.claimed_until) == (AT, AT, None)
    assert (row.calls, row.disagreements, row.opened, row.healed, row.unread) == (2, 1, 1, 0, 0)
    assert not run_due(world, AT + seconds(59))
    assert run_due(world, AT + seconds(60))
    assert (reconciler(world).disagreements, reconciler(world).opened) == (1, 0)


def test_a_run_that_fails_is_given_back_for_the_next_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("the database went away")

    world.calls(1)
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "look_twice", fails)
        with pytest.raises(OSError, match="went away"):
            run_due(world, AT)
    assert run_due(world, AT + seconds(60))


def test_a_file_that_is_put_away_just_then_is_not_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put_away, lost = world.calls(2)
    for call_id in (put_away, lost):
        world.part(call_id).unlink()

    def written_down_meanwhile(_seconds: float) -> None:
        with world.database.transaction() as session:
            session.execute(update(Part).where(Part.call_id == put_away).values(put_away_at=AT))

    monkeypatch.setattr("supervision.reconcile.tasks.time.sleep", written_down_meanwhile)
    assert run_due(world, AT)
    assert world.open() == [(Cause.FILE_MISSING.value, f"{lost}.a1.raw")]
    assert reconciler(world).disagreements == 1


def test_who_asks_has_it_at_once_and_it_is_written_down_who_asked(world: World) -> None:
    assert run_due(world, AT)
    with world.database.transaction() as session:
        service.ask_for_run(session, actor_of(make_account(session, Role.SUPERVISOR)), AT + seconds(5))
    assert run_due(world, AT + seconds(6))
    assert not run_due(world, AT + seconds(7))
    with world.database.reading() as session:
        assert "comparison_asked" in session.scalars(select(AuditEntry.act)).all()


def test_a_clock_that_was_set_back_holds_up_no_run(world: World) -> None:
    assert run_due(world, AT)
    assert run_due(world, AT - timedelta(days=1))


def test_a_run_has_one_worker_until_its_lease_is_over(world: World) -> None:
    with world.database.transaction() as session:
        assert service.claim_run(session, AT)
        assert not service.claim_run(session, AT + seconds(61))
        assert service.claim_run(session, AT + service.LEASE)


def test_files_that_the_disk_does_not_say_anything_of_are_one_incident_of_their_folder(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = world.calls(3)
    world.sealed(ids[0]).unlink()
    assert run_due(world, AT)
    missing = [(Cause.FILE_MISSING.value, f"{ids[0]}.flac")]
    assert world.open() == missing
    folder = world.sealed(ids[0]).parent
    _forbid(monkeypatch, folder)
    assert run_due(world, AT + seconds(60))
    unread = (Cause.DISK_FAULT.value, f"files:{folder.relative_to(world.home)}")
    assert world.open() == [unread, *missing], "what cannot be looked at is neither new nor over"
    assert reconciler(world).unread == 3
    with world.database.reading() as session:
        fault = session.scalars(select(Incident).where(Incident.cause == Cause.DISK_FAULT)).one()
        assert fault.detail == {"error": "OSError: Input/output error", "files": 3}
    monkeypatch.undo()
    assert run_due(world, AT + seconds(120))
    assert world.open() == missing


def _forbid(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The disk answers with EIO for whatever lies in a folder, and for the folder."""
    stat, scandir = Path.stat, os.scandir

    def no_stat(path: Path, **more: Any) -> os.stat_result:
        if folder in (path, *path.parents):
            raise OSError(5, "Input/output error", str(path))
        return stat(path, **more)

    def no_scandir(path: Any) -> Any:
        if Path(path) == folder:
            raise OSError(5, "Input/output error", str(path))
        return scandir(path)

    monkeypatch.setattr(Path, "stat", no_stat)
    monkeypatch.setattr(os, "scandir", no_scandir)


def invent_calls(world: World, office_code: str, number: int) -> None:
    """Switch records of calls that nobody else knows of, as whoever has an office's key can send without end."""
    with world.database.transaction() as session:
        for n in range(number):
            session.add(
                SwitchRecordRow(
                    call_id=uuid.uuid4(),
                    office_code=office_code,
                    linkedid="1",
                    offered_at=AT - timedelta(hours=2, seconds=n),
                    ended_at=AT - timedelta(hours=1),
                    mixmonitor_started=False,
                    source=SwitchRecordSource.CEL,
                )
            )


def test_calls_that_one_office_invents_hide_nothing_of_another_and_are_no_work_without_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_NEW", 4)
    monkeypatch.setattr(service, "FEWEST_NEW", 1)
    monkeypatch.setattr(queries, "MOST_OF_OFFICE", 5, raising=False)
    invent_calls(world, "3102", 40)
    invent_calls(world, "3103", 1)
    assert run_due(world, AT)
    row = reconciler(world)
    assert row.calls == 6, "of each office no more than it can have"
    with world.database.reading() as session:
        named = session.scalars(select(Incident.office_code).where(Incident.cause == Cause.RECORD_MISSING)).all()
    assert sorted(named) == ["3102", "3102", "3103"]
    run_due(world, AT + seconds(60))
    with world.database.reading() as session:
        named = session.scalars(select(Incident.office_code).where(Incident.cause == Cause.RECORD_MISSING)).all()
    assert sorted(named) == ["3102"] * 4 + ["3103"]
