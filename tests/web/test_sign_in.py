"""Signing in and out on the site, and one's own account."""

import re
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, event

from supervision.actor import Role
from supervision.audit.queries import EntryFilter, list_entries
from supervision.clock import now
from supervision.database import Database
from supervision.people import passwords
from supervision.people.models import Account, SignIn
from supervision.settings import Mode, Settings
from tests.factories import CHEAP, PASSWORD
from tests.web.conftest import TOKEN, Browser, People, leads_to
from web import create_app
from web.account import attempts
from web.account.sign_in_limit import SignInLimit
from web.problems import safe_next


def acts(people: People) -> list[str]:
    with people.database.reading() as session:
        return [entry.act for entry in reversed(list_entries(session, EntryFilter()).rows)]


def test_who_has_not_signed_in_is_led_to_the_sign_in_page_and_back(people: People) -> None:
    browser, account = people.stranger(), people.account(Role.AUDITOR)
    gate = leads_to(browser.get("/audit/?person=%E7%8E%8B"))
    assert gate.startswith("/account/sign-in?next=")
    answer = browser.post(
        "/account/sign-in", {"login": account.login, "password": PASSWORD, "next": "/audit/?person=王"}
    )
    assert leads_to(answer).startswith("/audit/?person=")
    assert browser.get("/audit/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "", "/\t/evil.example", "javascript:1"],
)
def test_signing_in_never_leads_to_another_site(people: People, elsewhere: str) -> None:
    assert safe_next(elsewhere) is None
    account = people.account(Role.AUDITOR)
    answer = people.stranger().post(
        "/account/sign-in", {"login": account.login, "password": PASSWORD, "next": elsewhere}
    )
    assert leads_to(answer) == "/"


@pytest.mark.parametrize(("empty", "said"), [("login", "请填写登录名。"), ("password", "请填写密码。")])
def test_a_field_left_empty_is_named_and_what_was_typed_in_the_other_stays(
    people: People, empty: str, said: str
) -> None:
    answer = people.stranger().post("/account/sign-in", {"login": "zhang", "password": PASSWORD} | {empty: ""})
    assert answer.status_code == 422
    error = answer.text.partition(f'id="in-{empty}-error"')[2]
    assert said in error.partition("</p>")[0]
    assert ('value="zhang"' in answer.text) is (empty != "login")
    assert PASSWORD not in answer.text


def test_a_wrong_password_says_nothing_more_and_is_written_down(people: People) -> None:
    account = people.account(Role.AUDITOR)
    wrong, unknown = (
        people.stranger().sign_in(account.login, "wrong"),
        people.stranger().sign_in("nobody", "wrong"),
    )
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    alerts = [re.findall(r'role="alert">.*?<p>(.*?)</p>', answer.text, re.S) for answer in (wrong, unknown)]
    assert alerts[0] == alerts[1] != []
    assert acts(people) == ["sign_in_refused", "sign_in_refused"]


def knock(people: People, login: str, times: int, address: str = "192.0.2.66", given: str = "wrong") -> list[int]:
    """A stranger's answers, of one browser at one address."""
    browser = people.stranger()
    token = TOKEN.search(browser.get("/account/sign-in").text)
    assert token
    form = {"csrf_token": token[1], "login": login, "password": given}
    return [
        browser.client.post("/account/sign-in", data=form, environ_base={"REMOTE_ADDR": address}).status_code
        for _ in range(times)
    ]


@pytest.fixture
def _at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All attempts at one moment: on a busy machine an address would have one more meanwhile."""
    at = now()
    monkeypatch.setattr(attempts, "now", lambda: at)


@pytest.mark.usefixtures("_at_one_moment")
def test_the_owner_of_an_attacked_account_gets_in_and_the_attacker_waits(people: People) -> None:
    account = people.account(Role.AUDITOR)
    assert knock(people, account.login, 10) == [422] * 3 + [429] * 7
    assert knock(people, account.login, 1, given=PASSWORD) == [429], "the right one tells him nothing"
    assert knock(people, account.login, 1, "192.0.2.7", PASSWORD) == [303]


@pytest.mark.usefixtures("_at_one_moment")
def test_who_tries_many_names_from_one_address_is_turned_away_with_a_time_to_come_again(people: People) -> None:
    browser = people.stranger()
    answers = [browser.sign_in(f"name{n}", "wrong") for n in range(25)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429] * 5
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "请求过多" not in answers[-1].text
    assert "秒后" in answers[-1].text


@pytest.mark.usefixtures("_at_one_moment")
def test_attempts_do_not_fill_the_log_whatever_names_are_tried(people: People) -> None:
    account = people.account(Role.AUDITOR)
    for n in range(16):
        knock(people, f"name{n}", 1)
    knock(people, account.login, 16, "192.0.2.67")
    with people.database.reading() as session:
        entries = list_entries(session, EntryFilter(act="sign_in_refused")).rows
    alerts = [(entry.subject.split(":")[1] == "unknown", entry.detail["attempts"]) for entry in reversed(entries)]
    assert [number for unknown, number in alerts if unknown and number] == [1, 2, 4, 8, 16, 4, 8, 16]
    assert [number for unknown, number in alerts if not unknown] == [1, 2]


def test_a_crowd_at_the_door_is_sent_away_before_anything_is_done_for_it_and_others_are_not(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, inside, go_on = people.account(Role.AUDITOR), threading.Barrier(3), threading.Event()
    reader = people.admits(account)

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            inside.wait(30)
            go_on.wait(30)
            return CHEAP.verify(hash, password)

    people.app.wsgi_app = SignInLimit(people.app.wsgi_app, most=2)  # type: ignore[method-assign]
    monkeypatch.setattr(passwords, "_HASHER", Slow(time_cost=1, memory_cost=8, parallelism=1))
    threads = [threading.Thread(target=knock, args=(people, account.login, 1)) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait(30)  # two are inside
    answer = people.stranger().sign_in(account.login)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert reader.get("/audit/").status_code == 200
    go_on.set()
    for thread in threads:
        thread.join()
    monkeypatch.setattr(passwords, "_HASHER", CHEAP)
    assert people.stranger().sign_in(account.login).status_code == 303


def test_no_connection_is_held_while_a_password_is_worked_on(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    class Looking(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            held.append(people.database.engine.pool.checkedout())  # type: ignore[attr-defined]
            return CHEAP.verify(hash, password)

    account = people.account(Role.AUDITOR)
    browser = people.admits(account)
    monkeypatch.setattr(passwords, "_HASHER", Looking(time_cost=1, memory_cost=8, parallelism=1))
    people.stranger().sign_in(account.login)
    people.stranger().sign_in("nobody", "wrong")
    given = {"current": "wrong", "password": "another good one", "again": "another good one"}
    browser.post("/account/password", given)
    assert held == [0, 0, 0]


def test_who_finds_the_queue_full_is_asked_to_come_again_and_it_does_not_count(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = people.account(Role.AUDITOR)
    full = passwords.WorkQueue(at_work=1, waiting=0, longest_s=0.0)
    with monkeypatch.context() as patched, full.held():
        patched.setattr(passwords, "_QUEUE", full)
        answers = [people.stranger().sign_in(account.login) for _ in range(10)]
    assert {(answer.status_code, answer.headers["Retry-After"]) for answer in answers} == {(503, "5")}
    assert people.stranger().sign_in(account.login).status_code == 303
    assert acts(people) == ["signed_in"]


def test_a_wrong_current_password_is_counted_and_written_down(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    given = {"current": "wrong", "password": "another good one", "again": "another good one"}
    assert browser.post("/account/password", given).status_code == 422
    assert acts(people)[-1] == "password_refused"
    assert [browser.post("/account/password", given).status_code for _ in range(4)] == [422, 422, 429, 429]


def idle(people: People, browser: Browser) -> None:
    """The person's last request was two minutes ago."""
    assert browser.account is not None
    with people.database.transaction() as session:
        for row in session.query(SignIn).filter_by(account_id=browser.account.id):
            row.last_seen_at -= timedelta(minutes=2)


def last_seen(people: People, browser: Browser) -> datetime:
    assert browser.account is not None
    with people.database.reading() as session:
        return session.query(SignIn).filter_by(account_id=browser.account.id).one().last_seen_at


def test_a_session_is_kept_alive_by_its_requests(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    idle(people, browser)
    before = last_seen(people, browser)
    assert browser.get("/audit/").status_code == 200
    assert last_seen(people, browser) > before


def test_a_request_that_a_page_makes_on_its_own_keeps_no_session_alive(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    idle(people, browser)
    before = last_seen(people, browser)
    assert browser.get("/audit/", headers={"X-Unattended": "1"}).status_code == 200
    assert last_seen(people, browser) == before


class Writers:
    """How long each transaction that writes would wait for another, and how many there were at once."""

    def __init__(self, database: Database) -> None:
        self.waits_ms: list[int] = []
        self.most = 0
        self._wait_ms = 0
        self._writing = set[Connection]()
        event.listen(database.engine, "before_cursor_execute", self._asked)
        for end in ("commit", "rollback"):
            event.listen(database.engine, end, self._writing.discard)

    def _asked(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("PRAGMA busy_timeout"):
            self._wait_ms = int(statement.rsplit(maxsplit=1)[-1])
        elif statement == "BEGIN IMMEDIATE":
            self.waits_ms.append(self._wait_ms)
            self._writing.add(connection)
            self.most = max(self.most, len(self._writing))


def test_who_is_signed_in_and_idle_may_mistype_in_the_sign_in_form(people: People) -> None:
    people.app.config["WTF_CSRF_ENABLED"] = False
    browser = people.enters(Role.AUDITOR)
    idle(people, browser)
    assert browser.account is not None
    wrong = {"login": browser.account.login, "password": "wrong"}
    writers = Writers(people.database)
    assert browser.client.post("/account/sign-in", data=wrong).status_code == 422
    assert writers.most == 1, "two transactions of one request would wait for each other"
    assert acts(people)[-1] == "sign_in_refused"


def test_a_page_is_shown_while_another_writes(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    idle(people, browser)
    before = last_seen(people, browser)
    writers = Writers(people.database)
    with people.database.transaction():
        writers.waits_ms.clear()
        assert browser.get("/audit/").status_code == 200
        assert [wait_ms < 1000 for wait_ms in writers.waits_ms] == [True], "it tried once, and waited for a moment"
    assert last_seen(people, browser) == before


def test_a_form_without_its_token_is_refused(people: People) -> None:
    account = people.account(Role.AUDITOR)
    browser = people.stranger()
    answer = browser.client.post("/account/sign-in", data={"login": account.login, "password": PASSWORD})
    assert answer.status_code == 400
    assert browser.get("/audit/").status_code == 303


def test_two_sites_on_one_host_do_not_end_each_others_sessions(settings: Settings, tmp_path: Path) -> None:
    names = {
        create_app(settings.model_copy(update={"home": tmp_path / home})).config["SESSION_COOKIE_NAME"]
        for home in ("07", "hq")
    }
    assert len(names) == 2


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(people: People) -> None:
    account = people.account(Role.AUDITOR)
    cookie = people.stranger().sign_in(account.login).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_ends_the_session_also_for_a_copied_cookie(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    stolen = browser.client.get_cookie(people.app.config["SESSION_COOKIE_NAME"])
    assert leads_to(browser.post("/account/sign-out")) == "/account/sign-in"
    assert stolen is not None
    browser.client.set_cookie(stolen.key, stolen.value)
    assert browser.get("/audit/").status_code == 303


def test_a_session_is_seen_and_ended_from_another_machine(people: People) -> None:
    account = people.account(Role.AUDITOR)
    here, there = people.admits(account), people.admits(account)
    end = re.search(r'action="(/account/sessions/[^"]+/end)"', here.get("/account/sessions").text)
    assert end
    assert leads_to(here.post(end[1])) == "/account/sessions"
    assert here.get("/audit/").status_code == 200
    assert there.get("/audit/").status_code == 303


def test_nobody_ends_the_sessions_of_somebody_else_there(people: People) -> None:
    account = people.account(Role.AUDITOR)
    people.admits(account)
    page = people.admits(account).get("/account/sessions").text
    end = re.search(r'action="(/account/sessions/[^"]+/end)"', page)
    assert end
    assert people.enters(Role.AUDITOR).post(end[1]).status_code == 404


def test_one_changes_ones_password(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    given = {"current": PASSWORD, "password": "another good one", "again": "another good one"}
    assert leads_to(browser.post("/account/password", given)) == "/"
    assert browser.account is not None
    assert people.stranger().sign_in(browser.account.login).status_code == 422
    assert people.stranger().sign_in(browser.account.login, "another good one").status_code == 303


@pytest.mark.parametrize(
    ("current", "password", "again"),
    [("wrong", "another good one", "another good one"), (PASSWORD, "short", "short"), (PASSWORD, "another", "x")],
)
def test_what_is_wrong_with_a_new_password_is_said_at_its_field(
    people: People, current: str, password: str, again: str
) -> None:
    answer = people.enters(Role.AUDITOR).post(
        "/account/password", {"current": current, "password": password, "again": again}
    )
    assert answer.status_code == 422
    assert 'class="error"' in answer.text


def test_who_has_a_temporary_password_must_change_it_first(people: People) -> None:
    browser = people.enters(Role.AUDITOR, must_change_password=True)
    assert leads_to(browser.get("/audit/")) == "/account/password"
    given = {"current": PASSWORD, "password": "another good one", "again": "another good one"}
    browser.post("/account/password", given)
    assert browser.get("/audit/").status_code == 200


def test_an_account_switched_off_is_out_at_the_next_request(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    assert browser.account is not None
    with people.database.transaction() as session:
        session.get_one(Account, browser.account.id).active = False
    assert browser.get("/audit/").status_code == 303


@pytest.mark.parametrize("mode", list(Mode), ids=str)
@pytest.mark.parametrize("role", list(Role))
def test_the_start_page_leads_each_role_to_what_it_can_use(people: People, role: Role) -> None:
    browser = people.enters(role)
    start = browser.get("/")
    assert start.status_code == 200
    menu = start.text.partition('id="menu"')[2].partition("</nav>")[0]
    for path in re.findall(r'href="([^"]+)"', menu):
        assert browser.get(path).status_code == 200, path


def test_the_site_speaks_chinese_until_english_is_chosen_and_keeps_it_after_signing_in(people: People) -> None:
    browser, account = people.stranger(), people.account(Role.AUDITOR)
    assert "登录" in browser.get("/account/sign-in").text
    assert leads_to(browser.post("/account/language", {"language": "en", "next": "/account/sign-in"}))
    assert "Sign in" in browser.get("/account/sign-in").text
    browser.sign_in(account.login)
    assert "Verify the chain" in browser.get("/audit/").text
