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
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
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

HELPS = {
    Role.OFFICER: "分数和评语显示在这里",
    Role.OFFICE_LEADER: "下一次抽检在周一生成",
    Role.SUPERVISOR: "下一次抽检在每月一日生成",
    Role.SUPERVISION_HEAD: "需要您决定的事项显示在这里，并注明期限",
    Role.BUREAU_LEADER: "以及各税务所的数字显示在这里",
    Role.SYSTEM_ADMINISTRATOR: "以异常形式显示在这里",
    Role.SECURITY_ADMINISTRATOR: "需要您作为第二人同意时",
    Role.AUDITOR: "审计日志随时可以校验",
}


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.mark.parametrize("role", list(Role))
def test_on_the_first_day_every_role_sees_what_to_do_or_what_will_come(people: People, role: Role) -> None:
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
    main = browser.get("/").text.partition("<main")[2]
    assert "没有待办事项" in main
    assert HELPS[role] in main


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
    assert re.search(r'class="button[^"]*" href="/findings/[^"]', page), "one click"
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
        work.town.missed(now() - timedelta(seconds=60))
        work.draw([work.town.call(now() - timedelta(days=90)), work.town.call(now() - timedelta(days=90))])
        notice = issued(work)
        notice.due_on = today() - timedelta(days=1)
    page = people.enters(Role.BUREAU_LEADER).get("/").text
    row = page.partition("城关税务所</th>")[2].partition("</tr>")[0]
    cells = [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
    assert cells[2:] == ["1", "–", "0/2 1 件逾期", "1 1 件逾期"]
    assert int(cells[0]) >= 2
    assert re.search(r'href="/completeness/\?office=01&amp;from=[0-9-]+-01&amp;to=[0-9-]+"', row)
    assert 'href="/quotas/?office=01"' in row
    assert "平均分只计抽中且评价有效的通话" in page


def test_incidents_lead_to_a_list_of_as_many(people: People, settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        work = make_work(session, settings.home)
        work.town.people["leader"].password_hash = QUICK
        notice = issued(work)
        for cause, subject in ((Cause.RECTIFICATION_OVERDUE, notice.subject), (Cause.NO_BYTES, "y")):
            open_incident(session, office_code="01", cause=cause, subject=subject, at=now())
    browser = people.admits(work.town.people["leader"])
    assert "待查看的异常 1 件" in browser.get("/").text
    assert browser.get("/incidents/?state=unseen").text.count('href="/incidents/0') == 1
    assert browser.get("/incidents/?state=open").text.count('href="/incidents/0') == 2
