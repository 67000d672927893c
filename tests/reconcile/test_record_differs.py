"""A record that says otherwise than Asterisk's own log is named, on whichever side it was changed, and heals."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from supervision.calls.models import Call, SwitchRecordRow
from supervision.calls.rules import Disposition, Party
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.settings import Mode
from tests.reconcile.world import AT, World, seconds

HERE: list[tuple[Any, dict[str, Any]]] = [
    # As a fragment would: the caller gave up.
    (Call, {"disposition": Disposition.ABANDONED, "answered_desk": None, "answered_at": None}),
    (Call, {"answered_desk": "802"}),
    (Call, {"hung_up_by": Party.OFFICER}),
    (Call, {"rings": 4}),
    (SwitchRecordRow, {"answered_desk": "802"}),
    (SwitchRecordRow, {"disposition": Disposition.MISSED}),
    (SwitchRecordRow, {"hung_up_by": Party.SYSTEM}),
    (SwitchRecordRow, {"rings_least": 4, "rings_most": 5}),
]


@pytest.fixture(params=list(Mode))
def world(request: pytest.FixtureRequest, store: Database, tmp_path: Path) -> World:
    """Headquarters, and a node; on SQLite and on PostgreSQL."""
    return World(store, tmp_path / "home", request.param)


@pytest.mark.parametrize(("table", "changed"), HERE)
def test_a_change_of_a_record_or_of_an_account_is_named_and_heals_when_it_is_undone(
    world: World, table: Any, changed: dict[str, Any]
) -> None:
    _, hit, _ = world.calls(3)
    key = table.id if table is Call else table.call_id

    def change(values: dict[str, Any]) -> None:
        with world.database.transaction() as session:
            session.execute(update(table).where(key == hit).values(values))

    with world.database.reading() as session:
        row = session.get_one(table, hit)
        before = {name: getattr(row, name) for name in changed}
    assert world.run().disagreements == 0, world.details()
    change(changed)
    assert world.run(AT + seconds(60)).opened == 1
    assert world.open() == [(Cause.RECORD_DIFFERS.value, str(hit))]
    change(before)
    assert world.run(AT + seconds(120)).healed == 1
    assert world.open() == []
