"""The scorecard's editor: the sum while one types, and criteria added, removed and moved, then saved so."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.reviewer import enters
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def names(page: Page) -> list[str]:
    """The criteria's names in their order, each under the number of its place."""
    rows = page.locator("[data-row]").count()
    return [page.locator(f"[name=name-{n}]").input_value() for n in range(1, rows + 1)]


def test_criteria_are_added_removed_and_moved_and_the_sum_goes_along(hq_stage: Stage, chromium: Browser) -> None:
    page = enters(chromium, hq_stage.address, "head")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{hq_stage.address}/scorecards/{hq_stage.scorecard_draft_id}/edit")
    before, total = names(page), page.locator("[data-part=sum]")
    assert len(before) == 7, "the empty rows are for whoever has no scripts"
    expect(total).to_have_text("100")
    expect(total).to_have_attribute("data-whole", "")
    rows = page.locator("[data-row]")
    expect(rows.first.locator("[data-act=up]")).to_be_disabled()
    expect(rows.last.locator("[data-act=down]")).to_be_disabled()

    rows.nth(1).locator("[data-act=up]").click()
    expect(rows.first.locator("input").first).to_be_focused()  # its button is of no use any more
    rows.nth(2).locator("[data-act=down]").press("Enter")
    moved = [before[n] for n in (1, 0, 3, 2, 4, 5, 6)]
    assert names(page) == moved

    rows.last.locator("[data-act=remove]").click()
    expect(rows).to_have_count(6)
    expect(total).to_have_text("95")
    expect(total).not_to_have_attribute("data-whole", "")
    page.get_by_role("button", name="添加评分项").click()
    added = rows.last
    expect(added.locator("input").first).to_be_focused()
    page.keyboard.type("记录")
    added.locator("[name^=weight-]").fill("5")
    expect(total).to_have_text("100")
    expect(added.locator("[data-part=legend]")).to_contain_text("7")
    added.locator("summary").click()
    added.locator("[name^=clauses-][value='18']").check()
    expect(added.locator("[data-part=chosen]")).to_have_text("18")

    with page.expect_navigation():
        page.get_by_role("button", name="保存草稿").click()
    assert names(page) == [*moved[:6], "记录"]
    expect(page.locator("[name=clauses-7][value='18']")).to_be_checked()
    page.context.close()
    assert complaints == []
