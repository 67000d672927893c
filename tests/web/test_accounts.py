"""The accounts pages, as a security administrator uses them."""

import re
from datetime import timedelta
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from supervision.actor import Role
from supervision.audit.queries import EntryFilter, list_entries
from supervision.clock import now
from supervision.people import passwords
from supervision.people.models import Account, SignIn
from supervision.settings import Settings
from tests.factories import CHEAP, PASSWORD, make_office
from tests.web.conftest import Browser, People, leads_to


@pytest.fixture
def admin(people: People) -> Browser:
    """A security administrator, signed in."""
    return people.enters(Role.SECURITY_ADMINISTRATOR)


def form(account: Account, **changes: object) -> dict[str, object]:
    """The form of an account as its page holds it."""
    whole = {
        "name": account.name,
        "role": account.role.value,
        "office": account.office_code or "",
        "active": "y" if account.active else None,
        "version": account.version,
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def stored(people: People, account: Account) -> Account:
    with people.database.reading() as session:
        found = session.get_one(Account, account.id)
        session.expunge(found)
    return found


def test_a_new_account_gets_a_password_shown_once_with_which_it_signs_in(people: People, admin: Browser) -> None:
    with people.database.transaction() as session:
        make_office(session)
    answer = admin.post(
        "/accounts/new", {"name": "李娜", "login": "li.na", "role": "officer", "office": "01", "active": "y"}
    )
    password = re.search(r'class="secret">([^<]+)<', answer.text)
    assert password
    browser = people.stranger()
    assert leads_to(browser.sign_in("li.na", password[1])) == "/"
    assert leads_to(browser.get("/")) == "/account/password"


def test_no_password_is_worked_on_while_other_writers_wait(
    people: People, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    class Writing(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            with people.database.transaction(wait_s=0.1):
                hashed.append("")
            return CHEAP.hash(password)

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            with people.database.transaction(wait_s=0.1):
                return CHEAP.verify(hash, password)

    account = people.account(Role.OFFICER)
    monkeypatch.setattr(passwords, "_HASHER", Writing(time_cost=1, memory_cost=8, parallelism=1))
    new = {"name": "李娜", "login": "li.na", "role": "supervisor", "office": "", "active": "y"}
    assert admin.post("/accounts/new", new).status_code == 200
    assert admin.post(f"/accounts/{account.id}/password").status_code == 200
    changed = {"current": PASSWORD, "password": "another good one", "again": "another good one"}
    assert admin.post("/account/password", changed).status_code == 303
    assert len(hashed) == 3


def test_sessions_that_had_expired_are_not_said_to_be_ended_by_the_administrator(
    people: People, admin: Browser, settings: Settings
) -> None:
    for n, act in enumerate(("/sessions/end", "/password", "")):
        account = people.account(Role.OFFICER)
        people.admits(account)
        with people.database.transaction() as session:
            old = now() - timedelta(seconds=settings.session_idle_s)
            session.execute(update(SignIn).where(SignIn.account_id == account.id).values(last_seen_at=old))
        admin.post(f"/accounts/{account.id}{act}", None if act else form(account, active=None))
        with people.database.reading() as session:
            assert len(list_entries(session, EntryFilter(act="session_expired")).rows) == n + 1


@pytest.mark.parametrize(
    "wrong",
    [{"login": "张"}, {"name": ""}, {"office": ""}, {"role": "supervisor"}, {"office": "99"}, {"role": "emperor"}],
)
def test_what_will_not_do_is_said_at_its_field(people: People, admin: Browser, wrong: dict[str, object]) -> None:
    with people.database.transaction() as session:
        make_office(session)
    given: dict[str, object] = {"name": "李娜", "login": "li.na", "role": "officer", "office": "01", "active": "y"}
    answer = admin.post("/accounts/new", given | wrong)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text


def test_the_list_is_filtered_and_leads_on_to_older_accounts(people: People, admin: Browser) -> None:
    for n in range(51):
        people.account(Role.AUDITOR, login=f"auditor{n:02}")
    page = admin.get("/accounts/?role=auditor").text
    assert "auditor50" in page
    assert "auditor00" not in page
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    rest = admin.get(older[1].replace("&amp;", "&")).text
    assert "auditor00" in rest
    assert "auditor50" not in rest
    assert "auditor07" in admin.get("/accounts/?text=AUDITOR07").text


@pytest.mark.parametrize("query", ["role=emperor", "state=maybe", "older=x", "text=" + "x" * 65])
def test_nonsense_in_the_address_is_refused(admin: Browser, query: str) -> None:
    assert admin.get(f"/accounts/?{query}").status_code == 422


def test_a_person_is_renamed(people: People, admin: Browser) -> None:
    account = people.account(Role.SUPERVISOR)
    assert leads_to(admin.post(f"/accounts/{account.id}", form(account, name="李娜"))) == f"/accounts/{account.id}"
    assert stored(people, account).name == "李娜"


def test_switching_an_account_off_puts_its_owner_out(people: People, admin: Browser) -> None:
    owner = people.enters(Role.SUPERVISOR)
    assert owner.account
    admin.post(f"/accounts/{owner.account.id}", form(owner.account, active=None))
    assert owner.get("/calls/").status_code == 303
    assert people.stranger().sign_in(owner.account.login).status_code == 422


def test_a_form_that_somebody_overtook_is_a_conflict(people: People, admin: Browser) -> None:
    account = people.account(Role.SUPERVISOR)
    assert admin.post(f"/accounts/{account.id}", form(account, name="一")).status_code == 303
    assert admin.post(f"/accounts/{account.id}", form(account, name="二")).status_code == 409
    assert stored(people, account).name == "一"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_with_a_nonsensical_version_changes_nothing(people: People, admin: Browser, version: str) -> None:
    account = people.account(Role.SUPERVISOR)
    assert admin.post(f"/accounts/{account.id}", form(account, name="一", version=version)).status_code == 409


def test_ones_own_account_shows_no_form_and_takes_none(people: People, admin: Browser) -> None:
    assert admin.account
    own = f"/accounts/{admin.account.id}"
    assert 'name="role"' not in admin.get(own).text
    assert admin.post(own, form(admin.account, name="一")).status_code == 409
    assert admin.post(f"{own}/password").status_code == 409
    assert stored(people, admin.account).name == admin.account.name


def test_who_administered_does_not_become_auditor_and_the_page_says_why(people: People, admin: Browser) -> None:
    account = people.account(Role.SYSTEM_ADMINISTRATOR)
    answer = admin.post(f"/accounts/{account.id}", form(account, role="auditor"))
    assert answer.status_code == 409
    assert "三员分立" in answer.text


def test_a_temporary_password_puts_the_owner_out_and_lets_him_in_again(people: People, admin: Browser) -> None:
    owner = people.enters(Role.OFFICE_LEADER)
    assert owner.account
    password = re.search(r'class="secret">([^<]+)<', admin.post(f"/accounts/{owner.account.id}/password").text)
    assert password
    assert owner.get("/calls/").status_code == 303
    assert people.stranger().sign_in(owner.account.login, PASSWORD).status_code == 422
    assert people.stranger().sign_in(owner.account.login, password[1]).status_code == 303


def test_an_administrator_ends_all_sessions_of_somebody(people: People, admin: Browser) -> None:
    account = people.account(Role.SUPERVISOR)
    browsers = [people.admits(account), people.admits(account)]
    assert "192.0.2" not in admin.get(f"/accounts/{account.id}").text
    admin.post(f"/accounts/{account.id}/sessions/end")
    assert [browser.get("/calls/").status_code for browser in browsers] == [303, 303]


def test_what_people_write_is_shown_escaped(people: People, admin: Browser) -> None:
    people.account(Role.SUPERVISOR, name="<script>alert(1)</script>")
    page = admin.get("/accounts/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
