"""What is wrong with a page as it stands: what axe finds, what is too wide, what lies under something else."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
INSPECT = Path(__file__).with_name("inspect.js")
DESKTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}


@cache
def _script() -> str:
    return f"{AXE.read_text('utf-8')}\n{INSPECT.read_text('utf-8')}"


def faults(page: Page) -> list[str]:
    """All that is wrong with the page in front, on a desktop and on a phone; it is left as wide as a desktop."""
    found = []
    page.evaluate(_script())
    for name, size in (("phone", PHONE), ("desktop", DESKTOP)):
        page.set_viewport_size(size)
        found += [f"{name}: {one}" for one in page.evaluate("inspectPage()")]
    return found
