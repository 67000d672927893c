"""A live site and a headless Chromium that tells of every complaint of the page."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from supervision.settings import Mode
from tests.browser.reviewer import signs_in
from tests.browser.stage import Stage, furnish, opened
from tests.factories import make_passwords_cheap
from tests.store_fixtures import make_store

# Without a window's machinery, which takes a second of each profile; where it is not, the whole program.
SHELL, WHOLE = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
CHROMIUM = SHELL if SHELL.exists() else WHOLE
ROOT = Path(__file__).parents[2]
STORE = "office.db"
RECENT_S = 120.0
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


class Stages:
    """A home with its store for each mode, furnished once and copied for each test."""

    def __init__(self, new_folder: Callable[[str], Path]) -> None:
        self._new_folder = new_folder
        self._made: dict[Mode, tuple[float, Path, Mapping[str, str]]] = {}

    @contextmanager
    def copied(self, mode: Mode, home: Path) -> Iterator[Stage]:
        """The site over a copy. What is on a stage counts from now, so that one is made anew in time."""
        if mode not in self._made or time.monotonic() - self._made[mode][0] > RECENT_S:
            began, made_in = time.monotonic(), self._new_folder(f"stage-{mode.value}")
            self._made[mode] = began, made_in, furnish(made_in, make_store(made_in / STORE), mode)
        _, made_in, found = self._made[mode]
        shutil.copytree(made_in, home, dirs_exist_ok=True)
        with opened(home, f"sqlite:///{home / STORE}", mode, found) as live:
            yield live


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """The stages, made when they are needed."""
    return Stages(tmp_path_factory.mktemp)


@pytest.fixture
def stage(tmp_path: Path, stages: Stages) -> Iterator[Stage]:
    """A live site of the test's own."""
    with stages.copied(Mode.OFFICE, tmp_path) as live:
        yield live


@pytest.fixture
def hq_stage(tmp_path: Path, stages: Stages) -> Iterator[Stage]:
    """Headquarters' site of the test's own."""
    with stages.copied(Mode.HQ, tmp_path) as live:
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
    signs_in(page, stage.address, login)
