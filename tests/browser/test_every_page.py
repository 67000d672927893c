"""Every page that the site declares, before everybody who may open it, in headless Chromium and both languages."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import update

from supervision.actor import Role
from supervision.offices.models import Office
from tests.browser.stage import Stage
from tests.browser.visiting import PEOPLE, Visit, everybody_goes_everywhere, pages_of, visiting
from web.language import Language

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # many pages a test, on a machine that does more

# What is asked for by scripts or the media element and never shown by itself.
NOT_PAGES = {
    "/assessment/entries",  # of a figure, of a month
    "/assessment/export",
    "/assessment/list.pdf",
    "/assessment/sheet.pdf",
    "/assessment/office",  # of an office
    "/assessment/figures.csv",
    "/audit/export",
    "/calls/export",
    "/calls/live",
    "/rosters/arrangements",  # of an office
    "/rosters/shift",  # of a line and a day
    "/checkpoints/heads",
    "/checkpoints/key",
    "/checkpoints/signature",
    "/checkpoints/text",
    "/complaints/figures.csv",
    "/completeness/certificate.pdf",
    "/completeness/hashes.txt",
    "/appeals/<uuid:appeal_id>/decision.pdf",
    "/appeals/<uuid:appeal_id>/evidence",
    "/discipline/<uuid:record_id>/decision.pdf",
    "/discipline/<uuid:record_id>/evidence",
    "/discipline/new",  # leads back where no evaluation is chosen; opened with one below
    "/draws/<uuid:draw_id>/transcript",
    "/drift/figures.csv",
    "/early-signs/figures.csv",
    "/quotas/figures.csv",
    "/rectification/attachments/<uuid:attachment_id>",
    "/rectification/new",  # leads back where no finding is chosen; opened with one below
    "/live/calls/<uuid:call_id>/audio",
    "/live/calls/<uuid:call_id>/recording",
    "/live/calls/<uuid:call_id>/stream",
    "/live/stream",
    "/recordings/<uuid:call_id>/audio",
    "/recordings/<uuid:call_id>/download",
    "/recordings/<uuid:call_id>/peaks",
}
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


@pytest.fixture(params=list(Language), ids=str)
def language(request: pytest.FixtureRequest) -> Language:
    """Each language of the site."""
    return Language(request.param)


@pytest.fixture
def visits(language: Language, stage: Stage, chromium: Browser) -> Iterator[dict[str, Visit]]:
    """A visit at an office's site for those who meet forms and faults there."""
    with visiting(chromium, stage, language, ("leader", "keeper", "auditor")) as found:
        yield found


def test_a_person_of_every_role_goes_about() -> None:
    assert set(PEOPLE.values()) == set(Role)


def test_every_page_of_an_office_is_whole_for_everybody_who_may_open_it(
    stage: Stage, chromium: Browser, language: Language
) -> None:
    with visiting(chromium, stage, language) as visits:
        everybody_goes_everywhere(visits, pages_of(stage, NOT_PAGES))
        visits["leader"].opens(f"/calls/{stage.hostile_id}")
        visits["leader"].opens("/calls/?line=main&number=99999999")
        visits["leader"].opens("/incidents/?state=healed")
        visits["leader"].opens("/calls/?sort=longest")
        visits["leader"].opens("/rosters/?week=2031-03-03")
        visits["leader"].opens("/rosters/arrangements")
        visits["leader"].opens("/rosters/shift?line=main&day=2031-03-03&starts=08:30&ends=12:00")
        visits["zhang"].opens("/evaluation-copies/?lowest=100")


def test_every_page_of_headquarters_is_whole_for_everybody_who_may_open_it(
    hq_stage: Stage, chromium: Browser, language: Language
) -> None:
    with hq_stage.database.transaction() as session:
        session.execute(update(Office).values(site="https://office.example"))  # the menus lead there
    with visiting(chromium, hq_stage, language) as visits:
        everybody_goes_everywhere(visits, pages_of(hq_stage, NOT_PAGES))
        visits["leader"].opens(f"/review/{hq_stage.evaluation_id}")
        for path in (
            "/calls/?office=02",
            "/incidents/?office=01&witness=office",
            "/offices/?state=silent",
            "/evaluations/?grade=pass&counted=no",
            "/drift/?from=2026-01-01&to=2030-01-01",
            "/drift/?from=2020-01-01&to=2020-02-01",
            "/completeness/?office=01",
            f"/rectification/new?finding={hq_stage.treatment_id}",
            f"/discipline/new?evaluation={hq_stage.ground_id}",
            "/discipline/?state=appealed",
            "/early-signs/?by=person",
            "/rectification/register?state=closed",
            "/workdays/?year=2031",
            "/rosters/?office=01&week=2031-03-03",
            "/rosters/arrangements?office=01",
            "/rosters/shift?office=01&line=main&day=2031-03-03&starts=08:30&ends=12:00",
            "/retention/holds?state=over",
            "/retention/proofs?from=2020-01-01&to=2020-01-01",
        ):
            visits["supervisor"].opens(path)


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
