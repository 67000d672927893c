"""Headquarters' site: the offices page, the records of all offices or of one, and the name at its head."""

import re
import uuid
from collections.abc import Iterator

import pytest

from supervision.actor import Role
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.offices.models import Office
from supervision.paging import PAGE_SIZE
from supervision.settings import Mode
from tests.calls.samples import NOON, Town, make_town, seconds
from tests.factories import QUICK
from tests.web.conftest import Browser, People

NAMES = ("城关税务所", "东山税务所")


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with database.transaction() as session:
        town = make_town(session)
        for person in town.people.values():
            person.password_hash = QUICK
        session.add(Inbox(office_code="01", epoch=uuid.uuid4(), n=1234567, heard_at=now()))
        session.add(Inbox(office_code="02", epoch=uuid.uuid4(), n=9, heard_at=now() - seconds(600)))
        for office, line, received in (("01", "main", True), ("02", "east", False)):
            call = town.call(office_code=office, line_key=line)
            incident = open_incident(
                session, office_code=office, cause=Cause.NO_BYTES, subject=str(call.id), at=NOON, call_id=call.id
            )
            incident.received = received
    yield town


@pytest.fixture
def supervisor(people: People, town: Town) -> Browser:
    return people.admits(town.people["supervisor"])


def rows(page: str) -> list[str]:
    """The rows of a page's table."""
    return re.findall(r"<tr>.*?</tr>", page.split("<tbody>")[1], re.S) if "<tbody>" in page else []


def offices_in(browser: Browser, path: str) -> set[str]:
    """The offices that the rows of a page name."""
    return {name for name in NAMES for row in rows(browser.get(path).text) if name in row}


def test_the_offices_page_shows_who_speaks_and_what_came(supervisor: Browser) -> None:
    page = supervisor.get("/offices/").text
    speaking, silent = rows(page)
    assert "1,234,567" in speaking
    assert 'href="/calls/?office=01"' in speaking
    assert "失联" not in speaking
    assert "失联" in silent
    assert "共 2 个税务所，其中 1 个失联超过一分钟" in page


def test_the_offices_page_is_filtered_and_nonsense_is_refused(supervisor: Browser) -> None:
    assert offices_in(supervisor, "/offices/?state=silent") == {"东山税务所"}
    assert offices_in(supervisor, "/offices/?text=城关") == {"城关税务所"}
    assert "没有符合条件的税务所" in supervisor.get("/offices/?text=西").text
    assert supervisor.get("/offices/?state=asleep").status_code == 422


def test_the_offices_page_leads_on_with_its_filter_kept(supervisor: Browser, database: Database) -> None:
    with database.transaction() as session:
        session.add_all(Office(code=f"{n}", name="分所") for n in range(3000, 3000 + PAGE_SIZE + 1))
    page = supervisor.get("/offices/?text=分所").text
    turned = re.search(r'href="(/offices/\?[^"]*after=[^"]*)"', page)
    assert turned
    assert len(rows(supervisor.get(turned[1].replace("&amp;", "&")).text)) == 1


def test_who_may_see_no_calls_finds_no_way_to_them_on_the_offices_page(people: People, town: Town) -> None:
    page = people.enters(Role.BUREAU_LEADER).get("/offices/").text
    assert len(rows(page)) == 2
    assert "/calls/" not in page
    assert "/live/" not in page


@pytest.mark.parametrize("path", ["/calls/", "/incidents/"])
def test_a_list_names_each_records_office_and_can_be_narrowed_to_one(supervisor: Browser, path: str) -> None:
    assert offices_in(supervisor, path) == set(NAMES)
    assert offices_in(supervisor, f"{path}?office=02") == {"东山税务所"}
    assert offices_in(supervisor, f"{path}?office=99") == set()


@pytest.mark.parametrize("path", ["/calls/", "/incidents/", "/live/"])
def test_who_belongs_to_an_office_stays_in_it_whatever_he_asks_for(people: People, town: Town, path: str) -> None:
    page = people.admits(town.people["leader"]).get(f"{path}?office=02").text
    assert "东山" not in page
    assert 'name="office"' not in page


def test_the_live_numbers_of_the_calls_page_keep_to_the_office_that_was_chosen(supervisor: Browser) -> None:
    assert 'data-url="/calls/live?office=02"' in supervisor.get("/calls/?office=02").text
    news = supervisor.get("/calls/live?office=02").get_json()
    assert news["texts"]["count"] == "共 1 通电话"


def test_desks_are_offered_within_one_office_only(supervisor: Browser) -> None:
    assert 'name="desk"' not in supervisor.get("/calls/").text
    page = supervisor.get("/calls/?office=01&desk=801").text
    assert "801 号席" in page
    assert len(rows(page)) == 1
    assert rows(supervisor.get("/calls/?office=01&desk=802").text) == []


def test_lines_of_all_offices_say_whose_they_are(supervisor: Browser) -> None:
    assert "东山税务所 · 东山咨询" in supervisor.get("/calls/").text
    assert "东山税务所 · 东山咨询" not in supervisor.get("/calls/?office=02").text


def test_incidents_are_distinguished_by_who_noticed_them(supervisor: Browser) -> None:
    assert offices_in(supervisor, "/incidents/?witness=office") == {"城关税务所"}
    assert offices_in(supervisor, "/incidents/?witness=headquarters") == {"东山税务所"}
    assert supervisor.get("/incidents/?witness=nobody").status_code == 422


def test_a_call_and_an_incident_say_whose_they_are(supervisor: Browser) -> None:
    for path in ("/calls/", "/incidents/"):
        row = next(row for row in rows(supervisor.get(path).text) if "东山税务所" in row)
        found = re.search(rf'href="({path}[0-9a-f-]+)"', row)
        assert found
        assert "东山税务所" in supervisor.get(found[1]).text


def test_the_head_of_each_page_says_that_this_is_headquarters(supervisor: Browser) -> None:
    assert '<small class="brand-place">监察科</small>' in supervisor.get("/calls/").text
    assert "· 监察科 ·" in supervisor.get("/calls/").text


@pytest.mark.parametrize("mode", [Mode.OFFICE], ids=str)
def test_a_node_shows_its_own_name_and_speaks_of_no_offices(people: People, database: Database) -> None:
    with database.transaction() as session:
        session.add(Office(code="01", name="城关税务所"))
    browser = people.enters(Role.OFFICE_LEADER)
    for path in ("/calls/", "/incidents/", "/live/"):
        page = browser.get(path).text
        assert '<small class="brand-place">城关税务所</small>' in page, path
        assert 'name="office"' not in page, path
    assert browser.get("/offices/").status_code == 404
