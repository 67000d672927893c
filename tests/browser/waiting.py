"""Waiting for something to become true in a page."""

from playwright.sync_api import Page


def until(page: Page, condition: str, longest_s: float = 30) -> None:
    """Wait until a condition, an expression, holds in the page; it is looked at before each frame.

    It goes there as a function. Playwright has the page `eval` what it is given: a function once, in the call that
    brings it, where the policy of our pages is passed over; an expression at every look, and from the second look
    on the policy refuses that. So an expression would be enough only where it holds at once.
    """
    page.wait_for_function(f"() => {condition}", timeout=1000 * longest_s)
