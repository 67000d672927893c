"""The site on a database of the test's own, and people who sign in on it."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from supervision.actor import Role
from supervision.database import Database
from supervision.people.models import Account
from supervision.people.sign_ins import Origin, begin_sign_in
from supervision.settings import Mode, Settings
from tests.factories import PASSWORD, check_sign_in, make_account, make_passwords_cheap
from web import create_app
from web.unit import Application

ORIGIN = Origin("127.0.0.1", "Werkzeug")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing with the real parameters takes most of a test's time and changes nothing."""
    make_passwords_cheap(monkeypatch)


@pytest.fixture
def mode() -> Mode:
    """An office's node; a test that looks at headquarters, or at both, gives a mode of its own."""
    return Mode.OFFICE


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, mode: Mode) -> Settings:
    """The site's settings, plain HTTP."""
    return Settings(home=tmp_path, database_url=sqlite_url, secure_cookies=False, mode=mode)


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

    def get(self, path: str, **more: Any) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with a token that fits the cookie."""
        return self.client.post(path, data={"csrf_token": self._sign_token(), **(data or {})}, **more)

    def _sign_token(self) -> str:
        """What the form of a page carries, signed as the site signs it: fetching one costs a page."""
        with self.client.session_transaction() as cookie:
            kept = cookie.setdefault("csrf_token", secrets.token_hex(20))
        key = self.client.application.secret_key
        assert key
        return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(kept))

    def holds(self, token: str) -> None:
        """Give it the cookie that a sign-in gives."""
        with self.client.session_transaction() as cookie:
            cookie["token"] = token

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
        """A person signed in, as the site does it once it has looked at the password."""
        browser = self.stranger()
        with self.database.transaction() as session:
            checked = check_sign_in(session, account.login, PASSWORD)
            browser.holds(begin_sign_in(session, checked, ORIGIN))
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
