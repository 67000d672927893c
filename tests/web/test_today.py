"""The start page of every role: what is to be done, one click away; else a sentence that helps."""

import re
from datetime import timedelta

import pytest

from supervision.actor import Role, Scope
from supervision.clock import now, today
from supervision.context import Context
from supervision.database import Database
from supervision.draws.rules import Tier
from supervision.findings.service import open_treatments
from supervision.regulation.queries import in_force
from supervision.regulation.service import confirm
from supervision.settings import Mode, Settings
from supervision.workdays.queries import get_calendar
from supervision.workdays.rules import provisional_years
from supervision.workdays.service import confirm_year
from tests.calls.samples import actor_of
from tests.evaluations.factories import make_work
from tests.factories import QUICK
from tests.findings.factories import breach, judged
from tests.rectification.factories import issued
from tests.web.conftest import People


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.mark.parametrize("role", list(Role))
def test_on_the_first_day_every_role_is_told_what_to_do_or_what_will_come(people: People, role: Role) -> None:
    browser = people.enters(role)
    page = browser.get("/")
    assert page.status_code == 200
    assert "阅读并确认管理办法" in page.text
    with people.database.transaction() as session:
        regulation = in_force(session)
        assert regulation
        assert browser.account
        context = Context(session, actor_of(browser.account), Scope())
        confirm(context, regulation.id)
        for year in provisional_years(get_calendar(session), today()):
            confirm_year(context, year, "国办发明电")
    page = browser.get("/")
    assert "没有待办事项" in page.text


def test_each_side_finds_its_own_work_with_its_day(people: People, settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        work = make_work(session, settings.home)
        for person in work.town.people.values():
            person.password_hash = QUICK
        judged(work, breach())
        work.draw([work.town.call(now() - timedelta(days=1))])
        work.draw([work.town.call(now() - timedelta(days=2))], Tier.HQ)
        open_treatments(session)
        number = issued(work).number
    leader, supervisor, zhang = (people.admits(work.town.people[x]) for x in ("leader", "supervisor", "zhang"))
    page = leader.get("/").text
    assert f"答复整改通知 {number}" in page
    assert "待评价 1 通" in page
    assert "待处理的问题" in page
    assert re.search(r'href="/findings/[0-9a-f-]{36}"', page), "the one that is due first is one click away"
    assert page.index("逾期") < page.index("阅读并确认")
    page = supervisor.get("/").text
    assert "答复整改通知" not in page
    assert re.search(r"待评价 1 通（[0-9-]+） · 城关税务所<", page)
    assert "最近的评价" in zhang.get("/").text


def test_the_bureau_leader_begins_with_figures_by_office(people: People, settings: Settings) -> None:
    with people.database.transaction() as session:
        work = make_work(session, settings.home)
        work.town.call(now() - timedelta(seconds=90))
        issued(work)
    page = people.enters(Role.BUREAU_LEADER).get("/").text
    assert "城关税务所" in page
    assert 'href="/quotas/?office=01"' in page
    assert "三声内接听" in page
    assert "未办结整改" in page


@pytest.mark.parametrize("role", list(Role))
def test_at_most_seven_entries_are_in_sight_with_the_same_counts(people: People, role: Role) -> None:
    page = people.enters(role).get("/").text
    menu = page.partition('id="menu"')[2].partition("</nav>")[0]
    groups = re.findall(r"<details.*?</details>", menu, re.DOTALL)
    top = re.sub(r"<details.*?</details>", "<a>", menu, flags=re.DOTALL)
    assert [part.count("<a") for part in (top, *groups) if part.count("<a") > 7] == []
    assert re.search(r'href="/regulation/".*?count-badge" title="1 项待办">1<', menu)


def test_what_is_done_leaves_the_menu_at_once(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    with people.database.reading() as session:
        regulation = in_force(session)
        assert regulation
    assert "count-badge" in browser.get("/regulation/").text
    browser.post(f"/regulation/{regulation.id}/confirm")
    assert "count-badge" not in browser.get("/regulation/").text
