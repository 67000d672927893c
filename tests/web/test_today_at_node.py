"""The start page of an office's site: a person's work as far as the node knows it, and the way to headquarters."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from supervision.actor import Role, Scope
from supervision.clock import local, now
from supervision.database import Database
from supervision.discipline import messages as records
from supervision.draws.messages import SentTicket
from supervision.draws.models import Draw, Ticket
from supervision.draws.node_lists import remember
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import TicketState, week_of
from supervision.evaluations import messages as evaluations
from supervision.exchange.models import OutboxHead
from supervision.exchange.service import open_outbox
from supervision.people.sign_ins import note_confirmed
from supervision.rectification import messages as rectifications
from supervision.settings import Mode, Settings
from tests.discipline.factories import decided, proposed
from tests.draws.made import make_drawn
from tests.evaluations.factories import Work, make_work
from tests.factories import QUICK
from tests.findings.factories import breach, judged, treated
from tests.rectification.factories import answered, issued
from tests.web.conftest import People
from web import create_app

HQ = "https://hq.example"
MENU = re.compile(
    r'href="(/[a-z]*/)"[^<]*<svg.*?</svg><span>[^<]*</span>(?:<span class="count-badge"[^>]*>(\d+))?'
)
HELPS = {
    Role.OFFICER: "接听您的分机",
    Role.OFFICE_LEADER: "尚无来电",
    Role.SUPERVISOR: "可随时收听本所任何通话",
    Role.SUPERVISION_HEAD: "可随时收听本所任何通话",
    Role.BUREAU_LEADER: "这是一个税务所的网站",
    Role.SYSTEM_ADMINISTRATOR: "以异常形式显示在这里",
    Role.SECURITY_ADMINISTRATOR: "需要您作为第二人同意时",
    Role.AUDITOR: "审计日志随时可以校验",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"hq_url": "https://hq:8443", "hq_site_url": f"{HQ}/"})


@pytest.fixture(autouse=True)
def _reached(database: Database) -> None:
    """The node has its people from headquarters, which answers."""
    with database.transaction() as session:
        note_confirmed(session, "01", "e" * 64, now())
        open_outbox(session, "01")
        session.execute(update(OutboxHead).values(reached_at=now()))


@pytest.mark.parametrize("role", list(Role))
def test_on_the_first_day_every_role_is_helped_and_led_to_headquarters(people: People, role: Role) -> None:
    page = people.enters(role).get("/")
    assert page.status_code == 200
    main = page.text.partition("<main")[2]
    assert "没有待办事项" in main
    assert HELPS[role] in main
    assert f'href="{HQ}/"' in main
    assert 'href="/" aria-current="page"' in page.text


def test_each_finds_his_own_with_its_day_and_the_menu_counts_it(
    people: People, settings: Settings, database: Database
) -> None:
    with database.transaction() as session:
        work = make_work(session, settings.home)
        for person in work.town.people.values():
            person.password_hash = QUICK
        judged(work, breach())
        draw = drawn_of_node(work)
        asked, put_back = issued(work), issued(work, treated(work, breach(2)))
        answered(work, put_back)
        inside = issued(work, treated(work, breach(3)), login="leader", to="zhang")
        record = decided(work, proposed(work))
        evaluations.apply_copies(session, "01", evaluations.changed_after(session, "01"))
        rectifications.apply_copies(session, "01", rectifications.changed_after(session, "01"))
        records.apply_copies(session, "01", records.changed_after(session, "01"))
    leader, zhang, li = (people.admits(work.town.people[login]) for login in ("leader", "zhang", "li"))
    page = leader.get("/").text
    assert "待评价 2 通" in page
    assert f"答复整改通知 {asked.number}" in page
    assert f"整改通知 {put_back.number}" not in page
    assert page.index("逾期") < page.index("待评价 2 通")
    assert f'href="{HQ}/draws/{draw.id}"' in page
    assert f'href="{HQ}/rectification/{asked.id}"' in page
    assert f'href="{HQ}/rectification/{asked.id}"' in leader.get(f"/rectification/{asked.id}").text
    assert dict(MENU.findall(page))["/draws/"] == "2"
    assert dict(MENU.findall(leader.get("/calls/").text))["/rectification/"] == "1"
    page = zhang.get("/").text
    assert f"答复整改通知 {inside.number}" in page
    assert f"查阅并签收决定 {record.number}" in page
    assert f'href="{HQ}/discipline/{record.id}"' in page
    assert "最近的评价" in page
    assert "指出 1 个问题" in page
    assert "没有待办事项" in li.get("/").text
    with database.transaction() as session:
        session.execute(update(OutboxHead).values(reached_at=now() - timedelta(hours=1)))
    page = leader.get("/").text
    assert f'href="/draws/{draw.id}"' in page
    assert f'href="/rectification/{asked.id}"' in page
    page = zhang.get("/").text
    assert f"查阅并签收决定 {record.number}" in page
    assert "/discipline/" not in page
    assert "须在总系统网站办理" in page


def drawn_of_node(work: Work) -> Draw:
    """A week of eleven calls as a node holds it: three drawn, one judged as headquarters sent it."""
    at = now()
    calls = [work.town.call(at - timedelta(minutes=1)) for _ in range(11)]
    draw = make_drawn(work.session, f"office:01:{week_of(local(calls[0].offered_at).date()).name}", at)
    tickets = tickets_of_draw(work.session, Scope(), draw.id)
    remember(draw, tickets=(SentTicket(call=tickets[0].call_id, state=TicketState.DONE),))
    work.session.execute(delete(Ticket).where(Ticket.draw_id == draw.id))
    return draw


def test_what_the_page_leads_to_is_there_at_headquarters(settings: Settings, database: Database) -> None:
    app = create_app(settings.model_copy(update={"mode": Mode.HQ}), database)
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert {"/", "/draws/<uuid:draw_id>", "/rectification/<uuid:rectification_id>"} <= rules
