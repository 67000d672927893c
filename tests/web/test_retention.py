"""Deletions, holds and the retention time, as people meet them at headquarters."""

import re
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.actor import Role
from supervision.calls.models import Call
from supervision.database import Database
from supervision.recordings.models import Recording, RecordingState
from supervision.retention.models import Deletion, DeletionOrder, Hold
from supervision.retention.rules import DeletionState
from supervision.retention.service import propose_due
from supervision.settings import Mode
from tests.calls.samples import Town
from tests.factories import QUICK
from tests.retention.archive import LATER, Archive, acts, order_for, work
from tests.web.archive import Section
from tests.web.conftest import People, leads_to


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def section(people: People, tmp_path: Path, database: Database) -> Section:
    return Section(people, Archive(tmp_path, database))


def recorded(section: Section) -> Call:
    with section.people.database.transaction() as session:
        town = Town(session, section.accounts)
        call = section.archive.recorded(town)
        section.archive.raw(call).unlink()
        return call


def proposed(section: Section) -> uuid.UUID:
    with section.people.database.transaction() as session:
        (deletion,) = propose_due(session, LATER)
        return deletion.id


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def state(section: Section, deletion_id: uuid.UUID) -> DeletionState:
    with section.people.database.reading() as session:
        return session.get_one(Deletion, deletion_id).state


def test_two_people_agree_on_the_page_and_the_recording_is_gone_with_its_proof(section: Section) -> None:
    call, deletion_id = recorded(section), proposed(section)
    watcher, head, here = (
        section.browser("watcher"),
        section.browser("head"),
        f"/retention/deletions/{deletion_id}",
    )
    assert "待两人同意" in watcher.get("/retention/").text
    form = {"version": version(watcher.get(here).text)}
    assert leads_to(watcher.post(f"{here}/agree", form)) == here
    page = watcher.get(here).text
    assert "您已同意，须由另一人作第二次同意" in page
    watcher.post(f"{here}/agree", {"version": version(page)})
    assert "您已同意过" in watcher.get(here).text
    assert state(section, deletion_id) is DeletionState.AGREED_ONCE
    head.post(f"{here}/agree", {"version": version(head.get(here).text)})
    work(section.archive)
    with section.people.database.reading() as session:
        hash_of_it = session.get_one(Recording, call.id).pcm_sha256
    assert hash_of_it
    for path in (f"/calls/{call.id}", "/retention/proofs", here):
        assert hash_of_it in head.get(path).text, path
    assert "李监察、孙科长" in head.get("/retention/proofs").text
    assert "经两人同意后已删除" in head.get(f"/calls/{call.id}").text
    for path in ("audio", "download", "peaks"):
        assert head.get(f"/recordings/{call.id}/{path}").status_code == 410, path
    assert head.post(f"/recordings/{call.id}/listenings").status_code == 410


def test_two_supervisors_are_not_enough_and_what_is_refused_leaves_nothing(section: Section) -> None:
    recorded(section)
    deletion_id = proposed(section)
    here = f"/retention/deletions/{deletion_id}"
    for login in ("watcher", "watcher2"):
        browser = section.browser(login)
        browser.post(f"{here}/agree", {"version": version(browser.get(here).text)})
    assert "须有一人是监察科长" in browser.get(here).text
    assert state(section, deletion_id) is DeletionState.AGREED_ONCE
    browser.post(f"{here}/agree", {"version": "1"})
    assert state(section, deletion_id) is DeletionState.AGREED_ONCE


def test_declining_needs_a_reason(section: Section) -> None:
    recorded(section)
    deletion_id = proposed(section)
    browser, here = section.browser("watcher"), f"/retention/deletions/{deletion_id}"
    browser.post(f"{here}/decline", {"version": "1", "note": " "})
    assert state(section, deletion_id) is DeletionState.PROPOSED
    browser.post(f"{here}/decline", {"version": "1", "note": "仍需查证"})
    assert state(section, deletion_id) is DeletionState.DECLINED
    assert "仍需查证" in browser.get(here).text


def test_a_hold_is_placed_on_the_calls_page_and_released_on_the_list(section: Section) -> None:
    call, browser = recorded(section), section.browser("watcher")
    assert "保全这段录音" in browser.get(f"/calls/{call.id}").text
    form = {"reason": "appeal", "note": "张三申诉", "until": ""}
    assert leads_to(browser.post(f"/retention/calls/{call.id}/hold", form)) == f"/calls/{call.id}"
    assert "张三申诉" in browser.get(f"/calls/{call.id}").text
    assert "张三申诉" in browser.get("/retention/holds?reason=appeal").text
    assert "张三申诉" not in browser.get("/retention/holds?reason=case").text
    with section.people.database.transaction() as session:
        assert propose_due(session, LATER) == []
        hold_id = session.scalars(select(Hold.id)).one()
    browser.post(f"/retention/holds/{hold_id}/release", {"note": "已结案"})
    assert "张三申诉" not in browser.get("/retention/holds").text
    assert "已结案" in browser.get("/retention/holds?state=over").text


@pytest.mark.parametrize("form", [{}, {"reason": "appeal", "note": ""}, {"reason": "x", "note": "x"}])
def test_a_hold_without_reason_is_not_placed(section: Section, form: dict[str, str]) -> None:
    call, browser = recorded(section), section.browser("watcher")
    browser.post(f"/retention/calls/{call.id}/hold", form)
    assert "没有保全" in browser.get("/retention/holds").text


def test_only_the_head_sets_the_time_and_only_with_a_reason_within_bounds(section: Section) -> None:
    head, watcher = section.browser("head"), section.browser("watcher")
    assert watcher.post("/retention/term", {"days": "1095", "reason": "x", "version": "0"}).status_code == 403
    head.post("/retention/term", {"days": "30", "reason": "x", "version": "0"})
    assert "从未变更" in head.get("/retention/term").text
    head.post("/retention/term", {"days": "1095", "reason": "市局档案规定", "version": "0"})
    page = head.get("/retention/term").text
    assert "市局档案规定" in page
    assert "3 年" in page
    head.post("/retention/term", {"days": "400", "reason": "late", "version": "0"})
    assert "late" not in head.get("/retention/term").text


def test_the_auditor_sees_proofs_and_no_call(section: Section) -> None:
    call = recorded(section)
    deletion_id = proposed(section)
    page = section.browser("auditor").get(f"/retention/deletions/{deletion_id}").text
    assert f"/calls/{call.id}" not in page
    assert "同意删除" not in page
    with section.people.database.reading() as session:
        assert "deletion_proposed" in acts(session)


class TestOnANode:
    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.OFFICE

    def test_the_calls_page_shows_the_proof_that_came_with_the_order(
        self, people: People, tmp_path: Path, database: Database
    ) -> None:
        archive = Archive(tmp_path, database, Mode.OFFICE)
        with database.transaction() as session:
            town = archive.people(session)
            town.people["leader"].password_hash = QUICK
            call, leader = archive.recorded(town), town.people["leader"]
            order = order_for(call.id).orders[0]
            values = {
                **order.model_dump(exclude={"agreed_by"}),
                "agreed_by": [{"name": "李监察"}, {"name": "孙科长"}],
            }
            session.add(DeletionOrder(**values, ordered_at=LATER))
        work(archive)
        page = people.admits(leader).get(f"/calls/{call.id}").text
        assert "李监察、孙科长" in page
        assert leader.role is Role.OFFICE_LEADER
        with database.reading() as session:
            assert session.get_one(Recording, call.id).state is RecordingState.DELETED
