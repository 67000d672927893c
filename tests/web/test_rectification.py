"""From a finding to a closed rectification on the site; what is attached is harmless, nothing typed is lost."""

import io
import re
import uuid

import pytest

from supervision.actor import Role
from supervision.database import Database
from supervision.evaluations.models import Evaluation
from supervision.paths import HqPaths
from supervision.people.models import Account
from supervision.rectification.models import Attachment
from supervision.rectification.rules import LARGEST_BYTES, MOST_FILES, MOST_WORKING_DAYS
from supervision.settings import Mode, Settings
from tests.evaluations.factories import Work
from tests.rectification.factories import PDF, zipped
from tests.web.conftest import Browser, People, leads_to
from tests.web.notices import REPLY, VERSION, Sides, a_file, make_town_with_a_breach, the_finding


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def work(people: People, settings: Settings) -> Work:
    """The town's people, who can sign in, and a drawn call of Zhang's with a breach."""
    return make_town_with_a_breach(people, settings)


@pytest.fixture
def finding(work: Work, database: Database) -> uuid.UUID:
    return the_finding(database)


@pytest.fixture
def sides(people: People, work: Work, finding: uuid.UUID) -> Sides:
    return Sides(people, work, finding)


def test_a_finding_is_treated_by_two_and_the_person_confirms(
    people: People, work: Work, finding: uuid.UUID
) -> None:
    leader, head, zhang = (people.admits(work.town.people[login]) for login in ("leader", "head", "zhang"))
    path = f"/findings/{finding}"
    page = leader.get(path).text
    assert "&lt;b&gt;打断对方&lt;/b&gt;" in page
    assert "待处理" in leader.get("/findings/").text

    def acts(browser: Browser, step: str, **form: str) -> str:
        version = VERSION.search(browser.get(path).text)
        assert version
        assert leads_to(browser.post(f"{path}/{step}", {"version": version[1], **form})) == path
        return browser.get(path).text

    acts(leader, "person", measure="education", text="谈话提醒")
    assert "待他人同意" in acts(leader, "prevention", needed="none", text="偶发")
    assert "待本人确认" in acts(head, "agree")
    assert "已处理" in acts(zhang, "confirm")
    assert VERSION.search(zhang.get(path).text) is None


def test_a_notice_goes_to_its_end_and_its_file_is_served_harmless(sides: Sides, settings: Settings) -> None:
    assert "待答复" in sides.leader.get("/rectification/").text
    leads_to(sides.acts(sides.leader, "reply", **REPLY, attachment=a_file(name="../../<script>.exe")))
    page = sides.supervisor.get(sides.path).text
    link = re.search(r'href="(/rectification/attachments/[0-9a-f-]+)"', page)
    assert link
    assert "&lt;script&gt;.pdf" in page
    answer = sides.supervisor.get(link[1], buffered=True)
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.data == PDF
    sides.acts(sides.supervisor, "return", note="请附名单", days="3")
    assert "请附名单" in sides.leader.get(sides.path).text
    leads_to(sides.acts(sides.deputy, "reply", **REPLY))
    sides.acts(sides.supervisor, "verify", note="抽听三通")
    sides.acts(sides.supervisor, "close")
    assert "继续跟踪" in sides.supervisor.get(sides.path).text
    assert "已办结" in sides.supervisor.get("/rectification/register").text
    assert [one for one in HqPaths(settings.home).attachments.rglob("*") if one.is_file()]


def test_a_document_is_offered_as_a_file_and_never_in_place(sides: Sides, database: Database) -> None:
    document = a_file(zipped("[Content_Types].xml", "word/document.xml"), "名单.docx")
    leads_to(sides.acts(sides.leader, "reply", **REPLY, attachment=document))
    with database.reading() as session:
        kept = session.query(Attachment).one()
    answer = sides.leader.get(f"/rectification/attachments/{kept.id}", buffered=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (a_file(b"<html><script>alert(1)</script>", "a.pdf"), "不是 PDF"),
        (a_file(b"", "a.pdf"), "空文件"),
    ],
)
def test_a_wrong_file_is_refused_in_words_and_the_reply_stays(
    sides: Sides, file: tuple[io.BytesIO, str], said: str
) -> None:
    answer = sides.acts(sides.leader, "reply", **REPLY, attachment=file)
    assert answer.status_code == 422
    assert said in answer.text
    assert ">每周讲评</textarea>" in answer.text
    assert "待答复" in sides.leader.get(sides.path).text


def test_two_gigabytes_are_refused_unread_and_in_words(sides: Sides) -> None:
    answer = sides.leader.client.post(
        f"{sides.path}/reply",
        input_stream=io.BytesIO(b"--x"),
        environ_overrides={"CONTENT_LENGTH": str(2 * 1024**3)},
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "最多五个文件" in answer.text


def test_the_second_of_two_who_reply_is_notified_and_what_he_typed_stays(sides: Sides) -> None:
    version = sides.version(sides.leader)
    leads_to(sides.acts(sides.deputy, "reply", **REPLY))
    answer = sides.acts(sides.leader, "reply", version, now_done="我写了很多", prevention="也写了很多")
    assert answer.status_code == 409
    assert "已被他人" in answer.text or "其他人" in answer.text
    assert "我写了很多" in answer.text


def test_the_second_of_two_who_verify_is_notified_and_his_note_stays(
    people: People, work: Work, sides: Sides
) -> None:
    leads_to(sides.acts(sides.leader, "reply", **REPLY))
    head = people.admits(work.town.people["head"])
    version = sides.version(head)
    leads_to(sides.acts(sides.supervisor, "verify", note="抽听三通"))
    for step, more in (("verify", {}), ("return", {"days": "5"})):
        answer = sides.acts(head, step, version, note="我抽听了五通", **more)
        assert answer.status_code == 409
        assert "内容已被他人修改" in answer.text
        assert ">我抽听了五通</textarea>" in answer.text
    assert leads_to(sides.acts(head, "close")) == sides.path


def test_a_notice_needs_findings_and_keeps_what_was_typed(people: People, work: Work, finding: uuid.UUID) -> None:
    supervisor = people.admits(work.town.people["supervisor"])
    assert leads_to(supervisor.get("/rectification/new")) == "/findings/"
    answer = supervisor.post("/rectification/new", {"finding": str(finding), "demand": "请整改", "days": "99"})
    assert answer.status_code == 422
    assert ">请整改</textarea>" in answer.text
    assert 'aria-describedby="in-days-error"' in answer.text, "the field is marked"
    assert supervisor.get(f"/rectification/new?finding={uuid.uuid4()}").status_code == 404


def test_an_officer_sees_only_what_is_addressed_to_him(people: People, work: Work, finding: uuid.UUID) -> None:
    leader, zhang, li = (people.admits(work.town.people[login]) for login in ("leader", "zhang", "li"))
    to_him = {"addressee": str(work.town.people["zhang"].id)}
    path = leads_to(
        leader.post("/rectification/new", {"finding": str(finding), "demand": "整改", "days": "5", **to_him})
    )
    assert 'name="now_done"' in zhang.get(path).text
    assert li.get(path).status_code == 404
    assert people.enters(Role.AUDITOR).get(path).status_code == 403


def test_the_list_says_of_whom_it_is_and_keeps_it_when_it_is_narrowed(people: People, work: Work) -> None:
    zhang, li = (work.town.people[login].id for login in ("zhang", "li"))
    leader = people.admits(work.town.people["leader"])
    page = leader.get(f"/findings/?person={zhang}&evaluated_from=2026-01-01&evaluated_to=2026-12-31").text
    assert f"只显示该人员的问题：{work.town.people['zhang'].name}" in page
    form = page.partition('role="search"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert hidden == {"person": str(zhang), "evaluated_from": "2026-01-01", "evaluated_to": "2026-12-31"}
    assert re.search(r'href="/findings/\?person=&amp;evaluated_from=2026-01-01', page)
    assert "只显示该人员的问题：某一人员" in leader.get(f"/findings/?person={li}").text
    assert "人员不明" in leader.get("/findings/?person=nobody").text


def test_who_has_moved_to_the_section_confirms_what_was_said_to_him(
    people: People, work: Work, finding: uuid.UUID, database: Database
) -> None:
    leader, zhang = (people.admits(work.town.people[login]) for login in ("leader", "zhang"))
    text = {"text": "谈话"}
    leader.post(f"/findings/{finding}/person", {"measure": "education", "version": "1", **text})
    leader.post(f"/findings/{finding}/prevention", {"needed": "needed", "version": "2", **text})
    with database.transaction() as session:
        account = session.get_one(Account, work.town.people["zhang"].id)
        account.role, account.office_code = Role.OFFICE_LEADER, "02"
    assert f'href="/findings/{finding}"' in zhang.get("/").text
    assert f'href="/findings/{finding}"' in zhang.get("/findings/").text
    page = zhang.get(f"/findings/{finding}").text
    assert "/evaluations/" not in page.partition("<main")[2]
    leads_to(zhang.post(f"/findings/{finding}/confirm", {"version": VERSION.findall(page)[0]}))
    assert "已确认" in zhang.get(f"/findings/{finding}").text


def test_a_notice_is_withdrawn_with_a_reason_that_the_other_side_reads(sides: Sides) -> None:
    version = sides.version(sides.leader)
    page = sides.acts(sides.supervisor, "withdraw", reason=" ")
    assert page.status_code == 422
    assert 'name="reason"' in page.text
    assert leads_to(sides.acts(sides.supervisor, "withdraw", reason="查有<b>误</b>")) == sides.path
    page = sides.leader.get(sides.path)
    assert "查有&lt;b&gt;误&lt;/b&gt;" in page.text
    assert "无：已撤回" in page.text
    assert "已撤回" in sides.leader.get("/rectification/register?state=withdrawn").text
    assert sides.path not in sides.leader.get("/rectification/").text
    late = sides.acts(sides.leader, "reply", version, now_done="我写了很多", prevention="也写了很多")
    assert (late.status_code, "我写了很多" in late.text) == (409, True)
    late = sides.acts(sides.supervisor, "withdraw", version, reason="我也要撤回")
    assert ">我也要撤回</textarea>" in late.text


def test_the_page_says_until_when_the_issuers_side_has_its_turn_and_what_may_be_attached(sides: Sides) -> None:
    page = sides.leader.get(sides.path).text
    assert "10 个工作日内核实并办结" in page
    assert f'data-most-files="{MOST_FILES}" data-most-bytes="{LARGEST_BYTES}"' in page
    assert "核实办结期限" not in page
    leads_to(sides.acts(sides.leader, "reply", **REPLY))
    page = sides.supervisor.get(sides.path).text
    assert "核实办结期限" in page
    assert f'max="{MOST_WORKING_DAYS}"' in page
    assert "前核实办结" in sides.supervisor.get("/rectification/").text


def test_headquarters_does_not_read_when_the_call_was_that_it_may_judge_once_more(
    sides: Sides, database: Database
) -> None:
    with database.transaction() as session:
        session.query(Evaluation).one().counted_at = None
    page = sides.supervisor.get(sides.path).text
    assert "复核评价完成前不显示" in page
    assert "的咨询电话" not in page
    assert "的咨询电话" in sides.leader.get(sides.path).text
