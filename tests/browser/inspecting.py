"""What is wrong with a page as it stands: what axe finds, what is too wide, what lies under something else."""

import json
from functools import cache
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
INSPECT = Path(__file__).with_name("inspect.js")
DESKTOP: ViewportSize = {"width": 1366, "height": 768}
MOST_IN_SIGHT = 7
PHONE: ViewportSize = {"width": 390, "height": 844}


def faults(page: Page, part: str | None = None) -> list[str]:
    """All that is wrong with the page in front, on a desktop and on a phone; it is left as wide as a desktop.

    `part`: what axe looks at, where the rest has been looked at before.
    """
    found = []
    _equip(page)
    axe = f"axeFinds({json.dumps(part)})"
    for size, look in ((DESKTOP, "misplaced()"), (PHONE, "misplaced()"), (PHONE, axe), (DESKTOP, axe)):
        if page.viewport_size != size:
            page.set_viewport_size(size)
        found += [f"{size['width']} px: {one}" for one in page.evaluate(look)]
    return found


def menu_faults(page: Page) -> list[str]:
    """What is wrong with the menu of a phone, opened by its button; it is closed again."""
    _equip(page)
    page.set_viewport_size(PHONE)
    menu = page.locator("#menu")
    expect(menu).to_be_hidden()
    page.locator("[popovertarget=menu]").click()
    expect(menu).to_be_visible()
    found = [f"menu: {one}" for one in page.evaluate("misplaced('#menu')") + page.evaluate("axeFinds('#menu')")]
    found += _too_many(page)
    groups = menu.locator("summary")
    if groups.count() > 1:
        groups.last.press("Enter")
        expect(groups.first).to_be_hidden()  # what lies beside the open group is out of sight
        found += [*_too_many(page), *page.evaluate("misplaced('#menu')")]
        groups.last.press("Enter")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.set_viewport_size(DESKTOP)
    return found


def _too_many(page: Page) -> list[str]:
    """A menu of which more than seven entries are in sight at once."""
    seen = page.evaluate(
        "[...document.querySelectorAll('#menu a, #menu summary')].filter(one => one.checkVisibility()).length"
    )
    return [f"menu: {seen} entries in sight"] if seen > MOST_IN_SIGHT else []


def bring_tools(context: BrowserContext) -> None:
    """Have what looks at pages in each page of a profile from its beginning: bringing it later costs more."""
    context.add_init_script(_script())


def _equip(page: Page) -> None:
    if not page.evaluate("'misplaced' in window"):
        page.evaluate(_script())


@cache
def _script() -> str:
    return f"{AXE.read_text('utf-8')}\n{INSPECT.read_text('utf-8')}"
