"""The pages of incidents."""

import re
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.clock import now
from supervision.context import Context
from supervision.database import Database
from supervision.errors import InvalidInput
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import acknowledge, open_incident
from supervision.paths import Paths
from supervision.reconcile import service
from supervision.reconcile.service import Outcome
from supervision.recordings.models import Recording
from supervision.settings import Settings
from tests.calls.samples import NOON, Town, make_town
from tests.factories import QUICK
from tests.recordings.sounds import seal
from tests.web.conftest import People, leads_to

CONCERNS = re.compile("<dt>涉及</dt><dd>(.*?)</dd>")


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with database.transaction() as session:
        town = make_town(session)
        for person in town.people.values():
            person.password_hash = QUICK
        call = town.call()
        open_incident(
            session,
            office_code="01",
            cause=Cause.RECORDING_GAP,
            subject=str(call.id),
            at=NOON,
            call_id=call.id,
            detail={"found": "<script>", "list": [1, "<b>"]},
        )
    yield town


def incident_of(database: Database) -> Incident:
    with database.reading() as session:
        return session.query(Incident).one()


def test_an_incident_leads_to_its_call_for_who_may_see_it(people: People, town: Town, database: Database) -> None:
    incident = incident_of(database)
    for login, sees in (("leader", True), ("machines", False)):
        browser = people.admits(town.people[login])
        for path in ("/incidents/", f"/incidents/{incident.id}"):
            page = browser.get(path).text
            assert (f'href="/calls/{incident.call_id}"' in page) is sees
            assert "<script>" not in page.replace("<script type", "")
            assert "<b>" not in page


def test_officers_see_no_incidents(people: People, town: Town) -> None:
    assert people.admits(town.people["zhang"]).get("/incidents/").status_code == 403


def test_a_note_is_saved_and_an_older_page_conflicts(people: People, town: Town, database: Database) -> None:
    incident = incident_of(database)
    browser = people.admits(town.people["machines"])
    path = f"/incidents/{incident.id}"
    data = {"note": "磁盘已换", "version": str(incident.version)}
    assert leads_to(browser.post(path, data)) == path
    assert "磁盘已换" in browser.get(path).text
    late = browser.post(path, {**data, "note": "late"})
    assert late.status_code == 409
    assert ">late</textarea>" in late.text
    assert "磁盘已换" in late.text
    assert incident_of(database).note == "磁盘已换"


def test_a_note_that_is_too_long_is_shown_again(people: People, town: Town, database: Database) -> None:
    incident = incident_of(database)
    path, note = f"/incidents/{incident.id}", "长" * 1001
    answer = people.admits(town.people["leader"]).post(path, {"note": note, "version": str(incident.version)})
    assert answer.status_code == 422
    assert note in answer.text
    assert "too_long" not in answer.text
    assert incident_of(database).note == ""


@pytest.mark.parametrize("note", ["a\x00b", "\x1b[2J", "\udc80"])
def test_a_note_holds_no_control_characters_but_ends_of_lines(town: Town, database: Database, note: str) -> None:
    incident = incident_of(database)
    actor, scope = town.actor("leader"), town.scope("leader")
    with database.transaction() as session:
        with pytest.raises(InvalidInput):
            acknowledge(Context(session, actor, scope), incident.id, note=note, version=incident.version)
        found = acknowledge(
            Context(session, actor, scope), incident.id, note="一\r\n\t二", version=incident.version
        )
        assert found.note == "一\n\t二"


def test_a_settled_incident_says_so_and_by_whom(people: People, town: Town, database: Database) -> None:
    incident = incident_of(database)
    browser, path = people.admits(town.people["leader"]), f"/incidents/{incident.id}"
    leads_to(browser.post(path, {"note": "", "version": str(incident.version)}))
    page = browser.get(path).text
    assert "已处理" in page
    assert "陈所长" in page
    assert str(incident.id) not in browser.get("/incidents/?state=open").text


def test_a_note_without_its_version_is_refused(people: People, town: Town, database: Database) -> None:
    path = f"/incidents/{incident_of(database).id}"
    assert people.admits(town.people["leader"]).post(path, {"note": "x"}).status_code == 422


@pytest.mark.parametrize("query", ["kind=x", "cause=x", "state=x", "from=x", "newer=1.1"])
def test_nonsense_in_the_address_is_refused(people: People, town: Town, query: str) -> None:
    assert people.admits(town.people["leader"]).get(f"/incidents/?{query}").status_code == 422


def test_a_filter_without_matches_says_so(people: People, town: Town) -> None:
    assert 'class="empty"' in people.admits(town.people["leader"]).get("/incidents/?state=healed").text


def test_who_handles_incidents_has_everything_compared_at_once(people: People, town: Town) -> None:
    browser = people.admits(town.people["machines"])
    assert "尚未进行过核对" in browser.get("/incidents/").text
    assert leads_to(browser.post("/incidents/comparison", {})) == "/incidents/"
    assert "正在核对各方证据" in browser.get("/incidents/").text
    with people.database.transaction() as session:
        assert service.claim_run(session, now())
        service.finish_run(session, Outcome(12, 3, 1, 0, unread=2), now())
    page = browser.get("/incidents/").text
    assert "发现 3 处不一致；有 2 个文件无法查看" in page


def due_calls(session: Session) -> list[uuid.UUID]:
    """The calls whose recordings are due to be looked through."""
    return list(session.scalars(select(Recording.call_id).where(Recording.scrub_due_at <= now())))


def test_the_recording_of_an_incident_is_looked_through_on_demand(
    people: People, town: Town, database: Database, settings: Settings
) -> None:
    incident = incident_of(database)
    browser, path = people.admits(town.people["leader"]), f"/incidents/{incident.id}"
    refused = browser.post(f"{path}/content", {})
    assert refused.status_code == 409
    assert "没有可供检查的已封存录音" in refused.text
    with database.transaction() as session:
        call = session.get_one(Call, incident.call_id)
        seal(session, Paths(settings.home), call, 1.0)
    assert leads_to(browser.post(f"{path}/content", {})) == path
    with database.reading() as session:
        assert due_calls(session) == [incident.call_id]


def test_on_the_page_of_its_call_a_recording_is_looked_through_on_demand(
    people: People, town: Town, database: Database, settings: Settings
) -> None:
    call_id = incident_of(database).call_id
    browser = people.admits(town.people["leader"])
    with database.transaction() as session:
        seal(session, Paths(settings.home), session.get_one(Call, call_id), 1.0, verified_at=now())
    page = browser.get(f"/calls/{call_id}").text
    assert f'action="/recordings/{call_id}/content"' in page
    assert leads_to(browser.post(f"/recordings/{call_id}/content", {})) == f"/calls/{call_id}"
    with database.reading() as session:
        assert due_calls(session) == [call_id]
        assert "verification_asked" in session.scalars(select(AuditEntry.act)).all()


def test_what_an_incident_is_about_is_said_in_words_and_the_machines_name_stands_below(
    people: People, town: Town, database: Database
) -> None:
    call = incident_of(database).call_id
    subjects = [
        (
            Cause.PART_MISSING,
            f"{call}.a2.raw",
            call,
            "2026-03-10 12:00:00 通话录音的第 2 段",
            "某通电话录音的第 2 段",
        ),
        (Cause.NO_BYTES, str(call), call, "2026-03-10 12:00:00 的通话，综合咨询", "某通电话"),
        (Cause.RECORD_MISSING, str(uuid.uuid4()), None, "某通电话", "某通电话"),
        (Cause.DRAW_WHOLE, "office:01:2026-W10+1:x", None, "2026 年第 10 周", "2026 年第 10 周"),
        (Cause.DISK_LOW, "spool:10", None, "磁盘", "磁盘"),
        (Cause.OFFICE_SILENT, "office:01", None, "城关税务所", "城关税务所"),
    ]
    details = {Cause.DRAW_WHOLE: {"draw": "office:01:2026-W10+1"}}
    with database.transaction() as session:
        found = [
            open_incident(
                session,
                office_code="01",
                cause=cause,
                subject=subject,
                at=NOON,
                call_id=of,
                detail=details.get(cause),
            ).id
            for cause, subject, of, _, _ in subjects
        ]
    leader, machines = (people.admits(town.people[login]) for login in ("leader", "machines"))
    for incident_id, (_, subject, _, shown, otherwise) in zip(found, subjects, strict=True):
        for browser, words in ((leader, shown), (machines, otherwise)):
            page = browser.get(f"/incidents/{incident_id}").text
            assert words in CONCERNS.findall(page)[0]
            assert subject not in page.split('<details class="detail">')[0].replace(f"/calls/{call}", "")


def test_in_what_record_and_exchange_disagree_is_said(people: People, town: Town, database: Database) -> None:
    detail = {
        "record_disposition": "abandoned",
        "asterisk_disposition": "answered",
        "record_desk": None,
        "asterisk_desk": "801",
        "record_hung_up_by": "system",
        "asterisk_hung_up_by": "officer",
        "record_rings": 4,
        "asterisk_rings": 1,
    }
    with database.transaction() as session:
        found = open_incident(
            session, office_code="01", cause=Cause.RECORD_DIFFERS, subject="c", at=NOON, detail=detail
        )
    page = people.admits(town.people["leader"]).get(f"/incidents/{found.id}").text
    for sentence in (
        "接听结果：记录为未接听（来电人挂断），日志为已接听。",
        "分机：记录为 –，日志为 801。",
        "挂机方：记录为系统，日志为受理人员。",
        "振铃声数：记录为 4，日志为 1。",
    ):
        assert sentence in page, sentence
