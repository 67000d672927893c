"""The certificate of completeness: its page, its PDF and its list, each for who may."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.clock import today
from supervision.database import Database
from supervision.documents.models import DocumentCounter
from supervision.exchange.models import Inbox
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.settings import Mode, Settings
from tests.calls.samples import Town
from tests.pdfs import EMBEDDED, fonts_of, text_of
from tests.retention.archive import EPOCH, OLD, Archive
from tests.web.archive import DAYS, Section
from tests.web.conftest import People
from web import create_app


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def section(people: People, tmp_path: Path, database: Database) -> Section:
    return Section(people, Archive(tmp_path, database))


def recorded(section: Section, broken: bool = False) -> list[Call]:
    with section.people.database.transaction() as session:
        town = Town(session, section.accounts)
        calls = [section.archive.recorded(town, OLD + timedelta(hours=n)) for n in range(3)]
        calls.append(section.archive.recorded(town, office_code="02", line_key="east"))
        if broken:
            section.archive.sealed(calls[0]).unlink()
            about = {"subject": f"{calls[0].id}.flac", "call_id": calls[0].id}
            open_incident(session, office_code="01", cause=Cause.FILE_MISSING, at=OLD, **about)  # type: ignore[arg-type]
        return calls


def test_all_offices_are_seen_side_by_side_and_each_opens(section: Section) -> None:
    recorded(section, broken=True)
    browser = section.browser("watcher")
    page = browser.get(f"/completeness/?{DAYS}").text
    assert "1 通未能证明" in page
    assert "完整</span>" in page
    one = browser.get(f"/completeness/?office=02&{DAYS}").text
    assert "完整：1 通接听的电话全部已录音、已接收、已核验。" in one


def test_what_is_not_proved_is_listed_with_the_reason(section: Section) -> None:
    calls = recorded(section, broken=True)
    page = section.browser("head").get(f"/completeness/?office=01&{DAYS}").text
    assert "不完整：1 通未能证明。" in page
    assert f"/calls/{calls[0].id}" in page
    assert "这份录音应有的文件不在磁盘上。" in page


def test_where_the_office_has_not_sent_everything_nothing_is_certified(section: Section) -> None:
    recorded(section)
    with section.people.database.transaction() as session:
        session.get_one(Inbox, ("01", EPOCH)).fact_at = OLD
    browser = section.browser("watcher")
    assert "不能确定</span>" in browser.get(f"/completeness/?{DAYS}").text
    page = browser.get(f"/completeness/?office=01&{DAYS}").text
    assert "不能确定：可能还有总系统不知道的通话。" in page
    assert "该税务所尚未报齐所查日期的数据。" in page
    assert "完整：" not in page


def test_a_bureau_leader_sees_figures_and_no_call(section: Section) -> None:
    calls, browser = recorded(section, broken=True), section.browser("bureau")
    page = browser.get(f"/completeness/?office=01&{DAYS}").text
    assert "不完整：1 通未能证明。" in page
    assert not [call for call in calls if str(call.id) in page]
    assert browser.get(f"/completeness/certificate.pdf?office=01&{DAYS}").status_code == 403


def test_an_office_leader_certifies_his_own_office_whatever_he_asks_for(section: Section) -> None:
    calls, browser = recorded(section), section.browser("leader")
    assert "东城" not in browser.get(f"/completeness/?office=02&{DAYS}").text
    text = browser.get(f"/completeness/hashes.txt?office=02&{DAYS}").text
    assert [line.split()[0] for line in text.splitlines()] == sorted(str(call.id) for call in calls[:3])


def test_the_list_has_the_digest_that_the_page_states_and_making_it_is_written_down(section: Section) -> None:
    recorded(section)
    browser = section.browser("auditor")
    answer = browser.get(f"/completeness/hashes.txt?office=01&{DAYS}")
    page = browser.get(f"/completeness/?office=01&{DAYS}").text
    assert hashlib.sha256(answer.data).hexdigest() in page
    assert answer.headers["Content-Disposition"].endswith('"completeness_01_20260101_20260131.txt"')
    with section.people.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "certificate_made")).one()
        assert entry.actor == "郑审计 (auditor)"
        assert entry.detail["sha256"] == hashlib.sha256(answer.data).hexdigest()


def test_the_pdf_carries_its_chinese_with_it(section: Section) -> None:
    recorded(section, broken=True)
    answer = section.browser("head").get(f"/completeness/certificate.pdf?office=01&{DAYS}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    text, year = text_of(answer.data), f"{today():%Y}"
    assert f"税监证〔{year}〕1号" in text
    assert "不完整：1 通未能证明。" in text
    assert "未核验：录音文件丢失" in text
    assert fonts_of(answer.data) == EMBEDDED, "the font is embedded"
    with section.people.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "certificate_made")).one()
        assert entry.detail["number"] == f"税监证〔{year}〕1号"


def test_without_the_font_there_is_no_pdf_and_nothing_says_that_there_was(
    section: Section, settings: Settings, database: Database
) -> None:
    recorded(section)
    app = create_app(settings.model_copy(update={"pdf_font": "/nowhere.ttc"}), database)
    browser = People(app, database).admits(section.accounts["head"])
    assert browser.get(f"/completeness/certificate.pdf?office=01&{DAYS}").status_code == 503
    with database.reading() as session:
        assert session.scalars(select(DocumentCounter)).all() == []
        assert "certificate_made" not in session.scalars(select(AuditEntry.act)).all()


@pytest.mark.parametrize(
    "asked", ["office=99", "from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01", "from=yesterday"]
)
def test_nonsense_is_refused(section: Section, asked: str) -> None:
    assert section.browser("watcher").get(f"/completeness/?{asked}").status_code == 422


def test_all_offices_at_once_are_looked_at_for_a_month_at_most_and_one_for_a_year(section: Section) -> None:
    asked = "from=2026-01-01&to=2026-02-01"
    assert section.browser("watcher").get(f"/completeness/?{asked}").status_code == 422
    assert section.browser("watcher").get(f"/completeness/?{asked}&office=01").status_code == 200


def test_a_pdf_is_of_one_office(section: Section) -> None:
    assert section.browser("watcher").get(f"/completeness/certificate.pdf?{DAYS}").status_code == 422
