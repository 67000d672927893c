"""Regulation and scorecards on the site: read by all, written by the head, confirmed by each."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from supervision.actor import Role
from supervision.database import Database
from supervision.regulation.models import Clause, Regulation
from supervision.regulation.rules import ClauseText, VersionState
from supervision.scorecards.models import Scorecard
from supervision.settings import Mode
from tests.web.conftest import Browser, People, leads_to
from web.regulation.forms import parse_text, text_of

TICKED = re.compile(r'<input type="checkbox" name="([\w-]+)" value="(\w+)" checked>')
FIELD = re.compile(r'<input id="in-([\w-]+)" name="[\w-]+" type="\w+" value="([^"]*)"')


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_everybody_reads_and_confirms_the_regulation_and_the_head_sees_who_has_not(
    people: People, database: Database
) -> None:
    with database.reading() as session:
        regulation = session.scalars(select(Regulation)).one()
    officer = people.enters(Role.OFFICER, name="钱一")
    people.account(Role.OFFICER, name="孙二", office_code="02")
    assert "请阅读本版办法" in officer.get("/regulation/").text
    assert leads_to(officer.post(f"/regulation/{regulation.id}/confirm")) == "/regulation/"
    assert "您已于" in officer.get("/regulation/").text
    head = people.enters(Role.SUPERVISION_HEAD)
    page = head.get(f"/regulation/{regulation.id}/confirmations").text
    assert page.index("孙二") < page.index("钱一")
    leader = people.enters(Role.OFFICE_LEADER)
    assert "孙二" not in leader.get(f"/regulation/{regulation.id}/confirmations").text
    assert officer.get(f"/regulation/{regulation.id}/confirmations").status_code == 403


def test_the_head_writes_the_next_regulation_and_nobody_changes_it_afterwards(
    people: People, database: Database
) -> None:
    head = people.enters(Role.SUPERVISION_HEAD)
    edit = leads_to(head.post("/regulation/draft"))
    form = {
        "version": version_in(head.get(edit).text),
        "title": "新办法",
        "text": "# 总则\n第一条\n\n# 附则\n第二条",
    }
    assert people.enters(Role.SUPERVISOR).get(edit.removesuffix("/edit")).status_code == 404
    refused = head.post(edit, {**form, "text": "没有章的一条"})
    assert refused.status_code == 422
    assert "没有章的一条" in refused.text
    assert leads_to(head.post(edit, form)) == edit
    assert head.post(edit, form).status_code == 409
    version = version_in(head.get(edit).text)
    assert leads_to(head.post(edit.replace("/edit", "/publish"), {"version": version})) == "/regulation/"
    assert "新办法" in people.enters(Role.OFFICER).get("/regulation/").text
    assert head.get(edit).status_code == 409
    assert head.post(edit, {**form, "version": str(int(version) + 1)}).status_code == 409
    with database.reading() as session:
        states = {one.n: one.state for one in session.scalars(select(Regulation))}
    assert states == {1: VersionState.RETIRED, 2: VersionState.IN_FORCE}


def test_a_text_of_clauses_comes_back_as_it_was() -> None:
    clauses = parse_text("# 一\n甲\n乙\n\n# 二\n丙\n")
    assert clauses == [ClauseText("一", "甲"), ClauseText("一", "乙"), ClauseText("二", "丙")]
    assert parse_text(text_of([_clause(one) for one in clauses])) == clauses


def _clause(one: ClauseText) -> Clause:
    return Clause(n=1, chapter=one.chapter, text=one.text)


def fields_of(head: Browser, path: str) -> dict[str, str]:
    page = head.get(path).text
    found = {name: unescape(value) for name, value in FIELD.findall(page)}
    clauses: dict[str, list[str]] = {}
    for name, value in TICKED.findall(page):
        clauses.setdefault(name, []).append(value)
    return {**found, **{name: ", ".join(values) for name, values in clauses.items()}, "version": version_in(page)}


def test_the_head_writes_the_next_scorecard(people: People, database: Database) -> None:
    head = people.enters(Role.SUPERVISION_HEAD)
    edit = leads_to(head.post("/scorecards/draft"))
    form = fields_of(head, edit)
    assert (form["weight-3"], form["clauses-7"], form["heard_percent"]) == ("30", "17, 20", "60")
    assert [name for name in form if name.startswith("optional-")] == ["optional-5", "optional-6"]
    refused = head.post(edit, {**form, "heard_percent": "59", "name-1": "问候与称呼"})
    assert refused.status_code == 422
    assert "问候与称呼" in refused.text
    every = {f"optional-{n}": "yes" for n in range(1, 8)}
    assert "至少须有一个评分项适用于每通电话" in head.post(edit, {**form, **every}).text
    assert "不得低于 60%" in head.post(edit, {**form, "heard_percent": "59"}).text
    assert "第 99 条" in head.post(edit, {**form, "clauses-1": "99"}).text
    assert head.post(edit, {**form, "clauses-1": "一"}).status_code == 422
    changed = {
        **form,
        "weight-1": "10",
        "weight-2": "25",
        "heard_percent": "80",
        "optional-1": "yes",
        "reasonless-6": "yes",
    }
    del changed["optional-5"]
    assert leads_to(head.post(edit, changed)) == edit
    assert head.post(edit, changed).status_code == 409
    version = version_in(head.get(edit).text)
    assert leads_to(head.post(edit.replace("/edit", "/publish"), {"version": version})) == "/scorecards/"
    assert head.get(edit).status_code == 409
    with database.reading() as session:
        now = session.scalars(select(Scorecard).where(Scorecard.state == VersionState.IN_FORCE)).one()
        assert (now.n, now.heard_percent, [one.weight for one in now.criteria][:2]) == (2, 80, [10, 25])
        assert [one.n for one in now.criteria if one.may_not_apply] == [1, 6]
        assert [one.n for one in now.criteria if one.needs_no_reason] == [6]
        assert {one.clause.n for one in now.criteria[6].citations} == {17, 20}
    officer = people.enters(Role.OFFICER)
    assert "80%" in officer.get(f"/scorecards/{now.id}").text
    assert officer.post("/scorecards/draft").status_code == 403


def test_a_draft_of_another_sum_is_saved_and_refused_only_where_it_is_put_into_force(people: People) -> None:
    head = people.enters(Role.SUPERVISION_HEAD)
    edit = leads_to(head.post("/scorecards/draft"))
    assert "暂不能发布" not in head.get(edit).text
    form = fields_of(head, edit)
    assert leads_to(head.post(edit, {**form, "weight-1": "16", "name-1": "问候与称呼"})) == edit
    page = head.get(edit).text
    assert "草稿已保存" in page
    assert "这份草稿暂不能发布：各项分值合计须为 100，每项至少 1 分。" in page
    assert re.search(r"<strong data-part=.sum.>101</strong> / 100", page)
    refused = head.post(edit.replace("/edit", "/publish"), {"version": version_in(page)})
    assert refused.status_code == 422
    assert "合计须为 100" in refused.text
    assert "问候与称呼" in refused.text, "it is the editor, where it can be mended"
    assert fields_of(head, edit)["weight-1"] == "16"
    assert leads_to(head.post(edit, {**fields_of(head, edit), "weight-1": "15"})) == edit
    assert "暂不能发布" not in head.get(edit).text


def test_a_chapter_without_a_clause_is_not_dropped_unsaid(people: People) -> None:
    head = people.enters(Role.SUPERVISION_HEAD)
    edit = leads_to(head.post("/regulation/draft"))
    form = fields_of(head, edit)
    for text in ("# 空章", "# 空章\n# 总则\n第一条", "# 总则\n第一条\n# 空章"):
        refused = head.post(edit, {**form, "text": text})
        assert refused.status_code == 422
        assert "“空章”一章还没有条款" in refused.text


def test_two_heads_at_one_scorecard_see_both_texts_before_one_replaces_the_other(people: People) -> None:
    first = people.enters(Role.SUPERVISION_HEAD, name="沈科长")
    second = people.enters(Role.SUPERVISION_HEAD, name="吴副科长")
    edit = leads_to(first.post("/scorecards/draft"))
    form = fields_of(first, edit)
    assert leads_to(first.post(edit, {**form, "guide-1": "先到的人写的"})) == edit
    mine = {**form, "guide-2": "后到的人写的", "guide-9": "写在第九行"}
    unfit = second.post(edit, {**mine, "clauses-1": "一"})
    assert unfit.status_code == 422
    assert version_in(unfit.text) == form["version"], "what the other saved meanwhile is not taken for seen"
    answer = second.post(edit, mine)
    assert answer.status_code == 409
    assert "沈科长 已先保存了这份草稿" in answer.text
    for text in ("现已保存： 先到的人写的", "后到的人写的", "写在第九行"):
        assert text in answer.text
    again = {**mine, "version": version_in(answer.text)}
    assert "每个评分项都须有名称" in second.post(edit, again).text, (
        "a row is not dropped with what was typed in it"
    )
    again["guide-9"] = ""
    assert leads_to(second.post(edit, again)) == edit
    assert fields_of(first, edit)["guide-2"] == "后到的人写的"


def test_two_heads_at_one_regulation_see_both_texts(people: People) -> None:
    first = people.enters(Role.SUPERVISION_HEAD, name="沈科长")
    second = people.enters(Role.SUPERVISION_HEAD, name="吴副科长")
    edit = leads_to(first.post("/regulation/draft"))
    form = {"version": version_in(first.get(edit).text), "title": "新办法", "text": "# 总则\n先到的人写的"}
    assert leads_to(first.post(edit, form)) == edit
    answer = second.post(edit, {**form, "text": "# 总则\n后到的人写的"})
    assert answer.status_code == 409
    for text in ("沈科长 已先保存了这份草稿", "先到的人写的", "后到的人写的"):
        assert text in answer.text


def test_the_editor_says_which_citation_the_regulation_no_longer_has(people: People) -> None:
    head = people.enters(Role.SUPERVISION_HEAD)
    write = leads_to(head.post("/regulation/draft"))
    form = {"version": version_in(head.get(write).text), "title": "新办法", "text": "# 总则\n唯一的一条"}
    head.post(write, form)
    head.post(write.replace("/edit", "/publish"), {"version": version_in(head.get(write).text)})
    page = head.get(leads_to(head.post("/scorecards/draft"))).text
    assert "原引第 17 条，现行办法中已无相同条文" in page
    assert TICKED.findall(page) == [("optional-5", "yes"), ("optional-6", "yes")]


def test_the_head_writes_the_kinds_of_discipline_and_commendation(people: People) -> None:
    head = people.enters(Role.SUPERVISION_HEAD)
    edit = leads_to(head.post("/regulation/draft"))
    page = head.get(edit).text
    assert "# 责任追究\n批评教育：0" in page
    form = {"version": version_in(page), "title": "新办法", "text": "# 总则\n第一条"}
    for wrong, said in (
        ("批评教育：0", "无法识别：批评教育"),
        ("# 其他\n甲：1", "无法识别：# 其他"),
        ("# 责任追究\n甲", "无法识别：甲"),
        ("# 责任追究\n甲：1\n甲：2", "有重复"),
        ("# 责任追究\n甲：101", "最多 100 分"),
    ):
        answer = head.post(edit, {**form, "consequences": wrong})
        assert (answer.status_code, said in answer.text) == (422, True), said
    leads_to(head.post(edit, {**form, "consequences": "# 责任追究\n警示谈话： 3\n\n# 表彰奖励\n记功:8"}))
    assert "# 责任追究\n警示谈话：3\n\n# 表彰奖励\n记功：8" in head.get(edit).text
    leads_to(head.post(edit.replace("/edit", "/publish"), {"version": version_in(head.get(edit).text)}))
    shown = people.enters(Role.OFFICER).get("/regulation/").text
    assert "警示谈话" in shown
    assert "批评教育" not in shown
