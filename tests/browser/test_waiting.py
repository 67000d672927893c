"""What becomes true in a page is awaited under the policy that our pages have."""

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.waiting import until
from web.security import HEADERS

pytestmark = pytest.mark.browser


def test_a_condition_is_awaited_over_many_looks_though_the_page_may_evaluate_no_text(
    context: BrowserContext,
) -> None:
    page = context.new_page()
    page.route("http://site.test/", lambda route: route.fulfill(body="<!doctype html>", headers=HEADERS))
    page.goto("http://site.test/")
    page.evaluate("() => { window.looks = 0; }")
    until(page, "++window.looks > 3")
