"""The week of an office on the site: looked at by its people, edited by leader and section, held at the node."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from supervision.actor import Role
from supervision.clock import now, today
from supervision.database import Database
from supervision.people.sign_ins import note_confirmed
from supervision.rosters.messages import apply_roster, sent_roster
from supervision.rosters.queries import get_week
from supervision.rosters.rules import WEEK, monday_of
from supervision.rosters.week_rules import days_of
from supervision.settings import Mode, Settings
from supervision.workdays.queries import get_calendar
from tests.factories import QUICK
from tests.rosters.conftest import RosteredOffice, make_rostered
from tests.web.conftest import Browser, People, leads_to

MONDAY = monday_of(today()) + WEEK
MORNING = {"line": "main", "day": MONDAY.isoformat(), "starts": "08:30", "ends": "12:00"}


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def office(database: Database) -> Iterator[RosteredOffice]:
    with database.transaction() as session:
        office = make_rostered(session)
        for person in office.town.people.values():
            person.password_hash = QUICK
    yield office


@pytest.fixture
def leader(people: People, office: RosteredOffice) -> Browser:
    return english(people, office, "leader")


def english(people: People, office: RosteredOffice, login: str) -> Browser:
    browser = people.admits(office.town.people[login])
    browser.post("/account/language", {"language": "en"})
    return browser


def looked(database: Database) -> dict[str, str]:
    """What a form says of the week that it was made for."""
    with database.reading() as session:
        found = get_week(session, "01", MONDAY).looked
    return {
        "office": "01",
        "week": MONDAY.isoformat(),
        "edition": str(found.edition),
        "version": str(found.version),
    }


def page(browser: Browser) -> str:
    return browser.get(f"/rosters/?week={MONDAY}").text


def cell(text: str, line: str, day: str, starts: str) -> str:
    """What a cell shows."""
    found = re.search(rf'<td id="cell-{line}-{day}-{starts}-\d+".*?</td>', text, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def moves(browser: Browser, database: Database, office: RosteredOffice, login: str, **more: str) -> str:
    """Do what dragging a person does; what the next page says."""
    person = str(office.town.people[login].id)
    answer = browser.post("/rosters/post", {**looked(database), **MORNING, "person": person, **more})
    return browser.get(leads_to(answer)).text


def fill(browser: Browser, database: Database, office: RosteredOffice) -> None:
    """Every working hour of the week, by the form of each shift."""
    with database.reading() as session:
        worked = [day for day in days_of(MONDAY) if get_calendar(session).is_worked(day)]
    for day in worked:
        for line, login in (("main", "zhang"), ("invoice", "li")):
            for starts, ends in (("08:30", "12:00"), ("14:00", "17:30")):
                place = {"line": line, "day": day.isoformat(), "starts": starts, "ends": ends}
                people = {
                    "person-1": str(office.town.people[login].id),
                    "leader": str(office.town.people["leader"].id),
                }
                browser.post("/rosters/shift", {**looked(database), **place, **people})


def test_an_empty_week_says_what_to_do(leader: Browser) -> None:
    text = page(leader)
    assert "Nobody is rostered in this week" in text
    assert "Copy last week" in text


def test_a_person_is_put_in_moved_and_taken_out_as_the_mouse_and_the_keyboard_do(
    leader: Browser, database: Database, office: RosteredOffice
) -> None:
    text = moves(leader, database, office, "zhang", move="add")
    assert "张敏 801" in cell(text, "main", MONDAY.isoformat(), "0830"), "at his usual desk"
    text = moves(leader, database, office, "leader", move="add", **{"as": "leader"})
    assert re.search(r"Leader\s+陈所长\s+800", cell(text, "main", MONDAY.isoformat(), "0830"))
    to = {"to_line": "invoice", "to_day": MORNING["day"], "to_starts": "14:00", "to_ends": "17:30"}
    text = moves(leader, database, office, "zhang", move="move", **to)
    assert "张敏" in cell(text, "invoice", MONDAY.isoformat(), "1400")
    assert "张敏" not in cell(text, "main", MONDAY.isoformat(), "0830")


def test_a_whole_week_is_written_by_forms_and_put_in_force(
    leader: Browser, database: Database, office: RosteredOffice
) -> None:
    fill(leader, database, office)
    text = page(leader)
    assert "conflict" not in text
    assert "the draft; it does not hold yet" in text
    text = leader.get(leads_to(leader.post("/rosters/put", looked(database)))).text
    assert "The roster is in force" in text
    leader.post("/rosters/copy", {**looked(database), "week": (MONDAY + WEEK).isoformat(), "edition": "0"})


def test_a_hole_is_named_beside_its_cell_in_the_list_and_by_the_refusal(
    leader: Browser, database: Database, office: RosteredOffice
) -> None:
    fill(leader, database, office)
    leader.post("/rosters/shift/remove", {**looked(database), **MORNING})
    text = page(leader)
    assert "Nobody on duty" in cell(text, "main", MONDAY.isoformat(), "0830")
    assert f"综合咨询, {MONDAY}, 08:30–12:00: nobody is on duty." in text
    text = leader.get(leads_to(leader.post("/rosters/put", looked(database)))).text
    assert f"Nobody is on duty: 综合咨询 {MONDAY} 08:30–12:00" in text
    with database.reading() as session:
        assert get_week(session, "01", MONDAY).in_force is None


def test_of_two_who_edit_the_second_is_told(
    leader: Browser, people: People, database: Database, office: RosteredOffice
) -> None:
    section = english(people, office, "supervisor")
    stale = looked(database)
    moves(leader, database, office, "zhang", move="add")
    person = {"move": "add", "person": str(office.town.people["li"].id)}
    text = section.get(leads_to(section.post("/rosters/post", {**stale, **MORNING, **person}))).text
    assert "Somebody else changed this meanwhile" in text
    assert "李强 802" not in cell(text, "main", MONDAY.isoformat(), "0830")


def test_the_section_chooses_an_office_an_officer_looks_and_another_office_is_not_there(
    leader: Browser, people: People, office: RosteredOffice
) -> None:
    section = english(people, office, "supervisor")
    assert "城关税务所" in section.get("/rosters/").text
    assert "Roster of" in section.get("/rosters/?office=01").text
    officer = english(people, office, "zhang")
    assert officer.get("/rosters/").status_code == 200
    assert 'action="/rosters/' not in officer.get("/rosters/").text
    assert officer.post("/rosters/copy", {"office": "01"}).status_code == 403
    assert leader.get("/rosters/?office=02").status_code == 404
    assert leader.get("/rosters/arrangements?office=02").status_code == 404
    other = {"office": "02", "edition": "0", "version": "0", "week": MONDAY.isoformat()}
    for path in ("copy", "put", "discard", "hours", "leave"):
        times = {"morning_starts": "08:30", "morning_ends": "12:00", "first": MONDAY.isoformat(), "reason": "x"}
        person = {"person": str(office.town.people["wu"].id)}
        assert leader.post(f"/rosters/{path}", {**other, **times, **person}).status_code == 404


def test_hours_lines_leave_and_deputies_are_arranged(
    leader: Browser, database: Database, office: RosteredOffice
) -> None:
    def says(path: str, **form: str) -> str:
        return leader.get(leads_to(leader.post(f"/rosters/{path}", {"office": "01", **form}))).text

    people = office.town.people
    day = (today() + timedelta(days=3)).isoformat()
    assert "The working hours are set" in says("hours", version="1", morning_starts="09:00", morning_ends="12:00")
    ways = {"line": "main", "version": "0", "ring_order": "longest_idle", "closed": "voicemail"}
    assert "Choose which other office" in says("ways", **ways, overflow="other_office")
    assert "The line is set" in says("ways", **ways, overflow="other_office", overflow_office="02")
    text = says("leave", person=str(people["li"].id), first=day, reason="年休假")
    assert "年休假" in text
    text = says("deputies", leader=str(people["leader"].id), deputy=str(people["deputy"].id), first=day)
    assert "钱副所长 for 陈所长" in text
    for kind, gone in (("leave", "Nobody is on leave"), ("deputies", "No deputy is named")):
        found = re.search(rf"/rosters/({kind}/[0-9a-f-]+/withdraw)", text)
        assert found
        assert gone in says(found[1], reason="改期")


class TestAtTheNode:
    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.OFFICE

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"hq_url": "https://hq.example:8443"})

    def test_the_copy_is_shown_and_nothing_is_edited(
        self, people: People, database: Database, office: RosteredOffice
    ) -> None:
        with database.transaction() as session:
            sent = sent_roster(session, "01", now())
            apply_roster(session, "01", sent, now())
            note_confirmed(session, "01", "e" * 64, now())
        browser = people.admits(people.account(Role.OFFICE_LEADER))
        browser.post("/account/language", {"language": "en"})
        text = page(browser)
        assert "Rosters are written at headquarters" in text
        assert 'action="/rosters/' not in text
        refused = browser.post("/rosters/copy", looked(database))
        assert refused.status_code == 409
