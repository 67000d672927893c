"""`python -m tests.browser.screenshot`: makes the screenshots of the README anew, from a real site.

The site is headquarters' of the browser tests, with its office, its calls and a sealed recording.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from supervision.settings import Mode
from supervision.store import upgrade
from tests.browser.conftest import ARGUMENTS, CHROMIUM, ROOT, sign_in
from tests.browser.stage import Stage, staged
from web.language import Language

FILES = {Language.ENGLISH: "screenshot.png", Language.CHINESE: "screenshot.zh-CN.png"}


def take(browser: Browser, stage: Stage, language: Language, target: Path) -> None:
    """One call with its recording, as the head of the supervision section sees it."""
    page = browser.new_page(viewport={"width": 1180, "height": 860})
    sign_in(page, stage, "head")
    button = page.locator(f'button[name=language][value="{language.value}"]')
    if button.count():
        with page.expect_navigation():
            button.first.evaluate("button => button.click()")
    page.goto(f"{stage.address}/calls/{stage.call_id}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target)
    page.close()


def main() -> None:
    """Write one picture for each language into `docs/`."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        url = f"sqlite:///{home / 'hq.db'}"
        upgrade(url)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        with staged(home, url, Mode.HQ) as stage:
            for language, name in FILES.items():
                take(browser, stage, language, ROOT / "docs" / name)
        browser.close()


if __name__ == "__main__":
    main()
