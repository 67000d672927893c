"""A live site and a headless Chromium that tells of every complaint of the page."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from supervision.settings import Mode
from tests.browser.stage import PASSWORD, Stage, staged
from tests.factories import make_passwords_cheap

# Without a window's machinery, which takes a second of each profile; where it is not, the whole program.
SHELL, WHOLE = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
CHROMIUM = SHELL if SHELL.exists() else WHOLE
ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-site-isolation-trials",  # a process for each page that is opened costs a third of a second
]


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing with the real parameters takes a second of each person who signs in, and changes nothing."""
    make_passwords_cheap(monkeypatch)


@pytest.fixture(scope="session")
def vendored() -> None:
    """The scripts from npm, as `npm ci` puts them."""
    vendor = ROOT / "web/static/vendor"
    if all((vendor / name).exists() for name in ("wavesurfer/wavesurfer.esm.js", "echarts/echarts.common.min.js")):
        return
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on this machine, and web/static/vendor is empty")
    subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=ROOT, check=True, timeout=120)  # noqa: S603


@pytest.fixture(scope="session")
def chromium(vendored: None) -> Iterator[Browser]:
    """One headless Chromium for all."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not on this machine")
    with sync_playwright() as playwright:
        expect.set_options(timeout=30_000)  # what is awaited may need the server, on a machine that has other work
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def stage(tmp_path: Path, sqlite_url: str) -> Iterator[Stage]:
    """A live site of the test's own."""
    with staged(tmp_path, sqlite_url) as live:
        yield live


@pytest.fixture
def hq_stage(tmp_path: Path, sqlite_url: str) -> Iterator[Stage]:
    """Headquarters' site of the test's own."""
    with staged(tmp_path, sqlite_url, Mode.HQ) as live:
        yield live


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser profile of the test's own."""
    opened = chromium.new_context(viewport={"width": 1360, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, stage: Stage) -> Iterator[Page]:
    """A page signed in as the office leader; complaints of the browser fail the test at its end."""
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(opened, stage, "leader")
    yield opened
    assert complaints == []


def sign_in(page: Page, stage: Stage, login: str) -> None:
    """Sign in as a person of the town."""
    page.goto(f"{stage.address}/account/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[type=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
