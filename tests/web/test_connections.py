"""Each page does with one connection at a time: who waits for a second may wait for others that do the same."""

from typing import Any

import pytest
from sqlalchemy import event

from supervision.clock import now
from supervision.database import Database
from supervision.people.copies import note_confirmed
from supervision.people.rules import Role
from supervision.settings import Mode, Settings
from tests.web.conftest import People

PAGES = ("/", "/calls/", "/incidents/", "/draws/", "/machines/", "/account/sessions", "/calls/none")


@pytest.fixture(params=Mode)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Headquarters, whose menu shows the offices' sites, and a node, whose pages say whether that is there."""
    return Mode(request.param)


@pytest.fixture(autouse=True)
def _copied_people(database: Database) -> None:
    """The node has its people from there."""
    with database.transaction() as session:
        note_confirmed(session, "07", "e" * 64, now())


@pytest.fixture
def settings(settings: Settings, mode: Mode) -> Settings:
    """A node with a headquarters."""
    return settings if mode is Mode.HQ else settings.model_copy(update={"hq_url": "https://hq:8443"})


def test_no_page_opens_a_second_connection_for_its_menu(people: People, database: Database, mode: Mode) -> None:
    browser = people.enters(Role.SYSTEM_ADMINISTRATOR if mode is Mode.HQ else Role.OFFICE_LEADER)
    browser.get("/")  # a node asks for its own name once
    held, most = 0, 0

    def taken(*_: Any) -> None:
        nonlocal held, most
        held += 1
        most = max(most, held)

    def given_back(*_: Any) -> None:
        nonlocal held
        held -= 1

    event.listen(database.engine, "checkout", taken)
    event.listen(database.engine, "checkin", given_back)
    for page in PAGES:
        most = 0
        assert browser.get(page).status_code in {200, 303, 403, 404}
        assert (page, held, most) == (page, 0, 1)
