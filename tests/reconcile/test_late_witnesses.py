"""A witness who speaks late and agrees takes back what was said without him."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import make_transient

from supervision.calls.models import SwitchRecordRow
from supervision.database import Database
from supervision.recordings.models import OfficeCopy, Part, Recording
from supervision.settings import Mode
from tests.reconcile.test_service import Deed, a_day_off, never_record, remove_account
from tests.reconcile.world import AT, PCM, World, seconds


@pytest.fixture(params=list(Mode))
def world(request: pytest.FixtureRequest, store: Database, tmp_path: Path) -> World:
    """Headquarters, and a node; on SQLite and on PostgreSQL."""
    return World(store, tmp_path / "home", request.param)


@pytest.mark.parametrize("deed", [remove_account, never_record, a_day_off])
def test_a_witness_who_speaks_late_and_agrees_heals_what_was_said_without_him(world: World, deed: Deed) -> None:
    hit, other = world.calls(2)
    kept = rows_of(world, hit)
    deed(world, hit)
    world.run()
    ((cause, _),) = world.open()
    put_back(world, hit, kept)
    assert world.run(AT + seconds(60)).healed == 1, cause
    assert world.open() == []
    deed(world, hit)
    world.run(AT + seconds(120))
    assert world.open() == [(cause, str(hit))], "nobody has settled it"
    assert other


def rows_of(world: World, call_id: uuid.UUID) -> list[Any]:
    """What is in the store of a call."""
    with world.database.reading() as session:
        tables = (Recording, Part, SwitchRecordRow, OfficeCopy)
        found = [row for table in tables for row in session.scalars(select(table).where(table.call_id == call_id))]
        session.expunge_all()
    return found


def put_back(world: World, call_id: uuid.UUID, kept: list[Any]) -> None:
    """The same once more, with its files."""
    with world.database.transaction() as session:
        for table in (Part, SwitchRecordRow, OfficeCopy, Recording):
            session.execute(delete(table).where(table.call_id == call_id))
        for row in kept:
            make_transient(row)
            session.add(row)
            session.flush()
    for path, content in ((world.part(call_id), PCM), (world.sealed(call_id), b"fLaC")):
        path.write_bytes(content)
