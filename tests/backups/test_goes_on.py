"""After headquarters was lost and restored, offices go on: no fact and no byte is lost, none is there twice."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.headquarters import LoopbackHeadquarters
from demo.processes import Process
from supervision.backups.encryption import new_identity, read_identities
from supervision.backups.making import make_backup
from supervision.backups.place import Place
from supervision.backups.reading import Source
from supervision.backups.restoring import restore
from supervision.backups.sending import sender_of
from supervision.incidents.rules import Cause
from supervision.settings import Settings
from tests.torture.run import SETTINGS, Run, dice_of, running

pytestmark = pytest.mark.thorough


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short one: sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="back.") as made:
        yield Path(made)


@pytest.mark.enable_socket
@pytest.mark.postgres
def test_offices_go_on_with_a_restored_headquarters(folder: Path, own_postgres: Callable[[], str]) -> None:
    private, public = new_identity()
    identity = folder / "identity.txt"
    identity.write_text(private, "ascii")
    first, second = ({**SETTINGS, "SUPERVISION_DATABASE_URL": own_postgres()} for _ in range(2))
    backed_up = {"backup_url": f"file://{folder / 'second'}", "backup_recipient": public}
    lost = LoopbackHeadquarters(folder / "hq", first)
    with lost, running(lost, folder / "node", dice_of(44)) as run:
        run.live(0.5)
        run.finish(60)
        settings = Settings(**{**lost.settings.model_dump(), **backed_up})
        with sender_of(settings, "hq") as send:
            made = make_backup(settings, lost.database, send)
        run.live(0.5)
        run.finish(60)
        since = run.office.calls
        lost.stop()
        shutil.rmtree(lost.home)
        anew = settings.model_copy(
            update={"home": folder / "new", "database_url": second["SUPERVISION_DATABASE_URL"]}
        )
        report = restore(anew, Source(Place(anew.backup_url, "hq"), "hq"), read_identities(identity))
        assert (report.faults, report.number) == ([], made.number)
        assert report.recordings < since
        with LoopbackHeadquarters(folder / "new", second) as there:
            _turn_to(run, there)
            run.live(0.5)
            run.finish(90)
            run.expect_the_same(maybe=(Cause.NOT_RECEIVED, Cause.SEQUENCE_SKIPPED))


def _turn_to(run: Run, hq: LoopbackHeadquarters) -> None:
    """The office finds headquarters at another address, as by DNS."""
    office = run.office
    office.uplink.stop()
    environment = {
        "SUPERVISION_HOME": str(office.paths.home),
        "SUPERVISION_HQ_URL": hq.url,
        "PYTHONUNBUFFERED": "1",
    }
    office.uplink = Process(["ari_app.uplink"], environment, office.paths.home / "uplink.log")
    office.uplink.start()
    run.hq = hq
