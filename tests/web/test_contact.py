"""An office's site says when headquarters is away, goes on without it, and leads there for evaluating."""

import re
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from supervision.actor import Role
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import OutboxHead
from supervision.exchange.service import open_outbox
from supervision.people.sign_ins import note_confirmed
from supervision.settings import Mode, Settings
from tests.calls.samples import make_town
from tests.factories import QUICK
from tests.web.conftest import People

AWAY = "Headquarters has not been reached"


@pytest.fixture
def settings(settings: Settings, mode: Mode) -> Settings:
    """A node with a headquarters."""
    hq = {"hq_url": "https://hq:8443", "hq_site_url": "https://hq.example/"}
    return settings.model_copy(update=hq if mode is Mode.OFFICE else {})


@pytest.fixture(autouse=True)
def _copied_people(database: Database) -> None:
    """The node has its people from there."""
    with database.transaction() as session:
        note_confirmed(session, "07", "e" * 64, now())


def reached(database: Database, at: datetime | None) -> None:
    with database.transaction() as session:
        open_outbox(session, "07")
        session.execute(update(OutboxHead).values(reached_at=at))


def main_part(text: str) -> str:
    found = re.search(r"<main.*</main>", text, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("role", [Role.OFFICE_LEADER, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR])
def test_every_page_says_that_headquarters_is_away_and_since_when(people: People, role: Role) -> None:
    page = {Role.OFFICE_LEADER: "/calls/", Role.SYSTEM_ADMINISTRATOR: "/incidents/", Role.AUDITOR: "/audit/"}[role]
    browser = people.enters(role)
    browser.post("/account/language", {"language": "en"})
    reached(people.database, None)
    assert f"{AWAY} yet" in main_part(browser.get(page).text)
    reached(people.database, datetime(2026, 11, 24, 1, 2, 3, tzinfo=now().tzinfo))
    assert f"{AWAY} since 2026-11-24 09:02:03" in main_part(browser.get(page).text)
    reached(people.database, now() - timedelta(seconds=30))
    assert AWAY not in browser.get(page).text


def test_who_is_not_signed_in_does_not_see_it(people: People) -> None:
    reached(people.database, None)
    assert AWAY not in people.stranger().get("/account/sign-in", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("mode", [Mode.HQ])
def test_headquarters_site_says_nothing_of_itself(people: People) -> None:
    browser = people.enters(Role.SUPERVISOR)
    browser.post("/account/language", {"language": "en"})
    assert AWAY not in browser.get("/calls/").text


def test_a_call_leads_to_itself_at_headquarters_where_it_is_evaluated(people: People) -> None:
    with people.database.transaction() as session:
        town = make_town(session)
        town.people["leader"].password_hash = QUICK
        call_id = town.call().id
    browser = people.admits(town.people["leader"])
    browser.post("/account/language", {"language": "en"})
    there = f'href="https://hq.example/calls/{call_id}"'
    reached(people.database, now())
    assert there in browser.get(f"/calls/{call_id}").text
    reached(people.database, None)
    page = browser.get(f"/calls/{call_id}").text
    assert there not in page
    assert "Calls are evaluated at headquarters, which cannot be reached at the moment." in page


@pytest.mark.parametrize("address", ["javascript:alert(1)", "hq.example", "https://hq.example/ x"])
def test_headquarters_site_is_an_address_or_none(settings: Settings, address: str) -> None:
    with pytest.raises(ValidationError):
        Settings(home=settings.home, hq_site_url=address)
