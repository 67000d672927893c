"""A real disk that is full: sealing is tried again and keeps all, the store waits, and both go on with room."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import ExceptionContext, event, select
from structlog.testing import capture_logs

from ari_app.store_writer import StoreWriter
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.recordings.models import RecordingState
from supervision.recordings.rules import back_off_s
from supervision.recordings.tasks import seal_next
from tests import small_disk
from tests.recordings.factories import APart, Node, talk
from tests.small_disk import MB, SmallDisk

pytestmark = pytest.mark.skipif(bool(small_disk.missing()), reason=small_disk.missing() or "-")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path, "disk", 8 * MB) as disk:
        yield disk


def test_sealing_on_a_full_disk_is_an_incident_and_is_done_once_there_is_room(
    small: Node, disk: SmallDisk
) -> None:
    small.paths.archive.symlink_to(disk.folder)
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    spooled = {path.name: path.read_bytes() for path in small.paths.spool.iterdir()}
    disk.fill()
    assert seal_next(small.worker)
    assert small.recording(call_id).state is RecordingState.FINAL
    ((cause, _, detail),) = small.incidents()
    assert cause == Cause.SEALING_FAILED
    assert "No space left" in detail["error"]
    assert {path.name: path.read_bytes() for path in small.paths.spool.iterdir()} == spooled
    disk.relieve()
    small.pass_s(back_off_s(1) + 1)
    assert seal_next(small.worker)
    assert small.recording(call_id).state is RecordingState.READY
    assert small.causes() == []


@contextmanager
def reporting_refusals(database: Database) -> Iterator[asyncio.Event]:
    """What is set once the database refuses something. Begun before anything writes: threads read the list."""
    refused, loop = asyncio.Event(), asyncio.get_running_loop()

    def note(_context: ExceptionContext) -> None:
        loop.call_soon_threadsafe(refused.set)

    event.listen(database.engine, "handle_error", note)
    try:
        yield refused
    finally:
        event.remove(database.engine, "handle_error", note)


def test_a_store_on_a_full_disk_holds_up_the_writer_only_until_there_is_room(
    disk: SmallDisk, migrated_sqlite: Path
) -> None:
    file = disk.folder / "office.db"
    shutil.copy(migrated_sqlite, file)
    database = Database(f"sqlite:///{file}")
    writer = StoreWriter(database, "01", {})

    async def write_when_full() -> None:
        with reporting_refusals(database) as refused:
            await writer.incident(Cause.CONTROL_LOST, "before")
            disk.fill()
            writing = [
                asyncio.create_task(writer.incident(Cause.CONTROL_LOST, "x" * 70 + str(n))) for n in range(8)
            ]
            async with asyncio.timeout(30):
                await refused.wait()
                assert not all(task.done() for task in writing), "the disk is full"
                disk.relieve()
                await asyncio.gather(*writing)

    asyncio.run(write_when_full())
    with database.reading() as session:
        rows = session.scalars(select(Incident)).all()
        assert len(rows) == 9
        assert all(now() - row.first_seen_at < timedelta(minutes=1) for row in rows)
    database.close()
