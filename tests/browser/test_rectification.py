"""From a finding in the review room to a rectification that is closed and recurs, by keyboard only."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from supervision.clock import now
from supervision.database import Database
from supervision.draws.rules import Tier
from supervision.findings.service import open_treatments
from supervision.people import passwords
from supervision.rectification.models import Rectification
from supervision.rectification.watching import list_recurring, watch_one
from supervision.settings import Mode, Settings
from tests.browser.reviewer import begins, enters, reviews, tabs_to
from tests.browser.stage import PASSWORD, served
from tests.evaluations.factories import Work, make_work
from tests.findings.factories import breach
from tests.rectification.factories import PDF

pytestmark = pytest.mark.browser


@dataclass
class Room:
    """Headquarters with a call of its own draw that is not evaluated yet."""

    settings: Settings
    database: Database
    work: Work


@pytest.fixture
def room(tmp_path: Path, sqlite_url: str) -> Iterator[Room]:
    settings = Settings(home=tmp_path, database_url=sqlite_url, secure_cookies=False, mode=Mode.HQ)
    database = Database(sqlite_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        hashed = passwords.hashed(PASSWORD)
        for person in work.town.people.values():
            person.password_hash = hashed
        work.draw([work.call(3)], Tier.HQ)
    yield Room(settings, database, work)
    database.close()


def follows(page: Page, selector: str) -> None:
    """Tab there and press Enter."""
    tabs_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def writes(page: Page, field: str, text: str) -> None:
    """Tab to a field and type."""
    tabs_to(page, field)
    page.keyboard.type(text)


def sends(page: Page, form: str) -> None:
    """Tab to the button of a form and press it."""
    follows(page, f"form[action$='/{form}'] button[type=submit]")


def replies(page: Page, file: Path) -> None:
    """Both halves, and a file."""
    writes(page, "[name=now_done]", "已约谈本人")
    writes(page, "[name=prevention]", "每周晨会讲评")
    page.set_input_files("[name=attachment]", [str(file)] * 6)
    assert page.locator("[name=attachment]").evaluate("field => field.validationMessage")
    page.set_input_files("[name=attachment]", str(file))
    sends(page, "reply")


def test_a_finding_leads_to_a_rectification_that_is_closed_and_recurs(
    chromium: Browser, room: Room, tmp_path: Path
) -> None:
    file = tmp_path / "整改报告.pdf"
    file.write_bytes(PDF)
    with served(room.settings, room.database) as (address, _site):
        leader, supervisor = (enters(chromium, address, login) for login in ("leader", "supervisor"))
        _finds(supervisor, address, room.database)
        _treats(leader, address)
        notice = _issues(supervisor, address)
        leader.goto(f"{address}/")
        follows(leader, "a[href*='/rectification/'].button")
        replies(leader, file)
        expect(leader.locator(".notice.good")).to_be_visible()
        supervisor.goto(notice)
        tabs_to(supervisor, "details.more summary")
        supervisor.keyboard.press("Enter")
        writes(supervisor, "#in-note-return", "请附学习名单")
        sends(supervisor, "return")
        leader.goto(notice)
        replies(leader, file)
        supervisor.goto(notice)
        writes(supervisor, "#in-note", "抽听三通，已改正")
        sends(supervisor, "verify")
        sends(supervisor, "close")
        expect(supervisor.locator("main")).to_contain_text("已办结")
        _recurs(room)
        supervisor.goto(notice)
        expect(supervisor.locator("main")).to_contain_text("再次查出")
        leader.goto(f"{address}/")
        expect(leader.locator(".todos")).to_contain_text("答复整改通知")


def _finds(supervisor: Page, address: str, database: Database) -> None:
    supervisor.goto(f"{address}/review/")
    begins(supervisor)
    reviews(supervisor, "打断对方讲话")
    with database.transaction() as session:
        open_treatments(session)


def _treats(leader: Page, address: str) -> None:
    leader.goto(f"{address}/findings/")
    follows(leader, "main td a.strong")
    writes(leader, "#in-person-text", "谈话提醒")
    sends(leader, "person")
    expect(leader.locator("main")).to_contain_text("谈话提醒")


def _issues(supervisor: Page, address: str) -> str:
    supervisor.goto(f"{address}/findings/")
    tabs_to(supervisor, "input[name=finding]")
    supervisor.keyboard.press("Space")
    follows(supervisor, "form[action='/rectification/new'] button[type=submit]")
    writes(supervisor, "[name=demand]", "请立即整改，并防止再次发生")
    sends(supervisor, "new")
    expect(supervisor.locator(".notice.good")).to_be_visible()
    return supervisor.url


def _recurs(room: Room) -> None:
    """A call that comes in after the closing is drawn and evaluated, with a finding of the same category."""
    with room.database.transaction() as session:
        work = Work(room.work.town, room.settings.home)
        work.town.session = session
        category = str(session.query(Rectification).one().findings[0].category)
        (ticket,) = work.draw([work.call(20, at=now())])
        work.judges("leader", ticket, findings=[breach(9, category)])
        open_treatments(session)
        assert [watch_one(session, one.id, now()) for one in list_recurring(session)] == [True]
