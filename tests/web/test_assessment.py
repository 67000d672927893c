"""Assessments, as people meet them at headquarters: figures, what they open into, closed months, the workbook."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from supervision.assessment.models import AssessmentMonth
from supervision.assessment.queries import Assessed, page_of
from supervision.assessment.rules import Figure, Tally, Weights
from supervision.assessment.service import close_month, note_corrections
from supervision.audit.models import AuditEntry
from supervision.database import Database
from supervision.findings.service import open_treatments
from supervision.people.models import Account
from supervision.settings import Mode
from tests.calls.samples import Town
from tests.complaints.factories import decided, received
from tests.evaluations.factories import Work, make_work
from tests.factories import QUICK
from tests.findings.factories import breach, judged
from tests.pdfs import EMBEDDED, fonts_of, text_of
from tests.web.conftest import Browser, People, leads_to
from web.assessment.presenters import means_chart
from web.unit import Application

CLOSING = datetime(2026, 4, 16, 1, tzinfo=UTC)
MARCH = "?period=2026-03"
WEIGHTS = {
    "score": "80",
    "rings": "20",
    "quotas": "0",
    "rectifications": "0",
    "finding_points": "2",
    "complaint_points": "5",
    "least_calls": "1",
    "least_evaluated": "5",
    "since": "2026-04",
    "reason": "局务会决定",
}


SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parse(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A part of a workbook, as a spreadsheet reads it."""
    return ElementTree.fromstring(book.read(name))  # noqa: S314 - of our own making


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def accounts(people: People, tmp_path: Path, database: Database) -> Iterator[dict[str, Account]]:
    """The town after a month in which Zhang was judged, late once and complained of."""
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        judged(work, breach())
        open_treatments(session)
        work.town.call(rings=5)
        decided(work, received(work))
        for person in work.town.people.values():
            person.password_hash = QUICK
        accounts = dict(work.town.people)
    yield accounts


def enters(people: People, accounts: dict[str, Account], login: str) -> Browser:
    return people.admits(accounts[login])


def test_a_figure_opens_into_its_calls_and_a_correction_is_shown_as_one(
    people: People, accounts: dict[str, Account], database: Database, tmp_path: Path
) -> None:
    head, zhang = enters(people, accounts, "head"), accounts["zhang"].id
    here = f"/assessment/people/{zhang}{MARCH}"
    assert "尚未封账" in head.get(here).text
    with database.transaction() as session:
        work = Work(Town(session, accounts), tmp_path)
        close_month(work.context("head", CLOSING), date(2026, 3, 1))
        late = work.town.call().id
        assert note_corrections(session, date(2026, 3, 1), CLOSING) == 1
    page = head.get(here).text
    assert "封账时 50.0 %" in page
    assert "有更正" in head.get(f"/assessment/{MARCH}&of=people").text
    opened = head.get(f"/assessment/entries?figure=rings&month=2026-03&person={zhang}").text
    assert f"/calls/{late}" in opened
    assert "事后计入" in opened
    assert "合计：66.7 %" in opened
    assert "/evaluations/" in head.get(f"/assessment/entries?figure=score&month=2026-03&person={zhang}").text
    assert "/complaints/" in head.get("/assessment/entries?figure=complaints&month=2026-03&office=01").text
    office = head.get(f"/assessment/office{MARCH}&office=01").text
    assert "城关税务所" in office
    found = re.search(r'href="(/assessment/figures.csv[^"]+rings)"', page)
    assert found
    taken = html.unescape(found[1])
    rows = head.get(taken).data.decode("utf-8-sig").splitlines()
    assert rows == ["月份,三声内接听 (%)", "2026-03,66.7"]
    leader, officer = enters(people, accounts, "leader"), enters(people, accounts, "zhang")
    assert officer.get(taken).status_code == 403
    assert leader.get(f"/assessment/figures.csv?person={accounts['wu'].id}").status_code == 404


def test_means_are_compared_with_their_intervals_as_long_as_they_are_few(app: Application) -> None:
    few = {Figure.SCORE: Tally(2, 180, 16_250)}
    many = {Figure.SCORE: Tally(10, 900, 81_090), Figure.RINGS: Tally(10, 9, 9)}
    some = {Figure.SCORE: Tally(10, 900, 81_090), Figure.RINGS: Tally(1000, 900, 900)}
    rows = [Assessed(f"{n:02}", {}, one, Weights(), office=True) for n, one in enumerate((few, many, some, {}))]
    with app.test_request_context():
        chart = means_chart(rows, {}, {"period": "2026-03"}, exports=False)
        assert means_chart(rows[:1], {}, {"period": "2026-03"}, exports=False) is None
        assert means_chart(rows * 14, {}, {"period": "2026-03"}, exports=False) is None
    assert chart is not None
    assert [row for row, _ in chart.table.rows] == ["00", "01", "02"]
    assert [cells[0].text for _, cells in chart.table.rows] == ["90.0", "90.0 (90.0–90.0)", "90.0 (87.7–92.3)"]


def test_each_sees_his_own_figures_and_nobody_elses(people: People, accounts: dict[str, Account]) -> None:
    zhang, li, wu = (accounts[login].id for login in ("zhang", "li", "wu"))
    officer, leader, bureau = (enters(people, accounts, login) for login in ("zhang", "leader", "head"))
    assert officer.get(f"/assessment/people/{zhang}{MARCH}").status_code == 200
    assert officer.get(f"/assessment/people/{li}{MARCH}").status_code == 404
    assert officer.get(f"/assessment/office{MARCH}&office=01").status_code == 404
    listed = officer.get(f"/assessment/{MARCH}").text
    assert "张敏" in listed
    assert "名次" not in listed
    entries = officer.get("/assessment/entries?figure=complaints&month=2026-03").text
    assert "/complaints/" not in entries
    assert leader.get(f"/assessment/people/{wu}{MARCH}").status_code == 404
    assert leader.get(f"/assessment/people/{li}{MARCH}").status_code == 200
    assert "城关税务所" in leader.get(f"/assessment/office{MARCH}&office=02").text
    assert bureau.get(f"/assessment/office{MARCH}&office=09").status_code == 404


def test_the_head_closes_a_month_and_sets_weights_and_what_is_wrong_is_said(
    people: People, accounts: dict[str, Account], database: Database
) -> None:
    head = enters(people, accounts, "head")
    assert "目标考核封账" in head.get("/").text
    assert "未封账" in head.get("/assessment/months").text
    assert "已封账" not in head.get("/assessment/months").text
    assert leads_to(head.post("/assessment/months", {"month": "2026-03"})) == "/assessment/months"
    assert "已封账" in head.get("/assessment/months").text
    with database.reading() as session:
        assert [one.month.month for one in session.query(AssessmentMonth)] == [3]
    assert "已经封账" in head.post("/assessment/months", {"month": "2026-03"}, follow_redirects=True).text
    closed = head.post("/assessment/weights", {**WEIGHTS, "since": "2026-03"}, follow_redirects=True)
    assert "权重不再改变" in closed.text
    wrong = head.post("/assessment/weights", {**WEIGHTS, "score": "1"}, follow_redirects=True)
    assert "四项分值合计须为 100" in wrong.text
    assert "局务会决定" in head.post("/assessment/weights", WEIGHTS, follow_redirects=True).text
    for nonsense in ("?period=x", "?of=x", f"{MARCH}&newer=1"):
        assert head.get(f"/assessment/{nonsense}").status_code in {200, 422}
    for nonsense in (
        "",
        "?figure=score&month=2026",
        "?figure=x&month=2026-03",
        "?figure=score&month=2026-03&person=x",
    ):
        assert head.get(f"/assessment/entries{nonsense}").status_code == 422


def test_a_long_list_has_pages_and_the_ranking_runs_through_them(
    people: People, accounts: dict[str, Account], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of, "__defaults__", (1,))
    with database.transaction() as session:
        Town(session, accounts).call(answered_desk="802")
    head = enters(people, accounts, "head")
    first = head.get(f"/assessment/{MARCH}&of=people").text
    older = re.search(r'href="(/assessment/[^"]*older=[^"]*)"', first)
    assert older
    second = head.get(html.unescape(older[1])).text
    assert sorted(name for page in (first, second) for name in ("张敏", "李强") if f">{name}</a>" in page) == [
        "张敏",
        "李强",
    ]
    assert "newer=" in second


def test_the_workbook_opens_with_numbers_and_texts_and_no_formula_and_taking_it_is_written_down(
    people: People, accounts: dict[str, Account], database: Database
) -> None:
    hostile = '=HYPERLINK("http://evil.example")'
    with database.transaction() as session:
        session.merge(accounts["zhang"]).name = hostile
    answer = enters(people, accounts, "leader").get(f"/assessment/export{MARCH}&of=people")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="assessment-2026-03.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        assert book.testzip() is None
        texts = [one.findtext(f"{SHEET}t") for one in parse(book, "xl/sharedStrings.xml")]
        cells = {one.get("r"): one for one in parse(book, "xl/worksheets/sheet1.xml").iter(f"{SHEET}c")}
    shown = {
        where: texts[int(value)] if one.get("t") == "s" else float(value)
        for where, one in cells.items()
        if (value := one.findtext(f"{SHEET}v"))
    }
    assert {one.get("t") for one in cells.values()} <= {"s", None}
    assert not [one for one in cells.values() if one.find(f"{SHEET}f") is not None]
    assert (shown["B1"], shown["B2"], shown["F1"], shown["F2"]) == ("人员", hostile, "平均分", 100.0)
    assert "吴静" not in texts
    with database.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.act == "assessment_exported")).one()
    assert noted.detail == {"period": "2026-03", "of": "people", "office": "", "rows": 1}


def test_the_list_and_the_sheet_are_printed_under_numbers_with_what_was_corrected(
    people: People, accounts: dict[str, Account], database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        work = Work(Town(session, accounts), tmp_path)
        close_month(work.context("head", CLOSING), date(2026, 3, 1))
        work.town.call()
        note_corrections(session, date(2026, 3, 1), CLOSING)
    head, zhang = enters(people, accounts, "head"), accounts["zhang"].id
    listed = head.get(f"/assessment/list.pdf{MARCH}&of=people").data
    text = text_of(listed)
    for said in ("考〔", "〕1号", "人员目标考核结果（2026-03）", "张敏", "封账时", "±"):
        assert said in text, said
    assert fonts_of(listed) == EMBEDDED
    sheet = text_of(head.get(f"/assessment/sheet.pdf{MARCH}&person={zhang}").data)
    for said in ("〕2号", "张敏目标考核表（2026-03）", "封账后的更正", "事后计入", "被考核人（签字）"):
        assert said in sheet, said
    assert "城关税务所目标考核表" in text_of(head.get(f"/assessment/sheet.pdf{MARCH}&office=01").data)
    leader = enters(people, accounts, "leader")
    assert leader.get(f"/assessment/sheet.pdf{MARCH}&person={accounts['wu'].id}").status_code == 404
    assert enters(people, accounts, "zhang").get(f"/assessment/sheet.pdf{MARCH}&person={zhang}").status_code == 403
    with database.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.act == "assessment_exported").order_by(AuditEntry.n)
        noted = session.scalars(query).all()
    assert [one["number"][-3:] for one in noted] == ["〕1号", "〕2号", "〕3号"]
