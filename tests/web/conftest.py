"""The site on a database of the test's own, and people who sign in on it."""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont
from werkzeug.test import TestResponse

from supervision.actor import Role
from supervision.database import Database
from supervision.paths import CJK_FONT
from supervision.people.models import Account
from supervision.settings import Mode, Settings
from tests.factories import PASSWORD, make_account, make_passwords_cheap
from web import create_app
from web.unit import Application

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing with the real parameters takes most of a test's time and changes nothing."""
    make_passwords_cheap(monkeypatch)


@pytest.fixture
def mode() -> Mode:
    """An office's node; a test that looks at headquarters, or at both, gives a mode of its own."""
    return Mode.OFFICE


@pytest.fixture(scope="session")
def latin_font(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Latin letters of the font for PDFs."""
    if not CJK_FONT.is_file():
        return ""
    file = tmp_path_factory.mktemp("font") / "latin.otf"
    subsetter = Subsetter()
    subsetter.populate(text=string.printable)
    with TTFont(CJK_FONT, fontNumber=2) as font:
        subsetter.subset(font)
        font.save(file)
    return str(file)


@pytest.fixture
def pdf_font(latin_font: str) -> str:
    """A font of few letters: the whole one takes half a second of each PDF. Whoever reads a PDF takes that one."""
    return latin_font


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, mode: Mode, pdf_font: str) -> Settings:
    """The site's settings, plain HTTP."""
    return Settings(home=tmp_path, database_url=sqlite_url, secure_cookies=False, mode=mode, pdf_font=pdf_font)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """The node's database, as the migrations make it."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def app(settings: Settings, database: Database) -> Application:
    """The site."""
    made = create_app(settings, database)
    made.testing = True
    return made


class Browser:
    """A browser with one person before it: follows no redirect, and fills in CSRF tokens."""

    def __init__(self, client: FlaskClient, account: Account | None = None) -> None:
        self.client = client
        self.account = account
        self._token: tuple[str, str] | None = None

    def get(self, path: str, **more: Any) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with a token from the sign-in page or, signed in, from one's sessions."""
        return self.client.post(path, data={"csrf_token": self._fetch_token(), **(data or {})}, **more)

    def _fetch_token(self) -> str:
        """A token: the one there was, as long as the cookie says the same."""
        if self._token is None or self._token[0] != self._said():
            token = TOKEN.search(self.get("/account/sessions" if self.account else "/account/sign-in").text)
            assert token, "a page without a form"
            self._token = self._said(), token[1]
        return self._token[1]

    def _said(self) -> str:
        """What the cookie says, without when it was signed and the signature."""
        cookie = self.client.get_cookie(self.client.application.config["SESSION_COOKIE_NAME"])
        return cookie.value.rsplit(".", 2)[0] if cookie else ""

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        """Try to sign in."""
        return self.post("/account/sign-in", {"login": login, "password": password})


class People:
    """The site with its people."""

    def __init__(self, app: Application, database: Database) -> None:
        self.app = app
        self.database = database

    def stranger(self) -> Browser:
        """A browser in which nobody has signed in."""
        return Browser(self.app.test_client())

    def account(self, role: Role, **facts: Any) -> Account:
        """A person."""
        with self.database.transaction() as session:
            return make_account(session, role, **facts)

    def enters(self, role: Role, **facts: Any) -> Browser:
        """A person of this role, signed in."""
        return self.admits(self.account(role, **facts))

    def admits(self, account: Account) -> Browser:
        """A person signed in."""
        browser = self.stranger()
        answer = browser.sign_in(account.login)
        assert answer.status_code == 303, answer.text
        browser.account = account
        return browser


@pytest.fixture
def people(app: Application, database: Database) -> People:
    """The site with people who can sign in."""
    return People(app, database)


def leads_to(answer: TestResponse) -> str:
    """Where a redirect leads, without the host."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["Location"])
    return parts.path + (f"?{parts.query}" if parts.query else "")
