"""Pages of calls and incidents, without a complaint of the browser; the live view."""

import uuid

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Party
from supervision.clock import now
from tests.browser.conftest import sign_in
from tests.browser.stage import PASSWORD, Stage

pytestmark = pytest.mark.browser


def test_a_note_on_an_incident_is_kept(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/incidents/")
    page.locator("td a.strong").first.click()
    page.fill("textarea[name=note]", "已查,线路恢复。")
    with page.expect_navigation():
        page.click(".note-form button")
    expect(page.locator("textarea[name=note]")).to_have_value("已查,线路恢复。")


def test_what_was_typed_into_a_form_that_is_refused_is_still_there(
    context: BrowserContext, hq_stage: Stage
) -> None:
    page = context.new_page()
    sign_in(page, hq_stage, "head")
    page.goto(f"{hq_stage.address}/quotas/")
    page.select_option("[name=tier]", "office")
    page.fill("[name=percent]", "12")
    page.fill("[name=reason]", "人手不够，先少抽一些")
    with page.expect_navigation():
        page.get_by_role("button", name="设定比例").click()
    expect(page.locator(".notice.bad[data-answers]")).to_contain_text("最低比例")
    expect(page.locator("[name=reason]")).to_have_value("人手不够，先少抽一些")
    expect(page.locator("[name=percent]")).to_have_value("12")
    page.reload()
    expect(page.locator("[name=reason]")).to_have_value("")


def test_what_was_typed_is_not_lost_with_the_session_nor_by_another_who_was_first(
    context: BrowserContext, hq_stage: Stage
) -> None:
    page, finding = context.new_page(), f"{hq_stage.address}/findings/{hq_stage.treatment_id}"
    sign_in(page, hq_stage, "leader")
    page.goto(finding)
    other = context.new_page()
    other.goto(finding)
    context.clear_cookies()
    writes(page, "已与本人谈话")
    expect(page.locator(".gate-card .notice")).to_contain_text("登录已失效")
    page.fill("input[name=login]", "leader")
    page.fill("input[type=password]", PASSWORD)
    with page.expect_navigation(url=finding):
        page.keyboard.press("Enter")
    expect(page.locator("#in-person-text")).to_have_value("已与本人谈话")
    second = context.new_page()
    second.goto(finding)
    with page.expect_navigation():
        page.locator("form", has=page.locator("#in-person-text")).get_by_role("button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    writes(second, "迟了一步")
    expect(second.locator("[data-overtaken] textarea")).to_have_value("迟了一步")
    writes(other, "登录失效前打开的页面")
    expect(other.locator("#in-person-text")).to_have_value("登录失效前打开的页面")


def writes(page: Page, text: str) -> None:
    """Write down anew what was said to the person."""
    form = page.locator("form", has=page.locator("#in-person-text"))
    page.locator("summary", has_text="重新填写").first.click()
    page.fill("#in-person-text", text)
    with page.expect_navigation():
        form.get_by_role("button").click()


STICKING_OUT = """() => [...document.querySelectorAll(".field")].filter((field) => [...field.children].some(
    (one) => one.getBoundingClientRect().right > field.getBoundingClientRect().right + 1,
)).map((field) => field.innerText)"""


def test_on_a_phone_no_field_of_the_filter_covers_the_next(page: Page, stage: Stage) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{stage.address}/calls/")
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_hostile_caller_id_runs_nothing(page: Page, stage: Stage) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(f"{stage.address}/calls/{stage.hostile_id}")
    with page.expect_navigation():
        page.click(".unmask button")
    expect(page.locator(".revealed").first).to_contain_text('"; rm -rf / ; ${SHELL(id)}<script>alert(1)</script>')


def test_pages_turn_older_and_back(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/calls/")
    first = page.locator("a.row-link").first.get_attribute("href")
    page.click("a[rel=next]")
    assert page.locator("a.row-link").count() == 26
    page.click("a[rel=prev]")
    assert page.locator("a.row-link").first.get_attribute("href") == first


def test_the_live_view_follows_calls_without_a_reload(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/calls/")
    expect(page.locator(".live-card")).to_have_count(2)
    href = page.locator('.live-card[data-state="talking"] a').get_attribute("href")
    assert href is not None
    with stage.database.transaction() as session:
        call = session.get_one(Call, uuid.UUID(href.rsplit("/", 1)[1]))
        call.ended_at, call.disposition, call.hung_up_by = now(), Disposition.ANSWERED, Party.OFFICER
    expect(page.locator(".live-card")).to_have_count(1, timeout=15_000)
    row = page.locator(f'tr:has(a[href="{href}"])')
    expect(row.locator(".badge.good")).to_be_visible(timeout=15_000)


def test_the_live_view_leaves_focus_and_unchanged_rows_alone(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/calls/")
    page.locator("a.row-link").nth(3).focus()
    page.evaluate("document.querySelectorAll('tbody tr').forEach((row) => (row.old = true))")
    href = page.locator('.live-card[data-state="talking"] a').get_attribute("href")
    assert href is not None
    with (
        page.expect_request(lambda asked: "/calls/live" in asked.url) as asked,
        stage.database.transaction() as session,
    ):
        call = session.get_one(Call, uuid.UUID(href.rsplit("/", 1)[1]))
        call.ended_at, call.disposition, call.hung_up_by = now(), Disposition.ANSWERED, Party.OFFICER
    assert asked.value.headers["x-unattended"] == "1"
    row = page.locator(f'tr:has(a[href="{href}"])')
    expect(row.locator(".badge.good")).to_be_visible(timeout=15_000)
    assert page.evaluate("document.activeElement.matches('a.row-link')")
    total = page.locator("tbody tr").count()
    assert page.evaluate("[...document.querySelectorAll('tbody tr')].filter((row) => row.old).length") == total - 1
