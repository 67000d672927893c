"""The start page of every role: what is to be done, one click away; else a sentence that helps."""

import re
from datetime import timedelta

import pytest

from supervision.actor import Role, Scope
from supervision.clock import now, today
from supervision.context import Context
from supervision.database import Database
from supervision.draws.models import Draw
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
    assert page.index("逾期") < page.index("阅读并确认")
    page = supervisor.get("/").text
    assert "答复整改通知" not in page
    assert re.search(r"待评价 1 通（\d+年\d+月） · 城关税务所<", page)
    assert "最近的评价" in zhang.get("/").text


def test_the_draws_of_two_offices_are_told_apart_and_each_leads_to_its_own(
    people: People, settings: Settings, database: Database
) -> None:
    with database.transaction() as session:
        work = make_work(session, settings.home)
        work.town.people["supervisor"].password_hash = QUICK
        there = work.town.call(now() - timedelta(days=2), office_code="02", line_key="east")
        draws = [
            session.get_one(Draw, work.draw([call], Tier.HQ, office)[0].draw_id)
            for office, call in (("01", work.town.call(now() - timedelta(days=2))), ("02", there))
        ]
        for draw in draws:
            draw.period, draw.name = "2026-03", f"hq:{draw.office_code}:2026-03"
    browser = people.admits(work.town.people["supervisor"])
    page = browser.get("/").text
    said = re.findall(r"<strong>待评价 1 通（2026年3月） · (.*?)</strong>", page)
    assert sorted(said) == sorted(["城关税务所", "东山税务所"])
    leads = re.findall(r'href="(/draws/[^"]+)" aria-label="开始: 待评价', page)
    assert sorted(leads) == sorted(f"/draws/{draw.id}" for draw in draws)
    assert re.search(r'action="/review/tickets/[^"]+/take"', browser.get(leads[0]).text)


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
