"""The machines page: each machine's disks and what it has still to send, at a node and at headquarters."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from supervision.actor import Role
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.machines.rules import Backlog, Volume
from supervision.machines.service import HEADQUARTERS, Limits, Seen, note_machine
from supervision.settings import Mode
from tests.calls.samples import make_town
from tests.web.conftest import Browser, People
from web.machines import wording

LIMITS = Limits((20, 10, 5), timedelta(minutes=15))
GB = 10**9


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def keeper(people: People, database: Database) -> Iterator[Browser]:
    """The system administrator, at headquarters with two offices, of which one is short of room."""
    with database.transaction() as session:
        make_town(session)
        at = now()
        late = Backlog(3, 17_300_000, at - timedelta(hours=2))
        note_machine(session, Seen(HEADQUARTERS, [Volume("home", 4000 * GB, 3000 * GB)]), LIMITS, at)
        disks = [Volume("home", 500 * GB, 400 * GB), Volume("spool", 100 * GB, 4 * GB)]
        note_machine(session, Seen("01", disks, late), LIMITS, at)
    yield people.enters(Role.SYSTEM_ADMINISTRATOR)


def test_each_machine_is_shown_with_its_disks_and_what_waits(keeper: Browser) -> None:
    page = keeper.get("/machines/").text
    disks = ("监察科", "城关税务所", "剩余 4.0 GB，共 100 GB", "剩余不足 5%")
    for words in (*disks, "3 个录音分段", "17.3 MB", "2 小时"):
        assert words in page, words


def test_an_office_that_has_sent_nothing_stands_there_as_silent(keeper: Browser) -> None:
    row = next(row for row in keeper.get("/machines/").text.split("<tr>") if "东山税务所" in row)
    assert "未上报" in row


def test_an_incident_of_headquarters_own_machine_is_named_as_its(keeper: Browser, database: Database) -> None:
    with database.transaction() as session:
        full = Volume("home", 4000 * GB, 10 * GB)
        note_machine(session, Seen(HEADQUARTERS, [full]), LIMITS, now())
        (incident,) = session.query(Incident).filter_by(office_code=HEADQUARTERS, cause=Cause.DISK_LOW)
    page = keeper.get(f"/incidents/{incident.id}").text
    assert "磁盘空间不足" in page
    assert "监察科" in page
    assert "监察科" in keeper.get("/incidents/?cause=disk_low&office=hq").text


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (17_300_000, "17.3 MB"),
        (999_999, "1.0 MB"),
        (4 * 10**15, "4,000 TB"),
    ],
)
def test_sizes_are_shown_in_the_unit_that_suits_them(number: int, shown: str) -> None:
    assert wording.size(number) == shown


@pytest.mark.parametrize("mode", [Mode.OFFICE])
def test_before_a_worker_has_looked_the_page_says_what_to_do(people: People, mode: Mode) -> None:
    page = people.enters(Role.SYSTEM_ADMINISTRATOR).get("/machines/").text
    assert "supervision.worker" in page
    assert mode is Mode.OFFICE
