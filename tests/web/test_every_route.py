"""What holds for every route, taken from the url map: a new route is tested before anybody thinks of it."""

import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from supervision.actor import OFFICE_ROLES, Role
from supervision.people.models import SignIn
from supervision.people.rules import Act, may
from supervision.settings import Mode, Settings
from tests.calls.samples import Town
from tests.evaluations.factories import WINDOW
from tests.factories import make_sign_in
from tests.web.conftest import TOKEN, Browser, People
from tests.web.furnished import THEIR_CALLER, THEIR_LEADER, Ids, furnished
from web.access import Declared, Everybody, declared

pytestmark = pytest.mark.thorough

VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
LIVE = {"live.listen", "live.audio"}  # about a call in progress
EVERYBODYS = {"scorecard_id", "regulation_id"}  # these bind everybody alike and belong to no office
JSON: Mapping[str, Any] = {
    "recordings.heard": {"stretches": []},
    "review.draft": {"content": {}, "version": 0, "window": str(WINDOW)},
}
AMENDMENT = {
    f"{field}-01930000-0000-7000-8000-00020000000{n}": value
    for n in range(1, 8)
    for field, value in (("points", "5"), ("remark", "x"))
} | {"n": "1", "reason": "x"}
NUL = "a\x00b"


@pytest.fixture(params=list(Mode), ids=str)
def mode(request: pytest.FixtureRequest) -> Mode:
    """An office's node, then headquarters."""
    return Mode(request.param)


@dataclass
class Offices:
    """Two offices, each with one record of every kind."""

    people: People
    town: Town
    here: Ids
    there: Ids


@pytest.fixture
def offices(people: People, settings: Settings, mode: Mode) -> Offices:
    made = furnished(mode)
    shutil.copytree(made.home, settings.home, dirs_exist_ok=True)
    signed_in = {}
    with people.database.transaction() as session:
        for login in ("leader", "leader2"):
            account = made.town.people[login]
            make_sign_in(session, account)
            signed_in[login] = {"sign_in_id": session.query(SignIn).filter_by(account_id=account.id).one().id}
    for kind in ("streams", "listeners"):  # one look, and no waiting for what may come
        people.app.extensions[kind].longest_s = 0.0
    town = replace(made.town, people=dict(made.town.people))
    return Offices(people, town, {**made.here, **signed_in["leader"]}, {**made.there, **signed_in["leader2"]})


def lets_in(route: Declared, role: Role) -> bool:
    return route.declaration in set(Everybody) or may(role, Act(route.declaration))


def ask(browser: Browser, route: Declared, ids: Ids, form: Mapping[str, str] | None = None) -> TestResponse:
    """Ask a route about records, with a form that is good enough to get as far as the record."""
    if route.endpoint in LIVE:
        ids = {**ids, "call_id": ids["call_in_progress"]}
    if route.endpoint.startswith(("evaluations.", "evaluation_copies.", "discipline.")):
        ids = {**ids, "evaluation_id": ids["submitted_id"]}
    if route.endpoint == "review.unusable":
        ids = {**ids, "evaluation_id": ids["begun_id"]}
    path = VARIABLE.sub(lambda found: str(ids[found[1]]), route.rule)
    if route.endpoint == "live.audio":
        path += f"?listening={ids['live_listening']}"
    if route.methods == ("GET",):
        return browser.get(path, buffered=True)
    if route.endpoint in JSON:
        token = TOKEN.search(browser.get("/account/sessions").text)
        assert token
        return browser.client.post(path, json=JSON[route.endpoint], headers={"X-CSRFToken": token[1]})
    if route.endpoint == "desks.assign":
        form = {"person": "nobody"}
    if route.endpoint.startswith("findings."):
        form = {"measure": "education", "needed": "needed", "text": "x"}
    if route.endpoint.startswith("early_signs."):
        form = {"effect": "x"}
    if route.endpoint.startswith(("discipline.", "appeals.", "rosters.")):
        form = {"text": "x", "reason": "x"}
    if route.endpoint.startswith("rectification."):
        form = {"now_done": "x", "prevention": "x", "note": "x", "reason": "x"}
    if route.endpoint == "review.unusable":
        form = {"reason": "no_speech", "note": "x"}
    return browser.post(path, {"version": "1", "note": "", **AMENDMENT, **(form or {})})


@pytest.mark.parametrize("login", ["leader", "zhang"])
def test_a_record_of_another_office_is_not_there_whatever_is_asked_of_it(offices: Offices, login: str) -> None:
    account = offices.town.people[login]
    assert account.role in OFFICE_ROLES
    browser, asked = offices.people.admits(account), 0
    for route in declared(offices.people.app):
        if set(VARIABLE.findall(route.rule)) - EVERYBODYS and lets_in(route, account.role):
            assert ask(browser, route, offices.there).status_code == 404, route
            asked += 1
    assert asked >= (9 if login == "leader" else 2)


def test_the_same_is_there_for_who_belongs_to_the_office(offices: Offices) -> None:
    account = offices.town.people["leader"]
    browser = offices.people.admits(account)
    for route in declared(offices.people.app):
        if VARIABLE.search(route.rule) and lets_in(route, account.role):
            assert ask(browser, route, offices.here).status_code < 400, route


def sought(ids: Ids) -> list[str]:
    """What somebody asks who wants to see what another office has."""
    by_id = [f"?call={ids['call_id']}", f"?officer={ids['account_id']}&reviewer={ids['account_id']}"]
    return ["", "?office=02", f"?number={THEIR_CALLER}", f"?text={THEIR_LEADER}", "?desk=801&line=east", *by_id]


@pytest.mark.parametrize("login", ["leader", "zhang"])
def test_no_page_search_or_export_shows_anything_of_another_office(offices: Offices, login: str) -> None:
    account = offices.town.people[login]
    browser = offices.people.admits(account)
    ours = {str(one) for one in offices.here.values()}
    secrets = {str(one) for one in offices.there.values()} - ours | {THEIR_CALLER, THEIR_LEADER}
    for route in declared(offices.people.app):
        if route.methods != ("GET",) or not lets_in(route, account.role) or route.endpoint in LIVE:
            continue
        path = VARIABLE.sub(lambda found: str(offices.here[found[1]]), route.rule)
        for query in sought(offices.there):
            answer = browser.get(path + query)
            shown = next(answer.iter_encoded()) if route.endpoint == "live.stream" else answer.get_data()
            answer.close()
            asked = {one for one in secrets if one in query}
            assert not [one for one in secrets - asked if one.encode() in shown], (route, query)


def everywhere(people: People) -> Iterator[tuple[Browser, Declared, str]]:
    """Every route with somebody whom it lets in, about a record that does not exist."""
    browsers: dict[Role | None, Browser] = {None: people.stranger()}
    for route in declared(people.app):
        role = None if route.declaration is Everybody.PUBLIC else next(r for r in Role if lets_in(route, r))
        browser = browsers.setdefault(role, browsers.get(role) or people.enters(role or Role.AUDITOR))
        yield browser, route, VARIABLE.sub(str(uuid.uuid4()), route.rule)


def test_control_characters_in_an_address_are_refused_by_every_route(people: People) -> None:
    for browser, route, path in everywhere(people):
        for query in ("?anything=a%00b", "?text=%1b[2J", "?a%00b=1"):
            asked = browser.get if route.methods == ("GET",) else browser.post
            assert asked(path + query).status_code == 422, (route, query)


def test_control_characters_in_a_form_are_refused_by_every_route(people: People) -> None:
    for browser, route, path in everywhere(people):
        if route.methods == ("POST",):
            for form in ({"anything": NUL}, {"note": "\x1b[2J"}, {NUL: "1"}):
                assert browser.post(path, form).status_code == 422, (route, form)


def test_json_that_lies_too_deep_in_itself_is_refused(people: People) -> None:
    asked = 0
    for browser, route, path in everywhere(people):
        if route.endpoint in JSON:
            token = TOKEN.search(browser.get("/account/sessions").text)
            assert token
            headers = {"X-CSRFToken": token[1], "Content-Type": "application/json"}
            for body in ("[" * 50_000, '{"stretches":' * 50_000):
                assert browser.client.post(path, data=body, headers=headers).status_code == 422, route
            asked += 1
    assert asked == len(JSON) or people.app.extensions["settings"].mode is Mode.OFFICE


FIELD = re.compile(r"<(?:input|textarea)\b[^>]*>")
SHORT_BY_KIND = re.compile(
    r'type="(?:hidden|file|date|time|datetime-local|number|radio|checkbox|submit)"|\breadonly\b'
)


def test_every_field_says_how_much_it_takes(offices: Offices) -> None:
    offices.town.people["keeper"] = offices.people.account(Role.SECURITY_ADMINISTRATOR)
    offices.town.people["auditor"] = offices.people.account(Role.AUDITOR)
    offices.town.people["head"] = offices.people.account(Role.SUPERVISION_HEAD)
    seen = 0
    for login in ("leader", "keeper", "auditor", "head", None):
        account = offices.town.people[login] if login else None
        browser = offices.people.admits(account) if account else offices.people.stranger()
        for route in declared(offices.people.app):
            open_to = lets_in(route, account.role) if account else route.declaration is Everybody.PUBLIC
            if route.methods != ("GET",) or not open_to:
                continue
            answer = ask(browser, route, offices.here)
            if answer.mimetype != "text/html":
                continue
            fields = [field for field in FIELD.findall(answer.text) if not SHORT_BY_KIND.search(field)]
            assert [field for field in fields if "maxlength=" not in field] == [], route
            seen += len(fields)
    assert seen > 10
