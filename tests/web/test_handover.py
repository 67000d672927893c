"""Handing over on the site: who is gone, what waits, who takes it; and the start page says so."""

import pytest
from sqlalchemy import select

from supervision.actor import Role
from supervision.database import Database
from supervision.people.models import Account
from supervision.rectification.models import Rectification
from supervision.settings import Mode, Settings
from tests.evaluations.factories import Work, make_work
from tests.factories import QUICK
from tests.findings.factories import treated
from tests.rectification.factories import issued
from tests.web.conftest import People


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def work(people: People, settings: Settings) -> Work:
    """The town's people, who can sign in; Zhang has a notice of his leader's to reply to."""
    with people.database.transaction() as session:
        made = make_work(session, settings.home)
        for person in made.town.people.values():
            person.password_hash = QUICK
        issued(made, treated(made), login="leader", to="zhang")
    return made


@pytest.fixture
def notice(work: Work, database: Database) -> Rectification:
    with database.reading() as session:
        return session.scalars(select(Rectification)).one()


def test_a_leader_hands_over_what_waits_for_somebody_who_has_left(
    people: People, work: Work, notice: Rectification, database: Database
) -> None:
    zhang, li = work.town.people["zhang"], work.town.people["li"]
    with database.transaction() as session:
        session.get_one(Account, zhang.id).active = False
    leader = people.admits(work.town.people["leader"])
    assert "移交" in leader.get("/").text
    assert f"/handover/{zhang.id}" in leader.get("/handover/").text
    page = leader.get(f"/handover/{zhang.id}").text
    assert notice.number in page
    assert "无人处理" in page
    form = {"handed": f"notice:{notice.id}", "taker": str(li.id), "reason": "left", "note": "<b>急</b>"}
    after = leader.post(f"/handover/{zhang.id}", form, follow_redirects=True).text
    assert "&lt;b&gt;急&lt;/b&gt;" in after
    with database.reading() as session:
        assert session.get_one(Rectification, notice.id).addressee_id == li.id


def test_what_is_wrong_is_said_and_nothing_is_handed_over(
    people: People, work: Work, notice: Rectification, database: Database
) -> None:
    zhang = work.town.people["zhang"]
    leader = people.admits(work.town.people["leader"])
    for form in (
        {"handed": f"notice:{notice.id}", "taker": str(work.town.people["wu"].id), "reason": "ill"},
        {"handed": "notice:x", "taker": str(work.town.people["li"].id), "reason": "ill"},
        {"handed": f"notice:{notice.id}", "taker": "x", "reason": "ill"},
        {"handed": f"notice:{notice.id}", "taker": str(work.town.people["li"].id), "reason": "bored"},
        {"taker": str(work.town.people["li"].id), "reason": "ill"},
    ):
        said = leader.post(f"/handover/{zhang.id}", form, follow_redirects=True)
        assert 'class="notice bad' in said.text, form
    with database.reading() as session:
        assert session.get_one(Rectification, notice.id).addressee_id == zhang.id


def test_whoever_switches_an_account_off_is_shown_what_waits_for_it(people: People, work: Work) -> None:
    zhang, keeper = work.town.people["zhang"], people.enters(Role.SECURITY_ADMINISTRATOR)
    form = {"name": zhang.name, "role": "officer", "office": "01", "version": str(zhang.version)}
    said = keeper.post(f"/accounts/{zhang.id}", form, follow_redirects=True).text
    assert "有 1 个事项指定由此人办理" in said


def test_others_see_nobody(people: People, work: Work) -> None:
    zhang = work.town.people["zhang"]
    for login in ("li", "wu", "supervisor"):
        browser = people.admits(work.town.people[login])
        assert browser.get(f"/handover/{zhang.id}").status_code == 404
        assert "没有" in browser.get("/handover/").text
