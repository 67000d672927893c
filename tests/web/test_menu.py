"""The menu: never more than seven entries in sight, and how much waits behind each, the same in every process."""

import re

import pytest
from flask import url_for

from supervision.actor import Role
from supervision.regulation.queries import in_force
from supervision.settings import Mode, Settings
from tests.web.conftest import Browser, People
from web import create_app
from web.design import navigation

MOST_IN_SIGHT = 7
SHUT = re.compile(r"<details(?![^>]* open).*?</details>", re.DOTALL)
NESTED = re.compile(r'<details name="menu-group">.*?</details>', re.DOTALL)


def menu_of(page: str) -> str:
    return page.partition('id="menu"')[2].partition("</nav>")[0]


def in_sight(menu: str) -> int:
    """How many entries somebody sees who has opened nothing."""
    groups = NESTED.sub("", menu) if "menu-more" in menu else NESTED.sub("<summary>", menu)
    shut = SHUT.sub("<summary>", groups)
    return shut.count("<a ") + shut.count("<summary>")


@pytest.mark.parametrize("mode", list(Mode), ids=str)
@pytest.mark.parametrize("role", list(Role))
def test_at_most_seven_entries_are_in_sight_on_every_page(people: People, role: Role) -> None:
    app = people.app
    with app.test_request_context("/"):
        entries = navigation.items_for(role)
        pages = ["/", *(url_for(one.endpoint) for one in entries)]
    for path in pages:
        with app.test_request_context(path):
            menu = navigation.menu_for(role)
            assert menu
            lying_open = sum(1 if shelf.group else len(shelf.entries) for shelf in menu.shelves)
            here = len(menu.here.entries) if menu.here else 0
            assert 1 + (1 + here if here else lying_open) <= MOST_IN_SIGHT, path
            within = [one for shelf in (*menu.shelves, menu.here) if shelf for one in shelf.entries]
            assert {one.endpoint for one in within} == {one.endpoint for one in entries}
            assert all(len(shelf.entries) <= MOST_IN_SIGHT - 2 for shelf in menu.shelves if shelf.group)


class TestAtHeadquarters:
    """Where most entries and counts are."""

    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.HQ

    def test_a_page_shows_its_own_group_and_the_others_behind_one_entry(self, people: People) -> None:
        browser = people.enters(Role.SUPERVISION_HEAD)
        sights = {path: in_sight(menu_of(browser.get(path).text)) for path in ("/", "/calls/", "/workdays/")}
        assert sights == {"/": 7, "/calls/": 7, "/workdays/": 7}
        menu = menu_of(browser.get("/calls/").text)
        assert re.search(r"其他栏目</span><span class=\"count-badge\" title=\"\d+ 项待办\">", menu)
        assert menu.index('href="/workdays/"') < menu.index('class="menu-head"') < menu.index('href="/live/"')

    @pytest.mark.parametrize("role", list(Role))
    def test_each_entry_says_how_much_waits_behind_it(self, people: People, role: Role) -> None:
        menu = menu_of(people.enters(role).get("/").text)
        assert re.search(r'href="/regulation/".*?count-badge" title="1 项待办">1<', menu)
        assert re.search(r'href="/"[^>]*>.*?count-badge" title="\d+ 项待办">', menu)

    def test_what_is_done_leaves_the_menu_in_every_process_of_the_site(
        self, people: People, settings: Settings
    ) -> None:
        browser = people.enters(Role.AUDITOR)
        other = Browser(create_app(settings, people.database).test_client())
        cookie = browser.client.get_cookie(people.app.config["SESSION_COOKIE_NAME"])
        assert cookie
        other.client.set_cookie(cookie.key, cookie.value)
        with people.database.reading() as session:
            regulation = in_force(session)
            assert regulation
        assert "count-badge" in browser.get("/regulation/").text
        assert "count-badge" in other.get("/regulation/").text
        browser.post(f"/regulation/{regulation.id}/confirm")
        assert "count-badge" not in browser.get("/regulation/").text
        assert "count-badge" not in other.get("/regulation/").text
