"""Everybody goes to every page that his role may open; what somebody saw before is looked at no more."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

from supervision.actor import Role
from supervision.people.rules import Act, may
from tests.browser.inspecting import DESKTOP, bring_tools, faults, menu_faults
from tests.browser.reviewer import signs_in
from tests.browser.stage import Stage
from web.access import Declaration, Everybody, declared
from web.language import TRANSLATIONS, Language

# One person of each role.
PEOPLE = {
    "zhang": Role.OFFICER,
    "leader": Role.OFFICE_LEADER,
    "supervisor": Role.SUPERVISOR,
    "head": Role.SUPERVISION_HEAD,
    "bureau": Role.BUREAU_LEADER,
    "machines": Role.SYSTEM_ADMINISTRATOR,
    "keeper": Role.SECURITY_ADMINISTRATOR,
    "auditor": Role.AUDITOR,
}
NOBODY = ""
BEGINNING = "/"
# Where a person has a record of his own: the first one is another's to work on.
OWN_RECORDS = {
    ("/evaluations/<uuid:evaluation_id>/amend", "leader"): "first_id",
    ("/evaluations/<uuid:evaluation_id>/amend", "supervisor"): "checked_id",
    ("/review/<uuid:evaluation_id>", "leader"): "drafted_id",
    ("/review/<uuid:evaluation_id>", "supervisor"): "directed_id",
    ("/review/<uuid:evaluation_id>", "head"): "again_id",
    ("/rectification/<uuid:rectification_id>", "zhang"): "officers_notice_id",
    ("/handover/<uuid:account_id>", "supervisor"): "supervisor_id",
}
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
WORDS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest("script, style, template, code, kbd"))
            found.push(walker.currentNode.textContent.trim());
    for (const name of ["title", "aria-label", "placeholder"])
        for (const one of document.querySelectorAll(`[${name}]`)) found.push(one.getAttribute(name).trim());
    return found.filter(Boolean);
}"""
CHINESE = re.compile("[一-鿿]")
CONTENT = re.compile(r"<main\b.*</main>", re.DOTALL)
TOKENS = re.compile(r'(name="csrf_token"[^>]* value|data-nonce|data-stamp)="[^"]*"')
NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+")


def who_opens(declaration: Declaration) -> list[str]:
    """Everybody who may open what declares this; nobody signs in for what is public."""
    if declaration is Everybody.PUBLIC:
        return [NOBODY]
    return [
        login
        for login, role in PEOPLE.items()
        if declaration is Everybody.SIGNED_IN or may(role, Act(declaration.value))
    ]


def pages_of(stage: Stage, no_pages: set[str]) -> dict[str, list[str]]:
    """Every page that the site declares, with all who may open it."""
    routes = [one for one in declared(stage.site) if "GET" in one.methods and one.rule not in no_pages]
    return {one.rule: who_opens(one.declaration) for one in routes}


def words_of_the_other(language: Language) -> set[str]:
    """Whole texts that belong to the other language only."""
    with (TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        pairs = [(m.id, m.string) for m in read_po(file) if m.id and isinstance(m.id, str)]
    strangers = pairs if language is Language.CHINESE else [(chinese, english) for english, chinese in pairs]
    return {str(other) for other, own in strangers if other != own} - {"English", "简体中文"}


def of_a_name(path: str) -> bool:
    """Whether a page is headed by a person's, an office's or a desk's name, in no language of the site."""
    headed = ("/accounts/", "/desks/", "/rosters/", "/assessment/people/", "/handover/", "/discipline/new")
    return any(part in path for part in headed)


class Visit:
    """One person at the site: complaints of the browser are gathered, and words of the wrong language."""

    def __init__(self, page: Page, stage: Stage, login: str, language: Language, seen: set[str]) -> None:
        """`seen`: what stood between the frame's menu and its foot on pages that anybody looked at."""
        self.page, self.stage, self.login, self.language = page, stage, login, language
        self.complaints: list[str] = []
        self.strangers = words_of_the_other(language)
        self.seen = seen
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, said: Any) -> None:
        if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
            self.complaints.append(f"{self.page.url}: {said.text}")

    def path(self, rule: str) -> str:
        """The address of a rule, with a record that is there, and his where it must be."""
        return VARIABLE.sub(lambda found: str(getattr(self.stage, self._record(rule, found[1]))), rule)

    def _record(self, rule: str, name: str) -> str:
        draft = name.replace("_id", "_draft_id")
        usual = draft if rule.endswith("/edit") and hasattr(self.stage, draft) else name
        return OWN_RECORDS.get((rule, self.login), usual)

    def begins(self) -> None:
        """Look at the first page of his work with all that is about it, and at the menu of his role on a phone."""
        self.opens(BEGINNING)
        self.complaints += [f"{self.page.url} · {fault}" for fault in menu_faults(self.page)]

    def goes_to(self, rule: str, *, first: bool) -> None:
        """Look at a page, unless what it shows has been seen; what is about it was, when he began.

        `first`: nobody was there before him, so that it need not be asked whether it shows anything new.
        """
        path, part = self.path(rule), None if self.login == NOBODY else "#main"
        if first:
            self.opens(path, part=part)
            return
        answer = self.page.request.get(f"{self.stage.address}{path}")
        assert answer.status == 200, (self.login, path, answer.status)
        if self._is_new(answer.text()):
            self.opens(path, part=part)

    def opens(self, path: str, status: int = 200, part: str | None = None) -> None:
        """Look at a page; axe at a part of it only, if one is named."""
        answer = self.page.goto(f"{self.stage.address}{path}")
        assert answer is not None
        assert answer.status == status, (self.login, path)
        self._is_new(answer.text())
        self.looks(path, part)

    def looks(self, name: str, part: str | None = None) -> None:
        """What the page in front says, in which language, and what is wrong with it."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator("html")).to_have_attribute("lang", self.language.tag)
        heading = self.page.locator("h1").first.inner_text()
        assert heading, name
        if self.language is Language.CHINESE:
            assert CHINESE.search(heading), (name, heading)
        else:
            assert not CHINESE.search(heading) or of_a_name(name), (name, heading)
        assert sorted(set(self.page.evaluate(WORDS)) & self.strangers) == [], name
        self.complaints += [f"{self.login} {name} · {fault}" for fault in faults(self.page, part)]

    def _is_new(self, html: str) -> bool:
        """Whether nobody has seen this: other tokens, numbers, times and names of the account make none other."""
        content = TOKENS.sub("", "".join(CONTENT.findall(html))).replace(f'"{self.login}"', '""')
        content = NUMBERS.sub("0", content)
        if content in self.seen:
            return False
        self.seen.add(content)
        return True


@contextmanager
def visiting(
    browser: Browser, stage: Stage, language: Language, logins: tuple[str, ...] = (*PEOPLE, NOBODY)
) -> Iterator[dict[str, Visit]]:
    """A visit for each of these people, in one language; the browser must not have complained."""
    found: dict[str, Visit] = {}
    seen: set[str] = set()
    with ExitStack() as open_contexts:
        for login in logins:
            page = browser.new_context(viewport=DESKTOP).new_page()
            open_contexts.callback(page.context.close)
            bring_tools(page.context)
            if login:
                signs_in(page, stage.address, login, language)
            else:
                speaks(page, stage.address, language)
            found[login] = Visit(page, stage, login, language, seen)
        yield found
    complaints = [complaint for visit in found.values() for complaint in visit.complaints]
    assert not complaints, "\n".join(complaints)


def speaks(page: Page, address: str, language: Language) -> None:
    """Choose a language by its button, which is there for another than the one that is spoken."""
    page.goto(f"{address}/account/sign-in")
    button = page.locator(f'button[name=language][value="{language.value}"]')
    if button.count():
        with page.expect_navigation():
            button.first.click()


def everybody_goes_everywhere(visits: dict[str, Visit], pages: dict[str, list[str]]) -> None:
    """All begin, and then each goes to every page that his role may open."""
    for login in PEOPLE:
        visits[login].begins()
    for rule, logins in pages.items():
        for n, login in enumerate(logins):
            visits[login].goes_to(rule, first=n == 0 and rule != BEGINNING)
