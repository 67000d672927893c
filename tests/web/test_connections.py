"""Each page does with one connection at a time: who waits for a second may wait for others that do the same."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from supervision.actor import Role
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.people.sign_ins import note_confirmed
from supervision.settings import Mode, Settings
from tests.web.conftest import People
from tests.web.test_recordings import Scene

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


class Connections:
    """How many connections are held at once."""

    def __init__(self, database: Database) -> None:
        self.held, self.most = 0, 0
        event.listen(database.engine, "checkout", self._taken)
        event.listen(database.engine, "checkin", self._given_back)

    def of(self, answer: Callable[[], TestResponse]) -> tuple[int, int, int]:
        """Its status, how many connections are left over after it, and how many were held at once meanwhile."""
        self.most = 0
        given = answer()
        given.get_data()
        return given.status_code, self.held, self.most

    def _taken(self, *_: Any) -> None:
        self.held += 1
        self.most = max(self.most, self.held)

    def _given_back(self, *_: Any) -> None:
        self.held -= 1


def test_no_page_opens_a_second_connection_for_its_menu(people: People, database: Database, mode: Mode) -> None:
    browser = people.enters(Role.SYSTEM_ADMINISTRATOR if mode is Mode.HQ else Role.OFFICE_LEADER)
    browser.get("/")  # a node asks for its own name once
    connections = Connections(database)
    for page in PAGES:
        assert (page, *connections.of(lambda page=page: browser.get(page))[1:]) == (page, 0, 1)  # type: ignore[misc]


def test_many_who_ask_for_audio_exports_or_what_was_overtaken_at_once_do_not_wait_for_each_other(
    people: People, settings: Settings, database: Database, mode: Mode
) -> None:
    scene = Scene(people, settings)
    with database.transaction() as session:
        incident = open_incident(
            session, office_code="01", cause=Cause.NO_BYTES, subject="x", at=now(), call_id=scene.call.id
        )
    leader = scene.enters()
    leader.get("/")
    connections = Connections(database)
    day = f"{scene.call.offered_at:%Y-%m-%d}"
    asked = [f"{scene.path}/{what}" for what in ("audio", "download", "peaks")]
    asked += ["/calls/export"]
    asked += [f"/completeness/hashes.txt?from={day}&to={day}"] if mode is Mode.HQ else []
    for page in asked:
        assert (page, *connections.of(lambda page=page: leader.get(page, buffered=True))) == (page, 200, 0, 1)  # type: ignore[misc]
    stale = {"note": "x", "version": "99"}
    assert connections.of(lambda: leader.post(f"/incidents/{incident.id}", stale)) == (409, 0, 1)
