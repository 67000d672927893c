"""From a week's close to its quota, and headquarters' month: drawn with both shares, reviewed by keyboard."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from supervision.actor import Role
from supervision.calls.models import Call
from supervision.database import Database
from supervision.paths import Paths
from supervision.people import passwords
from supervision.people.models import Account
from supervision.recordings.messages import send_recording
from supervision.settings import Mode, Settings
from tests.browser.reviewer import begins, enters, reviews, tabs_to
from tests.browser.stage import PASSWORD, served
from tests.draws.two_sides import CODE, MONDAY, WEEK, WEEKLY, TwoSides, two_sides
from tests.recordings.sounds import seal
from verify_draw import verify

pytestmark = pytest.mark.browser

HOUR = timedelta(hours=1)
MONTHLY = f"hq:{CODE}:2026-11"
PEOPLE = (
    ("leader", "陈所长", Role.OFFICE_LEADER, CODE),
    ("supervisor", "梁督察", Role.SUPERVISOR, None),
)


@dataclass
class Bureau:
    """Both sides with a site each; every call is heard at both."""

    sides: TwoSides
    home: Path

    @property
    def both(self) -> dict[Mode, Database]:
        """Each side's database, by what its site is."""
        return {Mode.OFFICE: self.sides.node, Mode.HQ: self.sides.hq}

    def settings(self, mode: Mode) -> Settings:
        """What a side's site is served with."""
        return Settings(home=self.home / mode, database_url="sqlite://", secure_cookies=False, mode=mode)

    def call(self, at: datetime, desk: str = "801") -> None:
        """A short call, recorded and sealed at both sides."""
        call_id = self.sides.call(at, desk, audio=False)
        self.sides.tell()
        for mode, database in self.both.items():
            with database.transaction() as session:
                seal(session, Paths(self.home / mode), session.get_one(Call, call_id), 2)
        with self.sides.node.transaction() as session:
            send_recording(session, CODE, call_id)

    def drawn_alike(self, name: str) -> None:
        """Both sides drew the same calls, and anybody can run it again."""
        ours, theirs = (self.sides.transcript(side, name) for side in self.both.values())
        assert [verify(one).faults for one in (ours, theirs)] == [[], []]
        assert ours["tickets"] == theirs["tickets"]


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    with two_sides(tmp_path) as sides:
        for database in (sides.node, sides.hq):
            with database.transaction() as session:
                hashed = passwords.hashed(PASSWORD)
                for login, name, role, office in PEOPLE:
                    person = Account(login=login, name=name, role=role, office_code=office, password_hash=hashed)
                    session.add(person)
        yield Bureau(sides, tmp_path)


@contextmanager
def both_sites(bureau: Bureau) -> Iterator[dict[Mode, str]]:
    """The address of each side's site."""
    with ExitStack() as stack:
        yield {
            mode: stack.enter_context(served(bureau.settings(mode), database))[0]
            for mode, database in bureau.both.items()
        }


def a_week(bureau: Bureau) -> None:
    """Commitments go to and fro, nine calls come in, and the week ends."""
    bureau.sides.speak()
    for n in range(9):
        bureau.call(MONDAY + n * HOUR, "802" if n % 3 == 2 else "801")
    bureau.sides.at = MONDAY + WEEK + timedelta(minutes=5)


def has_steps(page: Page, site: str, draw_id: uuid.UUID, done: int) -> str:
    """A draw's page shows so many steps as done; all that it shows of them."""
    page.goto(f"{site}/draws/{draw_id}")
    page.locator(".protocol summary").click()
    expect(page.locator(".step[data-state=done]")).to_have_count(done)
    return "".join(page.locator(".step .hash").all_inner_texts())


def finds_unusable(page: Page) -> None:
    """By keyboard only: the ticket that is on the screen cannot be reviewed."""
    tabs_to(page, ".scorecard-more summary")
    page.keyboard.press("Enter")
    tabs_to(page, "#note-here")
    page.keyboard.type("接通后无人讲话")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def agrees(page: Page, site: str) -> None:
    """By keyboard only: the oldest proposal is decided."""
    page.goto(f"{site}/review/")
    tabs_to(page, ".proposals button[value=agree]")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def reviews_all(page: Page, site: str, tickets: int) -> None:
    """Begins, and goes on until nothing is left; that must be so many."""
    page.goto(f"{site}/review/")
    begins(page)
    for _ in range(tickets):
        reviews(page, "已复听")
    page.wait_for_url(f"{site}/review/")
    expect(page.locator(".queue-item")).to_have_count(0)


def quota(page: Page, site: str, draw_id: uuid.UUID) -> tuple[str, str]:
    """What a draw's row of the quotas says: reviewed, and how that is."""
    page.goto(f"{site}/quotas/")
    row = page.locator(f"tr:has(a[href='/draws/{draw_id}'])")
    done, state = row.locator("td").nth(5), row.locator("td").last
    return done.inner_text().strip(), state.inner_text().strip()


def test_a_week_is_closed_drawn_with_both_shares_and_reviewed_and_the_month_likewise(
    chromium: Browser, bureau: Bureau
) -> None:
    sides = bureau.sides
    with both_sites(bureau) as sites:
        hq = sites[Mode.HQ]
        leader, supervisor = enters(chromium, hq), enters(chromium, hq, "supervisor")
        at_office = enters(chromium, sites[Mode.OFFICE])
        a_week(bureau)
        week = sides.draw(sides.hq).id
        has_steps(leader, hq, week, 1)
        sides.speak()
        bureau.call(MONDAY + 10 * HOUR, "802")
        sides.speak(4)
        bureau.drawn_alike(WEEKLY)
        assert has_steps(leader, hq, week, 5) == has_steps(at_office, sites[Mode.OFFICE], week, 5)

        leader.goto(f"{hq}/review/")
        begins(leader)
        reviews(leader, "解答清楚")
        finds_unusable(leader)
        expect(leader.locator("[data-quota-done]")).to_have_attribute("data-quota-done", "1")
        reviews(leader, "语气急")
        leader.wait_for_url(f"{hq}/review/")
        assert quota(leader, hq, week)[0] == "2"
        agrees(supervisor, hq)
        reviews_all(leader, hq, 1)
        assert quota(leader, hq, week) == ("3", "已完成")

        sides.speak(2)
        sides.later(hours=48, minutes=6)
        sides.speak(4)
        bureau.drawn_alike(f"{WEEKLY}+1")
        reviews_all(leader, hq, 1)
        assert quota(leader, hq, sides.draw(sides.hq, f"{WEEKLY}+1").id) == ("1", "已完成")

        sides.at = MONDAY + timedelta(days=15, minutes=5)
        sides.speak(6)
        bureau.drawn_alike(MONTHLY)
        again = 2  # of the week's and the late calls' tickets, a tenth each, rounded up, is judged once more
        reviews_all(supervisor, hq, 2 + again)
        assert quota(supervisor, hq, sides.draw(sides.hq, MONTHLY).id) == ("2", "已完成")
