"""A month's whole work: discipline and appeals, a complaint, the month closed, and what the figures say of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from supervision.clock import BUREAU_ZONE
from supervision.database import Database
from supervision.discipline.notices import tell_of_judgements
from supervision.draws.rules import Tier
from supervision.findings.service import open_treatments
from supervision.people import passwords
from supervision.settings import Mode, Settings
from tests.browser.clock import Clock
from tests.browser.reviewer import enters, signs_in
from tests.browser.stage import PASSWORD, served
from tests.discipline.factories import with_chief
from tests.evaluations.factories import make_work
from tests.findings.factories import breach
from tests.pdfs import EMBEDDED, fonts_of, text_of

pytestmark = pytest.mark.browser

WEDNESDAY = datetime(2026, 3, 18, 10, tzinfo=BUREAU_ZONE)
CLOSING = datetime(2026, 4, 16, 10, tzinfo=BUREAU_ZONE)
PEOPLE = ("supervisor", "head", "chief", "zhang")
CALLER = "13812345678"


@dataclass
class Bureau:
    """Headquarters in March, with three drawn calls of Zhang's that were judged there, and the people at work."""

    address: str
    clock: Clock
    zhang_id: str
    evaluations: list[str]
    pages: dict[str, Page]

    @property
    def march(self) -> str:
        """Zhang's page of the month."""
        return f"/assessment/people/{self.zhang_id}?period=2026-03"

    def goes(self, login: str, path: str) -> Page:
        """A person opens a page."""
        page = self.pages[login]
        page.goto(path if path.startswith("http") else f"{self.address}{path}")
        return page

    def figure(self, name: str) -> str:
        """What Zhang's page of March says of a figure, as the head sees it."""
        page = self.goes("head", self.march)
        row = page.locator("tbody tr", has=page.get_by_role("rowheader", name=re.compile(f"^{name}")))
        return " ".join(row.locator("td").first.inner_text().split())


@pytest.fixture
def bureau(
    chromium: Browser, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bureau]:
    settings = Settings(home=tmp_path, database_url=sqlite_url, secure_cookies=False, mode=Mode.HQ)
    database = Database(sqlite_url)
    with database.transaction() as session:
        work = with_chief(make_work(session, tmp_path))
        for person in work.town.people.values():
            person.password_hash = passwords.hashed(PASSWORD)
        calls = [work.call(20, caller_number=CALLER) for _ in range(3)]
        found = [
            work.judges("supervisor2", one, findings=[breach(n)])
            for n, one in enumerate(work.draw(calls, Tier.HQ))
        ]
        open_treatments(session)
        tell_of_judgements(session, WEDNESDAY.astimezone(UTC))
        zhang, evaluations = str(work.town.people["zhang"].id), [str(one.id) for one in found]
    with served(settings, database) as (address, _site):
        clock = Clock(monkeypatch, WEDNESDAY.astimezone(UTC))
        pages = {login: enters(chromium, address, login) for login in PEOPLE}
        yield Bureau(address, clock, zhang, evaluations, pages)
    database.close()


def sends(page: Page, form: str) -> None:
    """Press the button of a form; it is said that it is done."""
    with page.expect_navigation():
        page.locator(f"form[action$='/{form}'] button[type=submit]").first.click()
    expect(page.locator(".notice.good")).to_be_visible()


def opens(page: Page, words: str) -> None:
    """Open what is folded."""
    page.locator("details summary", has_text=words).first.click()


def test_a_months_whole_work(bureau: Bureau) -> None:
    assert bureau.figure("责任追究") == "0"
    upheld, dismissed = (_disciplined(bureau, one) for one in bureau.evaluations[:2])
    assert bureau.figure("责任追究") == "2"
    for record in (upheld, dismissed):
        _appeals(bureau, record)
    assert bureau.figure("责任追究") == "0", "while an appeal is open nothing of it counts"
    appeals = [_decides(bureau, upheld, "uphold"), _decides(bureau, dismissed, "dismiss")]
    assert bureau.figure("责任追究") == "1"
    complaint = _complains(bureau)
    assert bureau.figure("属实投诉") == "1"
    linked = _disciplines_for(bureau, complaint)
    expect(bureau.goes("supervisor", complaint).locator("main")).to_contain_text("责")
    bureau.clock.at = CLOSING.astimezone(UTC)
    signs_in(bureau.pages["head"], bureau.address, "head")
    head = bureau.goes("head", "/assessment/months")
    with head.expect_navigation():
        head.locator("form", has=head.locator("input[value='2026-03']")).locator("button").click()
    expect(
        bureau.goes("head", f"/assessment/people/{bureau.zhang_id}?period=2026-03").locator("main")
    ).to_contain_text("已封账")
    assert bureau.figure("责任追究") == "2"
    _prints(bureau, dismissed, linked, *appeals, bureau.march)


def _disciplined(bureau: Bureau, evaluation: str) -> str:
    """Proposed by the supervisor, decided by the head, noted by the person: the address of the record."""
    supervisor = bureau.goes("supervisor", f"/evaluations/{evaluation}")
    with supervisor.expect_navigation():
        supervisor.locator("a[href*='/discipline/new']").click()
    return _proposes(bureau, supervisor)


def _proposes(bureau: Bureau, supervisor: Page) -> str:
    points_off = supervisor.locator("[name=consequence] option", has_text="扣减考核分").first
    supervisor.select_option("[name=consequence]", points_off.get_attribute("value"))
    clause = supervisor.locator("[name=clause] option", has_text="批评教育").first
    supervisor.select_option("[name=clause]", clause.get_attribute("value"))
    supervisor.fill("[name=reason]", "三次打断对方讲话")
    sends(supervisor, "new")
    record = supervisor.url
    head = bureau.goes("head", record)
    sends(head, "decide")
    sends(bureau.goes("zhang", record), "confirm")
    return record


def _appeals(bureau: Bureau, record: str) -> None:
    zhang = bureau.goes("zhang", record)
    opens(zhang, "申诉")
    zhang.fill("[name=text]", "对方要求我重复，并非打断")
    zhang.fill("[name=at]", "0:07")
    sends(zhang, "appeal")


def _decides(bureau: Bureau, record: str, how: str) -> str:
    """The bureau leader decides the appeal; its address."""
    chief = bureau.goes("chief", record)
    with chief.expect_navigation():
        chief.locator("main a[href*='/appeals/']:not([href$='.pdf'])").first.click()
    chief.fill("[name=reason]", "听取录音后决定")
    with chief.expect_navigation():
        chief.locator(f"form[action$='/{how}'] button[type=submit], button[formaction$='/{how}']").first.click()
    expect(chief.locator(".notice.good")).to_be_visible()
    return chief.url


def _complains(bureau: Bureau) -> str:
    """Entered, tied by number, taken, proposed, decided by another, answered: the address of the complaint."""
    supervisor = bureau.goes("supervisor", "/complaints/new")
    supervisor.fill("[name=received_on]", "2026-03-18")
    supervisor.fill("[name=caller_number]", CALLER)
    supervisor.fill("[name=complaint]", "态度生硬")
    sends(supervisor, "new")
    complaint = supervisor.url
    with supervisor.expect_navigation():
        supervisor.locator("form[action$='/find'] button[type=submit]").click()
    sends(supervisor, "calls")
    sends(supervisor, "take")
    supervisor.select_option("[name=verdict]", "upheld")
    supervisor.select_option("[name=person]", bureau.zhang_id)
    supervisor.fill("[name=found]", "听录音属实")
    sends(supervisor, "proposal")
    head = bureau.goes("head", complaint)
    head.fill("#decision-note", "同意")
    sends(head, "decision")
    head.fill("[name=reply]", "已电话答复")
    sends(head, "close")
    return complaint


def _disciplines_for(bureau: Bureau, complaint: str) -> str:
    supervisor = bureau.goes("supervisor", complaint)
    with supervisor.expect_navigation():
        supervisor.locator("form[action*='/discipline/new'] button").click()
    return _proposes(bureau, supervisor)


def _prints(bureau: Bureau, *pages: str) -> None:
    """The decisions on records and appeals, and the sheet of the month: read back, in fonts of their own."""
    for page in pages:
        head = bureau.goes("head", page)
        address = head.locator("a[href*='.pdf']").first.get_attribute("href")
        answer = head.request.get(f"{bureau.address}{address}")
        pdf = answer.body()
        assert "张敏" in text_of(pdf)
        assert fonts_of(pdf) <= EMBEDDED
