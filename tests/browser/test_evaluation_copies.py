"""At his own office's site an officer finds what was judged of him, hears it, and looks for one of many."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reviewer import enters
from tests.browser.stage import Stage
from tests.browser.waiting import until

pytestmark = pytest.mark.browser


def test_an_officer_finds_hears_and_looks_for_what_was_judged_of_him(stage: Stage, chromium: Browser) -> None:
    page = enters(chromium, stage.address, "zhang")
    page.goto(stage.address)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.locator(".side-nav").get_by_role("link", name="检查评价").click()
    page.wait_for_url(f"{stage.address}/evaluation-copies/")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    for shown in ("95", "优秀", "计入任务", "陈所长"):
        expect(row).to_contain_text(shown)
    page.get_by_label("总分不高于").fill("94")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("没有符合条件的评价")
    page.get_by_role("link", name="清除").click()
    row.get_by_role("link").first.click()
    for shown in ("10 / 15", "有扣分", "计入任务"):
        expect(page.locator("#main")).to_contain_text(shown)
    page.locator("[data-part=toggle]").click()
    until(page, "document.querySelector('audio').played.length > 0")
    page.context.close()
    assert complaints == []
