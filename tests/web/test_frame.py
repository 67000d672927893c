"""The frame of the site: refusals, errors, headers, one commit, routes that say nothing."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

import web
from supervision.actor import Role
from supervision.database import Database
from supervision.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from supervision.paths import Paths
from supervision.people.models import Account
from supervision.settings import Settings
from supervision.version import version
from tests.factories import make_account
from tests.web.conftest import Browser, People
from web import application, language
from web.access import UndeclaredRoute, public, signed_in
from web.secret import session_key
from web.unit import Application, after_rollback, session


class Extra:
    """A room of the site for one test."""

    def __init__(self) -> None:
        self.bp = Blueprint("extra", __name__)


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch) -> Extra:
    """One room more, added before the site is made."""
    room = Extra()
    monkeypatch.setattr(application, "ROOMS", (*application.ROOMS, room))
    return room


def test_a_route_that_declares_nothing_stops_the_application_at_start(extra: Extra, settings: Settings) -> None:
    extra.bp.get("/extra")(lambda: "")
    with pytest.raises(UndeclaredRoute, match="extra"):
        web.create_app(settings)


def test_a_view_declares_its_access_once(extra: Extra) -> None:
    with pytest.raises(UndeclaredRoute, match="twice"):
        public(signed_in(lambda: ""))


def asked(app: Application, raised: Exception, **headers: str) -> Any:
    app.testing = False
    return app.test_client().get("/extra", headers=headers)


REFUSALS: list[tuple[Callable[[], Exception], int]] = [
    (lambda: NotFound("call 7"), 404),
    (lambda: InvalidInput("name", "empty"), 422),
    (lambda: Refused("locked"), 409),
    (lambda: Conflict("incident 7"), 409),
    (lambda: Unavailable("archive"), 503),
    (StaleDataError, 409),
    (lambda: OperationalError("SELECT 1", {}, Exception("locked")), 503),
    (lambda: RuntimeError("/secret/path"), 500),
]


@pytest.mark.parametrize(("make", "status"), REFUSALS)
def test_each_refusal_is_a_page_for_people_and_problem_details_for_programs(
    extra: Extra, settings: Settings, database: Database, make: Callable[[], Exception], status: int
) -> None:
    def view() -> str:
        raise make()

    extra.bp.get("/extra")(public(view))
    client = web.create_app(settings, database).test_client()
    page, problem = client.get("/extra"), client.get("/extra", headers={"Accept": "application/json"})
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert problem.json is not None
    assert (problem.json["status"], problem.json["type"]) == (status, "about:blank")
    assert "secret" not in page.text + problem.text


@pytest.mark.parametrize(("status", "committed"), [(200, True), (303, True), (409, False), (422, False)])
def test_what_a_view_did_is_kept_only_below_400(
    extra: Extra, settings: Settings, database: Database, status: int, committed: bool
) -> None:
    def note(second: Session) -> None:
        make_account(second, Role.AUDITOR, login="noted")

    def view() -> tuple[str, int]:
        make_account(session(), Role.AUDITOR, login="made")
        after_rollback(note)
        return "", status

    extra.bp.post("/extra")(public(view))
    app = web.create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client().post("/extra")
    with database.reading() as looking:
        logins = {account.login for account in looking.query(Account)}
    assert logins == ({"made"} if committed else {"noted"})


def test_what_a_view_did_before_it_raised_is_rolled_back(
    extra: Extra, settings: Settings, database: Database
) -> None:
    def view() -> str:
        make_account(session(), Role.AUDITOR, login="made")
        raise Refused("locked")

    extra.bp.post("/extra")(public(view))
    app = web.create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/extra").status_code == 409
    with database.reading() as looking:
        assert looking.query(Account).count() == 0


def test_a_get_writes_nothing(extra: Extra, settings: Settings, database: Database) -> None:
    def view() -> str:
        make_account(session(), Role.AUDITOR, login="made")
        return ""

    extra.bp.get("/extra")(public(view))
    web.create_app(settings, database).test_client().get("/extra")
    with database.reading() as looking:
        assert looking.query(Account).count() == 0


PAGES = ("/account/sign-in", "/account/sessions", "/account/password", "/accounts/", "/accounts/new", "/nothing")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_style_of_its_own(people: People, path: str) -> None:
    answer = people.enters(Role.SECURITY_ADMINISTRATOR).get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for inline in ("<style", " style=", "onclick=", "<script>", "javascript:"):
        assert inline not in answer.text


def test_pages_are_not_kept_by_the_browser(people: People) -> None:
    assert people.stranger().get("/account/sign-in").headers["Cache-Control"] == "private, no-store"


def test_a_stranger_gets_no_page_but_401_when_he_asks_for_json(people: People) -> None:
    answer = people.stranger().get("/audit/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_the_key_is_made_once_and_for_the_service_only(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    key = session_key(paths)
    assert session_key(paths) == key
    assert len(key) == 32
    assert stat.S_IMODE(paths.secret("web-session-key").stat().st_mode) == 0o600
    assert [path.name for path in paths.secrets.iterdir()] == ["web-session-key"]


def test_a_damaged_key_stops_the_start(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    session_key(paths)
    paths.secret("web-session-key").write_bytes(b"")
    with pytest.raises(ValueError, match="damaged"):
        session_key(paths)


def test_navigation_shows_what_the_role_may_use(people: People) -> None:
    def entries(browser: Browser) -> set[str]:
        text = browser.get("/account/sessions").text
        return {path for path in ("/calls/", "/incidents/", "/accounts/", "/audit/") if f'href="{path}"' in text}

    assert entries(people.enters(Role.OFFICER)) == {"/calls/"}
    assert entries(people.enters(Role.SUPERVISOR)) == {"/calls/", "/incidents/"}
    assert entries(people.enters(Role.SECURITY_ADMINISTRATOR)) == {"/accounts/"}
    assert entries(people.enters(Role.AUDITOR)) == {"/audit/"}
    assert entries(people.enters(Role.BUREAU_LEADER)) == set()


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "127.0.0.1 http localhost"), (1, "192.0.2.9 https site.example")]
)
def test_a_proxy_is_believed_only_where_one_is_set(
    extra: Extra, settings: Settings, database: Database, proxies: int, seen: str
) -> None:
    extra.bp.get("/extra")(public(lambda: f"{request.remote_addr} {request.scheme} {request.host}"))
    client = web.create_app(settings.model_copy(update={"trusted_proxies": proxies}), database).test_client()
    forged = {
        "X-Forwarded-For": "10.0.0.1, 192.0.2.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "site.example",
    }
    assert client.get("/extra", headers=forged).text == seen


def source_of(folder: Path) -> Path:
    """A translation of one word, not compiled yet."""
    source = folder / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    source.write_text(head + 'msgid "Call"\nmsgstr "咨询电话"\n', "utf-8")
    return source


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of translations in which nothing can be written, not even by root."""
    whole, folder = language._compile, tmp_path / "code"

    def compiling(source: Path, target: Path) -> None:
        if target.is_relative_to(folder):
            raise PermissionError(13, "Permission denied", str(target))
        whole(source, target)

    monkeypatch.setattr(language, "_compile", compiling)
    return folder


def test_an_older_translation_does_where_none_can_be_written(
    read_only: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    compiled = source_of(read_only).with_suffix(".mo")
    compiled.write_bytes(b"older")
    os.utime(compiled, (0, 0))
    assert language.compile_translations(read_only, tmp_path / "home") == [read_only]
    assert "cannot be written" in caplog.text
    assert not (tmp_path / "home").exists()


def test_without_any_translation_one_is_made_under_the_home_folder(read_only: Path, tmp_path: Path) -> None:
    source_of(read_only)
    home = tmp_path / "home"
    assert language.compile_translations(read_only, home) == [read_only, home]
    assert "咨询电话".encode() in (home / "zh_Hans_CN" / "LC_MESSAGES" / "messages.mo").read_bytes()


def test_the_site_speaks_what_was_compiled_under_the_home_folder(
    read_only: Path, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_of(read_only).write_bytes((language.TRANSLATIONS / "zh_Hans_CN/LC_MESSAGES/messages.po").read_bytes())
    monkeypatch.setattr(language, "TRANSLATIONS", read_only)
    assert "登录" in web.create_app(settings, database).test_client().get("/account/sign-in").text


def test_the_foot_says_the_version_to_those_who_are_signed_in_only(people: People) -> None:
    assert f" {version()}</footer>" in people.enters(Role.AUDITOR).get("/").text
    assert version() not in people.app.test_client().get("/account/sign-in").text
