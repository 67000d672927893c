"""What another site has a signed-in person's browser send, and what only looks, leaves nothing in his name."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from supervision.actor import Role
from supervision.people.models import SignIn
from tests.web.conftest import Browser
from tests.web.furnished import Ids
from tests.web.test_every_route import VARIABLE, Offices, lets_in, mode, offices
from web.access import Declared, declared, does_leave_evidence

pytestmark = pytest.mark.thorough

__all__ = ["mode", "offices"]

WRITES = ("INSERT", "UPDATE", "DELETE")
ELSEWHERE = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "x"}]
WATCHED = ("auditor", "leader", "head")


@contextmanager
def written(engine: Engine) -> Iterator[list[str]]:
    """What was written to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def path_of(route: Declared, ids: Ids) -> str:
    """The address of a route about these records."""
    return VARIABLE.sub(lambda found: str(ids[found[1]]), route.rule)


def gets(offices: Offices) -> Iterator[tuple[Browser, Declared, str]]:
    """Every route to look at, with somebody whom it lets in, about records of his."""
    offices.town.people["auditor"] = offices.people.account(Role.AUDITOR)
    offices.town.people["head"] = offices.people.account(Role.SUPERVISION_HEAD)
    browsers = {login: offices.people.admits(offices.town.people[login]) for login in WATCHED}
    with offices.people.database.transaction() as session:  # so that the use of a session would be written down
        for row in session.query(SignIn):
            row.last_seen_at -= timedelta(minutes=2)
    for route in declared(offices.people.app):
        for login, browser in browsers.items():
            if route.methods == ("GET",) and lets_in(route, offices.town.people[login].role):
                ids = offices.here
                if route.endpoint == "live.audio":
                    ids = {**ids, "call_id": ids["call_in_progress"]}
                if route.endpoint.startswith(("evaluations.", "evaluation_copies.")):
                    ids = {**ids, "evaluation_id": ids["submitted_id"]}
                yield browser, route, path_of(route, ids)


def searching(path: str, offices: Offices) -> str:
    """The same, with all that an address may ask for."""
    return f"{path}?number=13912345678&listening={offices.here['live_listening']}&office=01"


def test_a_get_that_another_site_sends_leaves_no_evidence(offices: Offices) -> None:
    refused = set()
    for browser, route, path in gets(offices):
        lists_calls = "calls" in route.endpoint and route.endpoint != "calls.export"
        if route.endpoint in {"live.index", "live.stream"} or lists_calls:
            continue  # they note only that the session is used, or a number that was looked for: below
        for elsewhere in ELSEWHERE:
            with written(offices.people.database.engine) as seen:
                answer = browser.get(
                    searching(path, offices), headers={**elsewhere, "X-Unattended": "1"}, buffered=True
                )
            assert seen == [], (route, elsewhere)
            if answer.status_code == 403:
                refused.add(route.endpoint)
    marked = {one.endpoint for one in declared(offices.people.app) if _marked(offices, one.endpoint)}
    assert refused == marked
    assert {"recordings.audio", "recordings.download", "live.audio", "audit.export"} <= refused


def _marked(offices: Offices, endpoint: str) -> bool:
    with offices.people.app.app_context():
        return does_leave_evidence(endpoint)


def test_a_number_that_another_site_has_looked_for_is_neither_shown_nor_written_down(offices: Offices) -> None:
    leader = offices.people.admits(offices.town.people["leader"])
    for path in ("/calls/?number=13912345678", "/calls/live?number=13912345679"):
        with written(offices.people.database.engine) as seen:
            assert leader.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert seen == []
        assert leader.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("asked", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
def test_what_the_person_asked_for_himself_is_given_and_written_down(
    offices: Offices, asked: dict[str, str]
) -> None:
    leader = offices.people.admits(offices.town.people["leader"])
    for act in ("audio", "download"):
        with written(offices.people.database.engine) as seen:
            answer = leader.get(f"/recordings/{offices.here['call_id']}/{act}", headers=asked, buffered=True)
        assert answer.status_code == 200
        assert seen


def test_a_head_writes_nothing_whatever_it_asks(offices: Offices) -> None:
    asked = 0
    for browser, route, path in gets(offices):
        with written(offices.people.database.engine) as seen:
            browser.client.head(path).close()
            browser.client.head(searching(path, offices)).close()
        assert seen == [], route
        asked += 1
    assert asked > 20


def test_a_head_finds_no_number_that_it_does_not_write_down(offices: Offices) -> None:
    leader = offices.people.admits(offices.town.people["leader"])
    assert leader.client.head("/calls/?number=13912345678").status_code == 405
