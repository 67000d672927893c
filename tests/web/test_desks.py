"""Who sits where: kept by the leader for his office, read by those who supervise, changed where it is owned."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from supervision.actor import Role
from supervision.clock import local, now
from supervision.database import Database
from supervision.offices.seating import timeline_of
from supervision.people.sign_ins import note_confirmed
from supervision.settings import Mode, Settings
from tests.calls.samples import Town, make_town
from tests.factories import QUICK
from tests.web.conftest import Browser, People, leads_to


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with database.transaction() as session:
        town = make_town(session)
        for person in town.people.values():
            person.password_hash = QUICK
    yield town


def leader(people: People, town: Town) -> Browser:
    browser = people.admits(town.people["leader"])
    browser.post("/account/language", {"language": "en"})
    return browser


def page_of(town: Town) -> str:
    return f"/desks/{town.desks['01/801'].id}"


def sitting(database: Database, town: Town) -> list[object]:
    with database.reading() as session:
        return [one.account_id for one in timeline_of(session, town.desks["01/801"].id)]


def test_a_leader_puts_the_next_person_at_a_desk(people: People, town: Town, database: Database) -> None:
    browser, path = leader(people, town), page_of(town)
    before = sitting(database, town)
    wanted = {"person": str(town.people["leader"].id), "version": "1"}
    assert leads_to(browser.post(path, wanted)) == path
    assert sitting(database, town) == [*before, town.people["leader"].id]
    answer = browser.post(path, wanted)
    assert answer.status_code == 409, "of two, the second is refused"
    assert "Somebody else changed this meanwhile" in answer.text
    answer = browser.post(path, wanted | {"version": "2"})
    assert (answer.status_code, "nothing was changed" in answer.text) == (409, True)


def test_what_was_typed_stays_in_the_form_with_what_is_wrong_with_it(people: People, town: Town) -> None:
    browser = leader(people, town)
    since = f"{local(now()) - timedelta(days=2):%Y-%m-%dT%H:%M}"
    wanted = {"person": "nobody", "version": "1", "since": since, "until": "2020-01-01T00:00"}
    answer = browser.post(page_of(town), wanted)
    assert answer.status_code == 422
    assert since in answer.text
    assert "The end must lie after the beginning." in answer.text
    answer = browser.post(page_of(town), wanted | {"until": ""})
    assert "Give the reason." in answer.text
    assert leads_to(browser.post(page_of(town), wanted | {"until": "", "reason": "病假"})) == page_of(town)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"person": "somebody"}, 422),
        ({"person": "nobody", "since": "yesterday"}, 422),
        ({"person": "nobody", "since": "2026-03-31T08:30+08:00"}, 422),
        ({"person": "nobody", "version": "x"}, 422),
        ({"person": "00000000-0000-0000-0000-000000000007", "version": "1"}, 422),
    ],
)
def test_nonsense_is_reported_as_such(people: People, town: Town, form: dict[str, str], status: int) -> None:
    assert leader(people, town).post(page_of(town), form).status_code == status


def test_the_list_says_who_sits_where_and_a_leader_sees_his_own_office_only(people: People, town: Town) -> None:
    text = leader(people, town).get("/desks/").text
    assert town.people["zhang"].name in text
    assert str(town.desks["01/801"].id) in text
    assert all(str(desk.id) not in text for name, desk in town.desks.items() if name.startswith("02"))


def test_a_machine_without_desks_says_so(people: People) -> None:
    browser = people.enters(Role.SECURITY_ADMINISTRATOR)
    browser.post("/account/language", {"language": "en"})
    assert "No desks yet" in browser.get("/desks/").text


class TestOnANode:
    """On an office's node with a headquarters."""

    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.OFFICE

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        hq = {"hq_url": "https://hq:8443", "hq_site_url": "https://hq.example"}
        return settings.model_copy(update=hq)

    def test_nobody_signs_in_before_the_first_copy_and_it_says_why(self, people: People, town: Town) -> None:
        stranger = people.stranger()
        stranger.post("/account/language", {"language": "en"})
        assert "has not received its accounts from headquarters" in stranger.get("/account/sign-in").text
        answer = stranger.sign_in("leader")
        assert answer.status_code == 422
        assert "has not received its accounts from headquarters" in answer.text

    def test_with_a_copy_of_eight_days_ago_nobody_signs_in_and_open_sessions_have_ended(
        self, people: People, town: Town, database: Database
    ) -> None:
        with database.transaction() as session:
            note_confirmed(session, "01", "e" * 64, now())
        browser = leader(people, town)
        assert browser.get("/calls/").status_code == 200
        with database.transaction() as session:
            note_confirmed(session, "01", "e" * 64, now() - timedelta(days=8))
        assert leads_to(browser.get("/calls/")).startswith("/account/sign-in")
        stranger = people.stranger()
        stranger.post("/account/language", {"language": "en"})
        answer = stranger.get("/account/sign-in")
        assert "not been reached for seven days" in answer.text

    def test_accounts_passwords_and_desks_are_for_reading_and_say_where_they_are_made(
        self, people: People, town: Town, database: Database
    ) -> None:
        with database.transaction() as session:
            note_confirmed(session, "01", "e" * 64, now())
        browser = leader(people, town)
        zhang = town.people["zhang"].id
        for path in ("/accounts/", f"/accounts/{zhang}"):
            text = browser.get(path).text
            assert "Accounts are made and changed at headquarters" in text
            assert "/accounts/new" not in text
            assert f'action="/accounts/{zhang}' not in text
        for path in ("/desks/", page_of(town)):
            assert "Who sits where is said at headquarters" in browser.get(path).text
        text = browser.get("/account/password").text
        assert "Passwords are changed at headquarters only." in text
        assert 'href="https://hq.example/account/password"' in text
        assert 'type="password"' not in text
        for path, form in (
            ("/account/password", {"current": "x", "password": "y", "again": "y"}),
            (page_of(town), {"person": "nobody", "version": "1"}),
        ):
            answer = browser.post(path, form)
            assert answer.status_code == 409
            assert "changed at headquarters only" in answer.text

    def test_not_even_a_security_administrator_makes_accounts_there(
        self, people: People, town: Town, database: Database
    ) -> None:
        with database.transaction() as session:
            note_confirmed(session, "01", "e" * 64, now())
        browser = people.enters(Role.SECURITY_ADMINISTRATOR)
        assert browser.get("/accounts/new").status_code == 409
        zhang = town.people["zhang"].id
        for path in ("/accounts/new", f"/accounts/{zhang}", f"/accounts/{zhang}/password"):
            assert browser.post(path, {"name": "x", "version": "1"}).status_code == 409


def test_a_leader_sees_his_own_people_and_changes_nobody(people: People, town: Town) -> None:
    browser = leader(people, town)
    text = browser.get("/accounts/").text
    assert town.people["zhang"].name in text
    assert town.people["supervisor"].name not in text
    shown = browser.get(f"/accounts/{town.people['zhang'].id}").text
    assert '<form class="card form"' not in shown
    assert browser.get(f"/accounts/{town.people['supervisor'].id}").status_code == 404
