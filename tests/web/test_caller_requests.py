"""The register of callers' requests, as people meet it at headquarters."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.caller_requests.models import CallerRequest
from supervision.caller_requests.rules import RequestState
from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Database
from supervision.retention.models import Deletion, Hold
from supervision.settings import Mode
from tests.calls.samples import Town
from tests.retention.archive import Archive
from tests.web.archive import Section
from tests.web.conftest import Browser, People, leads_to

FORM = {
    "kind": "see",
    "office": "01",
    "caller_name": "王五",
    "caller_number": "13812345678",
    "channel": "visit",
    "wish": "想听自己的通话",
}


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def section(people: People, tmp_path: Path, database: Database) -> Section:
    return Section(people, Archive(tmp_path, database))


def recorded(section: Section) -> Call:
    with section.people.database.transaction() as session:
        return section.archive.recorded(Town(session, section.accounts), now() - timedelta(days=20))


def does(browser: Browser, here: str, act: str, **form: str) -> str:
    """Send a form of the request's page; the page afterwards."""
    page = browser.get(here).text
    found = re.search(r'name="version" value="(\d+)"', page)
    browser.post(f"{here}/{act}", {"version": found[1] if found else "0", **form})
    return browser.get(here).text


def standing(section: Section) -> RequestState:
    with section.people.database.reading() as session:
        return session.scalars(select(CallerRequest)).one().state


def test_a_request_goes_from_the_counter_to_its_end(section: Section) -> None:
    call, watcher, head = recorded(section), section.browser("watcher"), section.browser("head")
    here = leads_to(watcher.post("/caller-requests/new", FORM))
    page = watcher.get(here).text
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "13812345678" not in watcher.get("/caller-requests/").text
    assert "13812345678" in watcher.post(f"{here}/number").text
    assert f"/calls/{call.id}" in does(watcher, here, "calls", call=str(call.id))
    assert "身份已核实" not in does(watcher, here, "identity", check="id_card", note="本人身份证")
    assert watcher.post(f"{here}/grant", {"version": "1", "outcome": "x"}).status_code == 403
    does(head, here, "grant", outcome="请到监察科收听")
    assert standing(section) is RequestState.GRANTED
    assert "监函3号" in does(
        watcher, here, "letters", way="sent", text="请于周五来访。", reference="监函3号", written_on=""
    )
    does(watcher, here, "close")
    assert standing(section) is RequestState.DONE
    assert "王五" in watcher.get("/caller-requests/?state=done").text
    assert "王五" not in watcher.get("/caller-requests/?state=open").text
    with section.people.database.reading() as session:
        acts = session.scalars(select(AuditEntry.act)).all()
    assert {"request_registered", "number_unmasked", "hold_placed", "request_granted", "hold_released"} <= {*acts}


def test_the_calls_of_who_asks_are_found_by_the_number_and_tied_and_the_search_is_written_down(
    section: Section,
) -> None:
    call, watcher = recorded(section), section.browser("watcher")
    with section.people.database.transaction() as session:
        other = section.archive.recorded(Town(session, section.accounts), caller_number="13900000000")
    here = leads_to(watcher.post("/caller-requests/new", FORM))
    assert str(call.id) not in watcher.get(here).text
    found = watcher.post(f"{here}/find").text
    assert f'name="call" value="{call.id}"' in found
    assert str(other.id) not in found
    assert "13812345678" not in found
    does(watcher, here, "calls", call=str(call.id))
    assert "没有其他已接听的来电" in watcher.post(f"{here}/find").text
    with section.people.database.reading() as session:
        searched = session.scalars(select(AuditEntry).where(AuditEntry.act == "number_searched")).all()
    assert [entry.detail for entry in searched] == [{"number": "138****5678"}] * 2


def test_a_granted_deletion_waits_for_two_people(section: Section) -> None:
    call, head = recorded(section), section.browser("head")
    here = leads_to(head.post("/caller-requests/new", {**FORM, "kind": "delete"}))
    does(head, here, "calls", call=str(call.id))
    does(head, here, "identity", check="call_back", note="回拨核实")
    page = does(head, here, "grant", outcome="同意删除")
    with section.people.database.reading() as session:
        deletion = session.scalars(select(Deletion)).one()
    assert f"/retention/deletions/{deletion.id}" in page
    assert "尚未执行完毕" in does(head, here, "close")
    assert standing(section) is RequestState.GRANTED


@pytest.mark.parametrize(
    "wrong", [{"office": "99"}, {"kind": ""}, {"caller_name": ""}, {"wish": " "}, {"received_on": "2099-01-01"}]
)
def test_what_is_wrong_in_the_form_is_said_and_nothing_typed_is_lost(
    section: Section, wrong: dict[str, str]
) -> None:
    answer = section.browser("watcher").post("/caller-requests/new", {**FORM, **wrong})
    assert answer.status_code == 422
    assert "notice bad" in answer.text
    assert "13812345678" in answer.text
    with section.people.database.reading() as session:
        assert session.scalars(select(CallerRequest)).all() == []


def test_a_refusal_without_a_reason_is_none(section: Section) -> None:
    head = section.browser("head")
    here = leads_to(head.post("/caller-requests/new", FORM))
    does(head, here, "refuse", outcome=" ")
    assert standing(section) is RequestState.REGISTERED
    assert "无法核实身份" in does(head, here, "refuse", outcome="无法核实身份")
    assert standing(section) is RequestState.REFUSED


def test_an_overdue_request_stands_out(section: Section) -> None:
    head = section.browser("head")
    head.post("/caller-requests/new", {**FORM, "received_on": "2026-01-05"})
    head.post("/caller-requests/new", {**FORM, "caller_name": "赵六"})
    page = head.get("/caller-requests/?state=overdue").text
    assert "王五" in page
    assert "赵六" not in page
    assert "1 件逾期" in page


def test_a_call_that_is_not_there_cannot_be_tied(section: Section) -> None:
    head = section.browser("head")
    here = leads_to(head.post("/caller-requests/new", FORM))
    answer = head.post(f"{here}/calls", {"version": "1", "call": "00000000-0000-0000-0000-000000000007"})
    assert answer.status_code == 404
    assert "nonsense" in does(head, here, "calls", call="nonsense")


def test_a_grant_that_is_refused_halfway_leaves_nothing_behind(section: Section) -> None:
    call, head = recorded(section), section.browser("head")
    here = leads_to(head.post("/caller-requests/new", {**FORM, "kind": "delete"}))
    does(head, here, "calls", call=str(call.id))
    does(head, here, "identity", check="id_card", note="身份证")
    head.post(f"/retention/calls/{call.id}/hold", {"reason": "appeal", "note": "申诉未结"})
    assert "请先解除保全" in does(head, here, "grant", outcome="同意删除")
    assert standing(section) is RequestState.IDENTIFIED
    with section.people.database.reading() as session:
        assert session.scalars(select(Hold.released_at)).all() == [None, None]
