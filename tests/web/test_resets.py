"""Resetting a guarded account's password on the site, by two people, and what it does not do afterwards."""

import re
from datetime import timedelta

import pytest

from supervision.actor import Role
from supervision.clock import now
from supervision.people.models import Account, PasswordReset
from supervision.people.reset_rules import BARRED_ACTS
from supervision.people.rules import Act
from tests.web.conftest import Browser, People, leads_to
from tests.web.test_every_route import VARIABLE, Offices, lets_in, mode, offices
from web.access import declared, does_leave_evidence

__all__ = ["mode", "offices"]

SECRET = re.compile(r'class="secret">([^<]+)<')


def settled(people: People, browser: Browser) -> Browser:
    """Somebody who has had his role for long."""
    assert browser.account is not None
    with people.database.transaction() as session:
        session.get_one(Account, browser.account.id).established_at -= timedelta(days=30)
    return browser


def reset_id(people: People) -> str:
    with people.database.reading() as session:
        return str(session.query(PasswordReset).one().id)


@pytest.mark.parametrize(
    ("owner", "second"),
    [
        (Role.SUPERVISOR, Role.SUPERVISION_HEAD),
        (Role.SUPERVISION_HEAD, Role.BUREAU_LEADER),
        (Role.AUDITOR, Role.SECURITY_ADMINISTRATOR),
    ],
)
def test_a_reset_takes_the_word_of_a_second_person(people: People, owner: Role, second: Role) -> None:
    account, admin = people.account(owner), people.enters(Role.SECURITY_ADMINISTRATOR)
    path = f"/accounts/{account.id}/password"
    assert "申请临时密码" in admin.get(f"/accounts/{account.id}").text
    assert leads_to(admin.post(path)) == f"/accounts/{account.id}"
    assert "第二人" in admin.get(f"/accounts/{account.id}").text
    refused = admin.post(path)
    assert refused.status_code == 409
    assert not SECRET.search(refused.text)
    assert admin.post(f"/resets/{reset_id(people)}/agree").status_code == 409
    other = settled(people, people.enters(second))
    assert account.name in other.get("/resets/").text
    assert leads_to(other.post(f"/resets/{reset_id(people)}/agree")) == "/resets/"
    password = SECRET.search(admin.post(path).text)
    assert password
    assert leads_to(people.stranger().sign_in(account.login, password[1])) == "/"


def test_a_reset_that_is_refused_gives_no_password(people: People) -> None:
    account, admin = people.account(Role.AUDITOR), people.enters(Role.SECURITY_ADMINISTRATOR)
    admin.post(f"/accounts/{account.id}/password")
    other = settled(people, people.enters(Role.BUREAU_LEADER))
    refuse, why = f"/resets/{reset_id(people)}/refuse", "<b>电话核实：本人没有申请"
    assert other.post(refuse, {"reason": " "}).status_code == 422
    assert leads_to(other.post(refuse, {"reason": why})) == "/resets/"
    assert other.post(f"/resets/{reset_id(people)}/agree").status_code == 409
    page = admin.get("/resets/").text
    assert other.account is not None
    for text in ("未办成的申请", account.name, "不予同意", other.account.name, "&lt;b&gt;电话核实：本人没有申请"):
        assert text in page
    assert "等待第二人同意" not in page
    assert leads_to(admin.post(f"/accounts/{account.id}/password")) == f"/accounts/{account.id}"


def test_a_second_account_made_on_the_spot_does_not_help(people: People) -> None:
    account, admin = people.account(Role.SUPERVISION_HEAD), people.enters(Role.SECURITY_ADMINISTRATOR)
    admin.post(f"/accounts/{account.id}/password")
    puppet = people.enters(Role.SECURITY_ADMINISTRATOR)
    assert puppet.post(f"/resets/{reset_id(people)}/agree").status_code == 409
    assert "24 小时" in puppet.get("/resets/").text


def test_a_new_supervisor_signs_in_only_after_the_word_of_a_second_person(people: People) -> None:
    admin = people.enters(Role.SECURITY_ADMINISTRATOR)
    form = {"name": "新监察", "login": "new.one", "role": "supervisor", "office": "", "active": "y"}
    made = admin.post("/accounts/new", form)
    password = SECRET.search(made.text)
    assert password
    assert "双人同意" in made.text
    assert people.stranger().sign_in("new.one", password[1]).status_code == 422
    assert admin.post(f"/resets/{reset_id(people)}/agree").status_code == 409
    head = settled(people, people.enters(Role.SUPERVISION_HEAD))
    assert "角色：监察员" in head.get("/resets/").text
    assert leads_to(head.post(f"/resets/{reset_id(people)}/agree")) == "/resets/"
    assert leads_to(people.stranger().sign_in("new.one", password[1])) == "/"


def test_an_officer_becomes_a_supervisor_only_by_the_word_of_a_second_person(people: People) -> None:
    account, admin = people.account(Role.OFFICER), people.enters(Role.SECURITY_ADMINISTRATOR)
    path = f"/accounts/{account.id}"
    form = {
        "name": account.name,
        "role": "supervisor",
        "office": "",
        "active": "y",
        "version": str(account.version),
    }
    assert leads_to(admin.post(path, form)) == path
    shown = admin.get(path).text
    assert "已申请角色：监察员" in shown
    with people.database.reading() as session:
        assert session.get_one(Account, account.id).role is Role.OFFICER
    head = settled(people, people.enters(Role.SUPERVISION_HEAD))
    assert leads_to(head.post(f"/resets/{reset_id(people)}/refuse", {"reason": "不需要"})) == "/resets/"
    assert "已申请角色" not in admin.get(path).text


def test_after_a_reset_no_route_lets_the_account_agree_listen_download_or_export(offices: Offices) -> None:
    people, asked = offices.people, set()
    for role in Role:
        browser = people.enters(role)
        assert browser.account is not None
        with people.database.transaction() as session:
            session.get_one(Account, browser.account.id).barred_until = now() + timedelta(minutes=5)
        for route in declared(people.app):
            with people.app.app_context():
                barred = route.declaration in BARRED_ACTS or does_leave_evidence(route.endpoint)
            if not (barred and lets_in(route, role)):
                continue
            path = VARIABLE.sub(lambda found: str(offices.here.get(found[1], offices.here["call_id"])), route.rule)
            answer = browser.get(path) if route.methods == ("GET",) else browser.post(path)
            assert (answer.status_code, route) == (409, route)
            assert "24 小时内" in answer.text
            asked.add(route.endpoint)
    assert {"recordings.audio", "recordings.download", "audit.export", "live.listen", "resets.agree"} <= asked
    if "deletions" in str(people.app.url_map):
        assert {"retention.agree", "hq_draws.decide", "completeness.pdf", "caller_requests.grant"} <= asked


def test_once_the_day_is_over_the_account_does_all_that_its_role_allows(offices: Offices) -> None:
    leader = offices.people.admits(offices.town.people["leader"])
    assert leader.account is not None
    with offices.people.database.transaction() as session:
        session.get_one(Account, leader.account.id).barred_until = now() - timedelta(seconds=1)
    answer = leader.get(f"/recordings/{offices.here['call_id']}/download", buffered=True)
    assert answer.status_code == 200
    assert Act.DOWNLOAD in BARRED_ACTS


@pytest.mark.parametrize("common", ["1234567890", "Password123", "qwertyuiop", "19900101199", "1qaz2wsx3edc"])
def test_a_common_password_is_refused_and_said_at_its_field(people: People, common: str) -> None:
    browser = people.enters(Role.AUDITOR)
    given = {"current": "correct horse battery", "password": common, "again": common}
    answer = browser.post("/account/password", given)
    assert answer.status_code == 422
    assert "最先被猜到" in answer.text
