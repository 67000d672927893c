"""A reviewer at the site in a browser: signs in, begins, hears, judges and submits, by keyboard only."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.stage import PASSWORD
from tests.browser.waiting import until
from web.language import Language

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
SEE_OTHER = 303
PLAYED = (
    "document.querySelector('[data-part=heard-bar]').value >= document.querySelector('[data-part=heard-bar]').max"
)


def enters(chromium: Browser, address: str, login: str = "leader") -> Page:
    """A page of a person who has signed in."""
    page = chromium.new_context(viewport={"width": 1360, "height": 900}).new_page()
    signs_in(page, address, login)
    return page


def signs_in(page: Page, address: str, login: str, language: Language = Language.CHINESE) -> None:
    """By name and password, as the forms send them; the browser draws neither a form nor what follows."""
    account = f"{address}/account"
    token = TOKEN.search(page.request.get(f"{account}/sign-in").text())
    assert token
    forms = {"language": {"language": language.value}, "sign-in": {"login": login, "password": PASSWORD}}
    for name, filled in forms.items():
        form = {"csrf_token": token[1], **filled}
        assert page.request.post(f"{account}/{name}", form=form, max_redirects=0).status == SEE_OTHER


def types_in(page: Page, address: str, login: str) -> None:
    """The same, by the keyboard."""
    page.goto(f"{address}/account/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[type=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def begins(page: Page) -> None:
    """Enter, on the button that has the focus."""
    expect(page.locator("[autofocus]")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def reviews(page: Page, remark: str) -> None:
    """One call, by keyboard only: played, noted, judged, submitted."""
    expect(page.locator("[data-points]").first).to_be_focused()
    for key in ("1", "0", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("[data-remark]").first).to_be_focused()
    page.keyboard.type("未报单位")
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    page.keyboard.press("F4")
    page.keyboard.type(remark)
    page.keyboard.press("Escape")
    page.keyboard.press("F8")
    until(page, PLAYED)
    with page.expect_navigation():
        page.keyboard.press("F9")


def tabs_to(page: Page, selector: str, most: int = 120) -> None:
    """Press Tab until the focus is there."""
    wanted = page.locator(selector).first
    expect(wanted).to_be_visible()
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the focus never comes to {selector}")
