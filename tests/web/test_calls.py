"""The pages of calls: what they show to whom, masked and escaped."""

import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from supervision.actor import Role
from supervision.audit.models import AuditEntry
from supervision.calls.caller_rules import clean_caller
from supervision.calls.models import CallEvent
from supervision.calls.rules import Disposition, EventKind, Party, SegmentKind, Witness
from supervision.clock import now, today
from supervision.database import Database
from supervision.incidents.rules import Cause, IncidentKind
from supervision.paths import Paths
from supervision.recordings.models import RecordingState
from supervision.settings import Settings
from tests.calls.samples import NOON, Town, make_town, seconds
from tests.factories import QUICK
from tests.recordings.sounds import seal
from tests.web.conftest import TOKEN, Browser, People
from web.calls import wording
from web.incidents import wording as incident_wording
from web.recordings import wording as recording_wording
from web.unit import Application

HOSTILE = ('"; rm -rf / ; ${SHELL(id)}<script>', "<b>" * 1700, "", "\udcff\udcfe破")


@dataclass
class Office:
    """A town on the site: its people can sign in."""

    town: Town
    people: People

    def enters(self, login: str) -> Browser:
        """A person of the town, signed in."""
        return self.people.admits(self.town.people[login])

    def call(self, at: datetime = NOON, **facts: Any) -> uuid.UUID:
        """One more call, committed."""
        with self.people.database.transaction() as session:
            self.town.session = session
            call = self.town.call(at, **facts)
            self.town.story(call)
            return call.id


@pytest.fixture
def office(people: People, database: Database) -> Iterator[Office]:
    with database.transaction() as session:
        town = make_town(session)
        for person in town.people.values():
            person.password_hash = QUICK
    yield Office(town, people)


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.n)))


def without_token(answer: TestResponse) -> str:
    """A page without what differs from one second to the next."""
    page, tokens = TOKEN.subn("", answer.text)
    assert tokens, "a page without a form"
    return page


def test_the_list_shows_a_call_with_a_masked_number(office: Office) -> None:
    office.call(rings_before_us=1)
    page = office.enters("leader").get("/calls/").text
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "张敏" in page


def test_without_calls_the_page_says_so(office: Office) -> None:
    leader = office.enters("leader")
    assert "尚无通话" in leader.get("/calls/").text
    assert "没有符合条件" in leader.get("/calls/?line=main").text


def test_an_officer_finds_his_own_calls_and_no_way_to_hear_them(office: Office) -> None:
    mine, other = office.call(), office.call(answered_desk="802")
    browser = office.enters("zhang")
    page = browser.get("/calls/").text
    assert str(mine) in page
    assert str(other) not in page
    assert 'name="number"' not in page
    one = browser.get(f"/calls/{mine}").text
    assert "data-player" not in one
    assert browser.get(f"/calls/{other}").status_code == 404
    assert browser.get(f"/recordings/{mine}/audio").status_code == 404


def test_a_call_that_was_taken_over_names_everybody_who_talked_and_is_in_the_list_of_each(office: Office) -> None:
    with office.people.database.transaction() as session:
        office.town.session = session
        call_id = office.town.taken_over(office.town.call(), "802").id
    for login in ("zhang", "li"):
        browser = office.enters(login)
        for address in ("/calls/", f"/calls/{call_id}"):
            assert re.search("张敏.*→ 李强", browser.get(address).text), address


def test_who_may_not_see_numbers_cannot_search_by_them(office: Office) -> None:
    mine = office.call()
    assert str(mine) in office.enters("zhang").get("/calls/?number=99999").text


def searched(database: Database) -> list[Any]:
    with database.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.act == "number_searched").order_by(AuditEntry.n)
        return [detail["number"] for detail in session.scalars(query)]


def test_a_search_by_number_is_written_down_masked_and_an_empty_one_is_not(
    office: Office, database: Database
) -> None:
    browser = office.enters("leader")
    for query in ("", "?number=", "?number=***", "?number=13812345678", "?number=5678"):
        assert browser.get(f"/calls/{query}").status_code == 200
    assert searched(database) == ["138****5678", "**78"]
    office.enters("zhang").get("/calls/?number=13812345678")
    assert len(searched(database)) == 2, "who may not search by numbers has not searched"


def test_what_a_page_asks_on_its_own_and_turning_pages_are_no_new_search(
    office: Office, database: Database
) -> None:
    browser, alone = office.enters("leader"), {"X-Unattended": "1"}
    browser.get("/calls/?number=5678")
    browser.get("/calls/live?number=5678", headers=alone)
    browser.get("/calls/?number=5678", headers=alone)
    browser.get(f"/calls/?number=5678&older=1.{uuid.uuid4().hex}")
    assert len(searched(database)) == 1
    browser.get("/calls/?number=5678")
    assert len(searched(database)) == 2


def test_no_search_passes_for_what_a_page_asks_on_its_own(office: Office, database: Database) -> None:
    browser, alone = office.enters("leader"), {"X-Unattended": "1"}
    browser.get("/calls/?number=1381", headers=alone)
    browser.get("/calls/live?number=1382")
    browser.get(f"/calls/?number=1383&older=1.{uuid.uuid4().hex}")
    assert len(searched(database)) == 3


def test_a_record_outside_the_scope_answers_as_one_that_does_not_exist(office: Office) -> None:
    there = office.call(office_code="02", line_key="east")
    browser = office.enters("leader")
    outside, missing = browser.get(f"/calls/{there}"), browser.get(f"/calls/{uuid.uuid4()}")
    assert (outside.status_code, missing.status_code) == (404, 404)
    assert without_token(outside).replace(str(there), "") == without_token(missing).replace(
        missing.request.path[7:], ""
    )


@pytest.mark.parametrize("login", ["machines"])
def test_an_administrator_reaches_neither_calls_nor_audio(office: Office, login: str) -> None:
    call = office.call()
    browser = office.enters(login)
    for path in ("/calls/", f"/calls/{call}", f"/recordings/{call}/audio", f"/recordings/{call}/peaks"):
        assert browser.get(path).status_code == 403
    assert browser.get(f"/recordings/{call}/download").status_code == 403


def test_showing_the_whole_number_is_asked_for_and_written_down(office: Office, database: Database) -> None:
    call = office.call()
    browser = office.enters("leader")
    before = acts(database)
    assert "13812345678" not in browser.get(f"/calls/{call}").text
    assert acts(database) == before
    assert "13812345678" in browser.post(f"/calls/{call}").text
    assert acts(database) == [*before, "number_unmasked"]


def test_showing_a_number_outside_the_scope_writes_nothing_and_shows_nothing(
    office: Office, database: Database
) -> None:
    there = office.call(office_code="02", line_key="east")
    assert office.enters("leader").post(f"/calls/{there}").status_code == 404
    assert "number_unmasked" not in acts(database)
    assert office.enters("zhang").post(f"/calls/{there}").status_code == 403


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_caller_id_is_shown_escaped_and_nothing_else(office: Office, hostile: str) -> None:
    number, name = clean_caller(hostile, 64), clean_caller(hostile, 128)
    call = office.call(caller_number=number, caller_name=name)
    browser = office.enters("leader")
    for page in (browser.get("/calls/"), browser.get(f"/calls/{call}"), browser.post(f"/calls/{call}")):
        assert page.status_code == 200
        assert "<script>" not in page.text.replace("<script type", "")
        assert "<b>" not in page.text
    assert escape(number).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page.text
    assert browser.get("/calls/live").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "officer=me",
        "shortest=-1",
        "longest=9999999999",
        "disposition=lost",
        "older=x",
        "from=0001-01-01",
        "line=main%00",
        "number=138%001",
        "number=1%1b",
        "officer=%00",
        "disposition=%00answered",
        "older=1.%00",
        f"number={'1' * 65}",
    ],
)
def test_nonsense_in_the_address_is_refused(office: Office, query: str) -> None:
    assert office.enters("leader").get(f"/calls/?{query}").status_code == 422


def test_a_refusal_names_the_field_as_the_screen_does(office: Office) -> None:
    browser = office.enters("leader")
    for query, field in (("from=yesterday", "起始日期"), (f"number={'1' * 65}", "来电号码"), ("line=%00", "线路")):
        page = browser.get(f"/calls/?{query}").text
        assert field in page
        assert "characters" not in page


def test_what_is_added_to_an_address_never_steers_our_links(office: Office) -> None:
    office.call(ended_at=None, disposition=None)
    page = office.enters("leader").get("/calls/?_scheme=javascript&_external=1&_anchor=x&_method=POST").text
    assert "javascript:" not in page


def test_pages_keep_their_filter(office: Office) -> None:
    with office.people.database.transaction() as session:
        office.town.session = session
        for n in range(60):
            office.town.call(NOON - seconds(n))
    browser = office.enters("leader")
    page = browser.get("/calls/?line=main").text
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "line=main" in older
    second = browser.get(older).text
    assert second.count("row-link") == 10
    assert 'rel="prev"' in second
    assert 'data-turned="1"' in second


def test_the_live_view_names_the_calls_in_progress(office: Office) -> None:
    office.call()
    going_on = office.call(ended_at=None, disposition=None)
    browser = office.enters("leader")
    news = browser.get("/calls/live").get_json()
    assert [call["url"] for call in news["in_progress"]] == [f"/calls/{going_on}"]
    assert news["in_progress"][0]["number"] == "138****5678"
    assert f'data-stamp="{news["stamp"]}"' in browser.get("/calls/").text
    office.call()
    assert browser.get("/calls/live").get_json()["stamp"] != news["stamp"]


def test_today_is_one_click_and_keeps_the_rest_of_the_filter(office: Office) -> None:
    browser = office.enters("leader")
    here, before = office.call(now()), office.call(now() - timedelta(days=2))
    page = browser.get("/calls/?line=main").text
    link = re.search(r'href="(/calls/\?[^"]*)">今天<', page)
    assert link
    assert "line=main" in link[1]
    found = browser.get(link[1].replace("&amp;", "&")).text
    assert str(here) in found
    assert str(before) not in found


def test_an_order_without_an_index_is_worked_out_for_a_month_at_most(office: Office) -> None:
    recent, old = office.call(now() - timedelta(days=20)), office.call(now() - timedelta(days=40))
    browser, day = office.enters("leader"), today()
    page = browser.get("/calls/?sort=longest").text
    assert 'aria-sort="descending"' in page
    (first,) = re.findall(r"自 (\d{4}-\d\d-\d\d) 起", page)
    assert date.fromisoformat(first) in {day - timedelta(days=30), today() - timedelta(days=30)}
    for whole in ("sort=oldest", "", f"sort=longest&from={first}"):
        assert f"自 {first} 起" not in browser.get(f"/calls/?{whole}").text
    assert (str(recent) in page, str(old) in page) == (True, False)
    assert str(old) in browser.get("/calls/?sort=oldest&from=1990-01-01").text
    assert str(old) not in browser.get("/calls/?sort=longest&from=1990-01-01").text
    assert browser.get("/calls/?sort=longest&older=1700000000000." + recent.hex).status_code == 422
    assert browser.get("/calls/?older=n5." + recent.hex).status_code == 422
    assert browser.get(f"/calls/?sort=longest&older=n{2**70}." + recent.hex).status_code == 422


def test_the_workbook_holds_what_the_page_shows_as_texts_and_its_taking_is_written_down(
    office: Office, database: Database
) -> None:
    hostile = '=HYPERLINK("http://evil.example")'
    with database.transaction() as session:
        session.merge(office.town.people["zhang"]).name = hostile
    call_id = office.call()
    office.call(answered_desk="802", caller_number="+8613900001234")
    answer = office.enters("leader").get("/calls/export?number=13812345678")
    assert str(answer.mimetype).endswith("spreadsheetml.sheet")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count("<row ") == 2
    for shown in (escape(hostile, quote=False), "138****5678", str(call_id), "已接听"):
        assert shown in texts
    assert "13812345678" not in texts
    with database.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.act == "calls_exported")).one()
    assert noted.detail == {"filter": {"number": "138****5678"}, "rows": 1}
    assert office.enters("zhang").get("/calls/export").status_code == 403


def test_the_taking_of_a_workbook_is_written_down_with_the_filter_that_was_applied_and_nothing_else(
    office: Office, database: Database
) -> None:
    leader, day = office.enters("leader"), today()
    leader.get("/calls/export?sort=longest&disposition=unanswered&office=02&note=13812345678&older=x")
    leader.get("/calls/export?from=2026-03-01&to=2026-03-31&line=main&shortest=0&sort=newest")
    with database.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.act == "calls_exported").order_by(AuditEntry.n)
        noted = [detail["filter"] for detail in session.scalars(query)]
    first = noted[0]["from"]
    assert date.fromisoformat(first) in {day - timedelta(days=30), today() - timedelta(days=30)}
    assert noted == [
        {"from": first, "disposition": "unanswered", "sort": "longest"},
        {"from": "2026-03-01", "to": "2026-03-31", "line": "main", "shortest": "0"},
    ]


def test_more_than_a_file_takes_is_refused_and_not_written_down(
    office: Office, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.calls.export.MOST_ROWS", 1)
    office.call()
    office.call()
    assert office.enters("leader").get("/calls/export").status_code == 409
    assert "calls_exported" not in acts(database)


def test_one_call_shows_its_course_its_recording_and_its_incidents(office: Office, settings: Settings) -> None:
    with office.people.database.transaction() as session:
        office.town.session = session
        call = office.town.call(rings_before_us=1)
        office.town.story(call)
        recording = seal(session, Paths(settings.home), call, 3, officer_on_ms=500)
    page = office.enters("leader").get(f"/calls/{call.id}")
    assert "data-player" in page.text
    assert str(recording.pcm_sha256) in page.text
    assert 'data-kind="desk_answered"' in page.text
    policy = page.headers["Content-Security-Policy"]
    nonce = page.text.split('data-nonce="')[1].split('"')[0]
    assert f"style-src 'self' 'nonce-{nonce}';" in policy
    assert "unsafe" not in policy


def test_every_known_value_has_its_words(app: Application) -> None:
    with app.test_request_context():
        assert all(wording.disposition(value) and wording.disposition_explained(value) for value in Disposition)
        assert all(wording.party(value) for value in Party)
        assert all(wording.segment_kind(value) for value in SegmentKind)
        assert all(wording.witness(value) for value in Witness)
        assert all(recording_wording.recording_explained(value) for value in (None, *RecordingState))
        assert all(recording_wording.recording_state(value) for value in (None, *RecordingState))
        assert all(incident_wording.cause(value) and incident_wording.cause_explained(value) for value in Cause)
        assert all(incident_wording.kind(value) for value in IncidentKind)


def test_every_kind_of_event_is_put_in_a_sentence(app: Application) -> None:
    with app.test_request_context():
        for kind in EventKind:
            for party in (*Party, None):
                event = CallEvent(kind=kind, desk="801", party=party, at=NOON)
                assert wording.happening(event, {"801": "801 号席"}).endswith((".", "。"))


def test_no_role_but_those_who_listen_see_the_player(office: Office, settings: Settings) -> None:
    with office.people.database.transaction() as session:
        office.town.session = session
        call = office.town.call()
        seal(session, Paths(settings.home), call, 2)
    for role, shown in ((Role.SUPERVISOR, True), (Role.SUPERVISION_HEAD, True)):
        assert ("data-player" in office.people.enters(role).get(f"/calls/{call.id}").text) is shown
