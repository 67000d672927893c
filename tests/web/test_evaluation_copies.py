"""On an office's own site an officer finds what was judged of him, hears it, and sees where headquarters is."""

import re

import pytest

from supervision.clock import now
from supervision.database import Database
from supervision.evaluations.messages import apply_copies, changed_after
from supervision.evaluations.models import Evaluation
from supervision.offices.models import Office
from supervision.recordings.models import Recording, RecordingState
from supervision.settings import Mode, Settings
from tests.calls.samples import make_town
from tests.evaluations.factories import make_work, ticket_of
from tests.factories import QUICK
from tests.web.conftest import People


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"hq_site_url": "https://hq.example/"})


COUNTS = re.compile(r">\s*计入任务\s*<")


def test_an_officer_finds_what_was_judged_of_him_and_no_other(
    people: People, settings: Settings, database: Database
) -> None:
    with database.transaction() as session:
        work = make_work(session, settings.home)
        for person in work.town.people.values():
            person.password_hash = QUICK
        judged = work.judges("leader", ticket_of(work, 20), deduct=5, remark="总体尚可")
        apply_copies(session, "01", changed_after(session, "01"))
        path, call = f"/evaluation-copies/{judged.id}", f"/calls/{judged.call_id}"
    officer = people.admits(work.town.people["zhang"])
    listed = officer.get("/evaluation-copies/").text
    assert path in listed
    assert 'href="https://hq.example/evaluations/"' in listed
    page = officer.get(path).text
    for shown in ("10 / 15", "有扣分", "总体尚可", "陈所长", "data-player"):
        assert shown in page
    assert f'href="https://hq.example/evaluations/{judged.id}"' in page
    assert "data-player" in officer.get(call).text
    row = officer.get("/calls/").text.partition("95</a>")[0].rpartition("<td")[2]
    assert 'data-label="总分"' in row
    assert COUNTS.search(listed[listed.index("<tbody") : listed.index("</tbody")])
    assert COUNTS.search(page)
    for query, is_there in (
        ("lowest=95&highest=95&counted=yes", True),
        ("highest=94", False),
        ("counted=no", False),
    ):
        assert (path in officer.get(f"/evaluation-copies/?{query}").text) is is_there
    assert "没有符合条件" in officer.get("/evaluation-copies/?to=2020-01-01").text
    assert officer.get("/evaluation-copies/?lowest=101").status_code == 422
    with database.transaction() as session:
        session.get_one(Evaluation, judged.id).set_aside_at = now()
        session.flush()
        apply_copies(session, "01", changed_after(session, "01"))
        session.query(Recording).filter_by(call_id=judged.call_id).update({"state": RecordingState.DELETED})
    page = officer.get(path).text
    assert "录音经两人同意后已删除" in page
    assert "该评价已撤销" in page
    assert "data-player" not in page
    other = people.admits(work.town.people["wu"])
    assert path not in other.get("/evaluation-copies/").text
    assert other.get(path).status_code == 404


def test_an_offices_site_leads_to_headquarters(people: People, database: Database) -> None:
    with database.transaction() as session:
        town = make_town(session)
        town.people["zhang"].password_hash = QUICK
    page = people.admits(town.people["zhang"]).get("/evaluation-copies/").text
    assert 'href="https://hq.example" rel="noopener"' in page
    assert "前往总系统网站" in page


@pytest.mark.parametrize("mode", [Mode.HQ])
def test_headquarters_site_leads_to_the_offices_each_person_to_his_own(
    people: People, database: Database, mode: Mode
) -> None:
    with database.transaction() as session:
        town = make_town(session)
        for login in ("zhang", "supervisor"):
            town.people[login].password_hash = QUICK
        for office in session.query(Office):
            office.site = f"https://{office.code}.example"
    own = people.admits(town.people["zhang"]).get("/calls/").text
    assert ('href="https://01.example"' in own, 'href="https://02.example"' in own) == (True, False)
    every = people.admits(town.people["supervisor"]).get("/calls/").text
    assert ('href="https://01.example"' in every, 'href="https://02.example"' in every) == (True, True)
