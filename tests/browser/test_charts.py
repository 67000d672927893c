"""A chart under the strict policy: drawn, read by the keys, saved as a picture; without script its table."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.conftest import sign_in
from tests.browser.stage import Stage
from tests.browser.waiting import until

pytestmark = pytest.mark.browser

CANVASES = "[...document.querySelectorAll('#chart-quotas-office canvas')]"
SHOWN = f"{CANVASES}.map((one) => one.toDataURL()).join()"
EMPTY = "Object.assign(document.createElement('canvas'), { width: one.width, height: one.height }).toDataURL()"
PAINTED = f"{CANVASES}.some((one) => one.toDataURL() !== {EMPTY})"
WHITE = (255, 255, 255)


def test_a_chart_is_drawn_and_saved_and_its_table_needs_no_script(
    hq_stage: Stage, chromium: Browser, tmp_path: Path
) -> None:
    context = chromium.new_context(color_scheme="dark", reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, hq_stage, "head")
    page.goto(f"{hq_stage.address}/quotas/")
    chart = page.locator("#chart-quotas-office")
    expect(chart).to_have_attribute("data-drawn", "")
    until(page, PAINTED)

    page.evaluate(f"() => {{ window.before = {SHOWN}; }}")
    chart.locator("[data-part=drawing]").press("End")
    until(page, f"{SHOWN} !== window.before")  # what the chart says there

    with page.expect_download() as saved:
        chart.get_by_role("button").click()
    assert saved.value.suggested_filename.startswith("quotas-office-")
    with Image.open(saved.value.path()) as opened:
        assert opened.format == "PNG"
        picture = opened.convert("RGB")
    assert picture.getpixel((0, 0)) == WHITE, "for paper, whatever the page looks like"
    assert len(picture.getcolors(2**24) or []) > 16

    with page.expect_download() as taken:
        chart.get_by_role("link").first.click()
    rows = Path(taken.value.path()).read_text("utf-8-sig").splitlines()
    state = context.storage_state()
    context.close()
    assert complaints == []

    bare = chromium.new_context(java_script_enabled=False, storage_state=state).new_page()
    bare.goto(f"{hq_stage.address}/quotas/")
    figures = bare.locator("#chart-quotas-office")
    figures.locator("summary").click()
    table = figures.locator("table tr").all_inner_texts()
    assert [row.replace("\t", ",") for row in table] == rows
    expect(figures.locator("[data-part=drawing]")).to_be_hidden()
    expect(figures.get_by_role("button")).to_have_count(0)
    bare.context.close()
