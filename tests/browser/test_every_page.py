"""Every page that the site declares, in headless Chromium and in both languages; a new page must be added here."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.inspecting import DESKTOP, faults, menu_faults
from tests.browser.stage import Stage
from web.access import declared
from web.language import TRANSLATIONS, Language

pytestmark = pytest.mark.browser

# Who opens each page; nobody signs in for the page of signing in.
PAGES = {
    "/": "leader",
    "/account/password": "leader",
    "/account/sessions": "leader",
    "/account/sign-in": None,
    "/accounts/": "keeper",
    "/accounts/<uuid:account_id>": "keeper",
    "/accounts/new": "keeper",
    "/audit/": "auditor",
    "/audit/verify": "auditor",
    "/calls/": "leader",
    "/calls/<uuid:call_id>": "leader",
    "/checkpoints/": "leader",
    "/desks/": "leader",
    "/desks/<uuid:desk_id>": "leader",
    "/draws/": "leader",
    "/draws/<uuid:draw_id>": "leader",
    "/incidents/": "leader",
    "/incidents/<uuid:incident_id>": "leader",
    "/live/": "leader",
    "/machines/": "machines",
    "/resets/": "keeper",
}
# The pages that only an office's site has.
OFFICE_PAGES = {"/judged/": "zhang", "/judged/<uuid:evaluation_id>": "zhang"}
# The pages of headquarters, those that it has besides and those that show more there.
HQ_PAGES = {
    "/audit/": "auditor",
    "/audit/verify": "auditor",
    "/checkpoints/": "auditor",
    "/calls/": "supervisor",
    "/calls/<uuid:call_id>": "supervisor",
    "/desks/": "keeper",
    "/desks/<uuid:desk_id>": "keeper",
    "/draws/": "supervisor",
    "/draws/<uuid:draw_id>": "supervisor",
    "/drift/": "supervisor",
    "/evaluations/": "supervisor",
    "/evaluations/<uuid:evaluation_id>": "supervisor",
    "/evaluations/<uuid:evaluation_id>/amend": "head",
    "/incidents/": "supervisor",
    "/incidents/<uuid:incident_id>": "supervisor",
    "/live/": "supervisor",
    "/machines/": "machines",
    "/completeness/": "supervisor",
    "/offices/": "supervisor",
    "/quotas/": "supervisor",
    "/regulation/": "supervisor",
    "/regulation/<uuid:regulation_id>": "supervisor",
    "/regulation/<uuid:regulation_id>/confirmations": "supervisor",
    "/regulation/<uuid:regulation_id>/edit": "head",
    "/review/": "leader",
    "/review/<uuid:evaluation_id>": "leader",
    "/scorecards/": "head",
    "/scorecards/<uuid:scorecard_id>": "supervisor",
    "/scorecards/<uuid:scorecard_id>/edit": "head",
    "/requests/": "supervisor",
    "/requests/<uuid:request_id>": "supervisor",
    "/requests/new": "supervisor",
    "/retention/": "supervisor",
    "/retention/deletions/<uuid:deletion_id>": "supervisor",
    "/retention/holds": "supervisor",
    "/retention/proofs": "supervisor",
    "/retention/term": "supervisor",
}
# One person of each role that sees something: each begins at a page of his own, with a menu of his own.
ROLES = ("zhang", "leader", "supervisor", "head", "machines", "keeper", "auditor")
NO_PAGES = "bureau"
# What is asked for by scripts or the media element and never shown by itself.
NOT_PAGES = {
    "/audit/export",
    "/checkpoints/heads",
    "/checkpoints/key",
    "/checkpoints/signature",
    "/checkpoints/text",
    "/calls/export",
    "/calls/live",
    "/draws/<uuid:draw_id>/transcript",
    "/live/calls/<uuid:call_id>/audio",
    "/live/calls/<uuid:call_id>/recording",
    "/live/stream",
    "/recordings/<uuid:call_id>/audio",
    "/recordings/<uuid:call_id>/download",
    "/recordings/<uuid:call_id>/peaks",
}
HQ_NOT_PAGES = {"/completeness/certificate.pdf", "/completeness/hashes.txt"}
# What only a form leads to: where it is, what is filled in, the button.
FORMS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "a temporary password": (
        "/accounts/new",
        "keeper",
        {"input[name=login]": "newcomer", "input[name=name]": "新来者", "select[name=office]": "01"},
        "main form button[type=submit]",
    ),
    "the chain verified": ("/audit/verify", "auditor", {}, "main form button[type=submit]"),
    "a caller's number": ("/calls/<uuid:call_id>", "leader", {}, ".unmask button"),
    "an account refused": (
        "/accounts/new",
        "keeper",
        {"input[name=name]": "无名"},
        "main form button[type=submit]",
    ),
}

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


def words_of_the_other(language: Language) -> set[str]:
    """Whole texts that belong to the other language only."""
    with (TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        pairs = [(m.id, m.string) for m in read_po(file) if m.id and isinstance(m.id, str)]
    strangers = pairs if language is Language.CHINESE else [(chinese, english) for english, chinese in pairs]
    return {str(other) for other, own in strangers if other != own} - {"English", "简体中文"}


def of_a_name(path: str) -> bool:
    """Whether a page is headed by a person's or a desk's name, which is in no language of the site."""
    return "/accounts/" in path or "/desks/" in path


class Visit:
    """One look at the site: complaints of the browser are gathered, and words of the wrong language."""

    def __init__(self, page: Page, stage: Stage, language: Language) -> None:
        self.page, self.stage, self.language = page, stage, language
        self.complaints: list[str] = []
        self.inspected: set[str] = set()
        self.strangers = words_of_the_other(language)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, said: Any) -> None:
        if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
            self.complaints.append(f"{self.page.url}: {said.text}")

    def path(self, rule: str) -> str:
        """The address of a rule, with a record that is there."""
        names = (
            "call_id",
            "incident_id",
            "account_id",
            "draw_id",
            "desk_id",
            "evaluation_id",
            "scorecard_id",
            "regulation_id",
            "deletion_id",
            "request_id",
        )
        for name in names:
            draft = name.replace("_id", "_draft_id")
            known = getattr(self.stage, draft if rule.endswith("/edit") and hasattr(self.stage, draft) else name)
            rule = rule.replace(f"<uuid:{name}>", str(known))
        return rule

    def opens(self, path: str, status: int = 200) -> None:
        """Look at a page."""
        answer = self.page.goto(f"{self.stage.address}{path}")
        assert answer is not None
        assert answer.status == status, path
        self.looks(path)

    def looks(self, name: str) -> None:
        """What the page in front says, and in which language."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator("html")).to_have_attribute("lang", self.language.tag)
        heading = self.page.locator("h1").first.inner_text()
        assert heading, name
        if self.language is Language.CHINESE:
            assert CHINESE.search(heading), (name, heading)
        else:
            assert not CHINESE.search(heading) or of_a_name(name), (name, heading)
        assert sorted(set(self.page.evaluate(WORDS)) & self.strangers) == [], name
        if self.page.url not in self.inspected:
            self.inspected.add(self.page.url)
            self.complaints += [f"{name} · {fault}" for fault in faults(self.page)]

    def begins(self) -> None:
        """Look at the first page of his work, and at the menu of his role on a phone."""
        self.opens("/")
        self.complaints += [f"{self.page.url} · {fault}" for fault in menu_faults(self.page)]


def shown_by(stage: Stage) -> set[str]:
    """Everything that can be asked for by an address."""
    return {route.rule for route in declared(stage.site) if "GET" in route.methods}


@contextmanager
def visiting(browser: Browser, stage: Stage, logins: set[str], language: Language) -> Iterator[dict[str, Visit]]:
    """A visit for each of these people, in one language; the browser must not have complained."""
    found: dict[str, Visit] = {}
    opened = []
    for login in sorted(logins):
        own = browser.new_context(viewport=DESKTOP)
        opened.append(own)
        page = own.new_page()
        page.goto(f"{stage.address}/account/sign-in")
        button = page.locator(f'button[name=language][value="{language.value}"]')
        if button.count():
            with page.expect_navigation():
                button.first.click()
        if login:
            sign_in(page, stage, login)
        found[login] = Visit(page, stage, language)
    yield found
    for own in opened:
        own.close()
    complaints = [complaint for visit in found.values() for complaint in visit.complaints]
    assert not complaints, "\n".join(complaints)


@pytest.fixture(params=list(Language), ids=str)
def visits(request: pytest.FixtureRequest, stage: Stage, chromium: Browser) -> Iterator[dict[str, Visit]]:
    """A visit for each of those who open pages, in one language."""
    people = {*(login or "" for login in (PAGES | OFFICE_PAGES).values()), *ROLES}
    with visiting(chromium, stage, people, request.param) as found:
        yield found


def test_every_page_that_is_declared_is_seen(stage: Stage) -> None:
    assert shown_by(stage) == PAGES.keys() | OFFICE_PAGES.keys() | NOT_PAGES


def test_every_page_that_headquarters_declares_is_seen(hq_stage: Stage) -> None:
    assert shown_by(hq_stage) == PAGES.keys() | HQ_PAGES.keys() | NOT_PAGES | HQ_NOT_PAGES


@pytest.mark.parametrize("language", list(Language), ids=str)
def test_every_page_of_headquarters_is_whole_and_in_one_language(
    hq_stage: Stage, chromium: Browser, language: Language
) -> None:
    with visiting(chromium, hq_stage, {*HQ_PAGES.values(), *ROLES, NO_PAGES}, language) as visits:
        for rule, login in HQ_PAGES.items():
            visits[login].opens(visits[login].path(rule))
        for login in ROLES:
            visits[login].begins()
        visits[NO_PAGES].opens("/")
        visits["supervisor"].opens("/calls/?office=02")
        visits["supervisor"].opens("/incidents/?office=01&witness=office")
        visits["supervisor"].opens("/offices/?state=silent")
        visits["leader"].opens(f"/review/{hq_stage.drafted_id}")
        visits["supervisor"].opens("/review/")
        visits["supervisor"].opens("/evaluations/?grade=pass&counted=no")
        visits["supervisor"].opens("/drift/?from=2026-01-01&to=2030-01-01")
        visits["supervisor"].opens("/drift/?from=2020-01-01&to=2020-02-01")
        visits["supervisor"].opens("/completeness/?office=01")
        visits["supervisor"].opens("/retention/holds?state=over")
        visits["supervisor"].opens("/retention/proofs?from=2020-01-01&to=2020-01-01")


def test_every_page_is_whole_and_in_one_language(visits: dict[str, Visit]) -> None:
    for rule, login in (PAGES | OFFICE_PAGES).items():
        visit = visits[login or ""]
        visit.opens(visit.path(rule))
    for login in ROLES:
        visits[login].begins()
    visits["leader"].opens(f"/calls/{visits['leader'].stage.hostile_id}")
    visits["leader"].opens("/calls/?line=main&number=99999999")
    visits["leader"].opens("/incidents/?state=healed")


def test_what_forms_lead_to_is_whole_and_in_one_language(visits: dict[str, Visit]) -> None:
    for name, (rule, login, filled, button) in FORMS.items():
        visit = visits[login]
        visit.page.goto(f"{visit.stage.address}{visit.path(rule)}")
        for field, value in filled.items():
            if field.startswith("select"):
                visit.page.select_option(field, value)
            else:
                visit.page.fill(field, value)
        with visit.page.expect_navigation():
            visit.page.locator(button).first.click()
        visit.looks(f"/accounts/ {name}" if login == "keeper" else name)


def test_a_problem_page_is_whole_and_in_one_language(visits: dict[str, Visit]) -> None:
    visits["leader"].opens(f"/calls/{uuid.uuid4()}", 404)
    visits["leader"].opens("/calls/?from=yesterday", 422)
    visits["leader"].opens("/audit/", 403)
    visits["auditor"].opens("/nowhere", 404)
