"""From an evaluation to a decided record, its appeal and its end, on the site, each step by the right person."""

import re
import uuid

import pytest
from werkzeug.test import TestResponse

from supervision.actor import Role
from supervision.audit.models import AuditEntry
from supervision.clock import now
from supervision.complaints import service
from supervision.database import Database
from supervision.discipline.models import Ground
from supervision.discipline.notices import tell_of_judgements
from supervision.errors import InvalidInput
from supervision.evaluations.models import Evaluation
from supervision.settings import Mode, Settings
from tests.calls.samples import Town
from tests.complaints.factories import decided, received
from tests.discipline.factories import with_chief
from tests.evaluations.factories import Work, make_work
from tests.factories import QUICK
from tests.findings.factories import breach, judged
from tests.pdfs import EMBEDDED, fonts_of, text_of
from tests.web.conftest import Browser, People, leads_to
from web.discipline.forms import parse_objected

VERSION = re.compile(r'name="version" value="(\d+)"')
KIND = re.compile(r'<option value="([0-9a-f-]+)">扣减考核分')
CLAUSE = re.compile(r'<option value="([0-9a-f-]+)">27\.')


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def work(people: People, settings: Settings) -> Work:
    """The town's people, who can sign in, and two judged calls of Zhang's, of which he was told."""
    with people.database.transaction() as session:
        made = with_chief(make_work(session, settings.home))
        for person in made.town.people.values():
            person.password_hash = QUICK
        judged(made, breach(text="<b>打断对方</b>"))
        judged(made, breach(2))
        tell_of_judgements(session, now())
    return made


@pytest.fixture
def evaluations(work: Work, database: Database) -> list[uuid.UUID]:
    with database.reading() as session:
        return [one.id for one in session.query(Evaluation).order_by(Evaluation.opened_at, Evaluation.id)]


class Sides:
    """Everybody who has to do with it, signed in when he is first asked."""

    def __init__(self, people: People, work: Work) -> None:
        self.people, self.work, self.known = people, work, dict[str, Browser]()

    def __getitem__(self, login: str) -> Browser:
        if login not in self.known:
            self.known[login] = self.people.admits(self.work.town.people[login])
        return self.known[login]

    def acts(self, login: str, path: str, step: str, **form: str) -> TestResponse:
        """A step, on the version that the page shows him; where it offers none, on the first."""
        found = VERSION.search(self[login].get(path).text)
        return self[login].post(f"{path}/{step}", {"version": found[1] if found else "1", **form})

    def proposes(self, *evaluations: uuid.UUID) -> str:
        """A record that the supervisor proposes; its page."""
        new = f"/discipline/new?evaluation={evaluations[0]}"
        page = self["supervisor"].get(new).text
        kind, clause = KIND.search(page), CLAUSE.search(page)
        assert kind
        assert clause
        form = {"evaluation": [str(one) for one in evaluations], "consequence": kind[1], "clause": clause[1]}
        return leads_to(self["supervisor"].post("/discipline/new", {**form, "reason": "<i>多次打断</i>"}))


@pytest.fixture
def sides(people: People, work: Work) -> Sides:
    return Sides(people, work)


def test_a_record_goes_from_the_evaluation_to_an_appeal_that_is_upheld(
    sides: Sides, evaluations: list[uuid.UUID]
) -> None:
    shown = sides["supervisor"].get(f"/evaluations/{evaluations[0]}").text
    assert f"/discipline/new?evaluation={evaluations[0]}" in shown
    path = sides.proposes(*evaluations)
    assert sides["zhang"].get(path).status_code == 404
    assert "对提议" in sides["head"].get("/").text
    page = sides["head"].get(path).text
    assert "&lt;i&gt;多次打断&lt;/i&gt;" in page
    assert page.count("录音的 SHA-256") == 2
    leads_to(sides.acts("head", path, "decide", note="同意"))
    assert "查阅并签收决定" in sides["zhang"].get("/").text
    leads_to(sides.acts("zhang", path, "confirm"))
    assert sides["chief"].get(path).status_code == 404
    leads_to(sides.acts("zhang", path, "appeal", text="<u>信号中断</u>", at="0:15"))
    assert "申诉中" in sides["leader"].get(path).text
    assert "对申诉" in sides["chief"].get("/").text
    appeal = re.search(r"/appeals/[0-9a-f-]{36}", sides["chief"].get("/").text)
    assert appeal
    page = sides["chief"].get(appeal[0]).text
    assert "&lt;u&gt;信号中断&lt;/u&gt;" in page
    assert "&lt;b&gt;打断对方&lt;/b&gt;" in page
    assert "&lt;i&gt;多次打断&lt;/i&gt;" in page, "who decides reads what the record says"
    assert re.search(r"第 [0-9]+ 条</h3>", page)
    assert 'data-play-from="15.0"' not in page, "the record rests on two recordings: the place is in either"
    assert "您的申诉" in sides["zhang"].get("/").text
    leads_to(sides.acts("chief", appeal[0], "uphold", reason="录音显示信号中断"))
    assert "已撤销" in sides["zhang"].get(path).text
    assert "申诉成立" in sides["zhang"].get("/appeals/").text
    assert "申诉成立" in sides["zhang"].get("/").text, "without a mail server he learns it there"
    assert "您的申诉" not in sides["leader"].get("/").text


def test_the_bureau_leader_hears_what_comes_before_him_and_nothing_else(
    sides: Sides, evaluations: list[uuid.UUID], database: Database
) -> None:
    with database.reading() as session:
        calls = [session.get_one(Evaluation, one).call_id for one in evaluations]
    path = sides.proposes(evaluations[0])
    leads_to(sides.acts("head", path, "decide"))
    chief = sides["chief"]
    assert chief.get(f"/recordings/{calls[0]}/audio", buffered=True).status_code == 404
    leads_to(sides.acts("zhang", path, "appeal", text="不实"))
    assert chief.get(f"/recordings/{calls[0]}/audio", buffered=True).status_code == 200
    assert chief.get(f"/recordings/{calls[1]}/audio", buffered=True).status_code == 404
    assert chief.get(f"/calls/{calls[0]}").status_code == 403


def test_an_officer_reads_what_he_was_notified_of_and_appeals_and_the_head_sets_it_aside(
    sides: Sides, evaluations: list[uuid.UUID]
) -> None:
    zhang, path = sides["zhang"], f"/evaluations/{evaluations[0]}"
    assert "查阅您的 2 份通话评价" in zhang.get("/").text
    assert zhang.get("/discipline/judgements?state=unread").text.count("未阅") >= 2
    assert leads_to(zhang.post(f"/discipline/judgements/{evaluations[0]}/read")) == path
    assert "查阅您的 1 份通话评价" in zhang.get("/").text
    answer = zhang.post(f"/discipline/judgements/{evaluations[0]}/appeal", {"text": "不实", "at": "x"})
    assert leads_to(answer) == path
    assert not re.search(r"/appeals/[0-9a-f-]{36}", zhang.get(path).text)
    leads_to(zhang.post(f"/discipline/judgements/{evaluations[0]}/appeal", {"text": "不实"}))
    appeal = re.search(r"/appeals/[0-9a-f-]{36}", zhang.get(path).text)
    assert appeal
    refused = sides.acts("head", appeal[0], "uphold", reason="评价有误", remedy="amended")
    assert leads_to(refused) == appeal[0]
    assert "请先更正" in sides["head"].get(appeal[0]).text
    leads_to(sides.acts("head", appeal[0], "uphold", reason="评价有误", remedy="set_aside"))
    assert "该评价已撤销" in zhang.get(path).text
    assert "/discipline/new" not in sides["supervisor"].get(path).text


def test_a_dismissed_and_a_retracted_appeal_and_a_proposal_that_comes_to_nothing(
    sides: Sides, evaluations: list[uuid.UUID]
) -> None:
    first, second = sides.proposes(evaluations[0]), sides.proposes(evaluations[1])
    leads_to(sides.acts("head", first, "decline", note="情节轻微"))
    assert "不予处理" in sides["supervisor"].get(first).text
    leads_to(sides.acts("supervisor", second, "withdraw", note="事实有误"))
    assert "事实有误" in sides["head"].get(second).text
    ends = (("dismiss", "chief", "申诉后维持"), ("retract", "zhang", "已决定并签收"))
    for (step, login, said), evaluation in zip(ends, evaluations, strict=False):
        path = sides.proposes(evaluation)
        leads_to(sides.acts("head", path, "decide"))
        leads_to(sides.acts("zhang", path, "appeal", text="不实"))
        appeal = re.search(r"/appeals/[0-9a-f-]{36}", sides["zhang"].get(path).text)
        assert appeal
        leads_to(sides.acts(login, appeal[0], step, reason="事实清楚"))
        assert said in sides["zhang"].get(path).text


def test_a_proposal_keeps_what_was_typed_and_needs_an_evaluation(
    sides: Sides, evaluations: list[uuid.UUID]
) -> None:
    supervisor = sides["supervisor"]
    assert leads_to(supervisor.get("/discipline/new")) == "/evaluations/"
    assert supervisor.get(f"/discipline/new?evaluation={uuid.uuid4()}").status_code == 404
    form = {"evaluation": str(evaluations[0]), "consequence": str(uuid.uuid4()), "clause": str(uuid.uuid4())}
    answer = supervisor.post("/discipline/new", {**form, "reason": "多次打断"})
    assert answer.status_code == 422
    assert ">多次打断</textarea>" in answer.text
    assert f'name="about" value="{evaluations[0]}"' in answer.text
    form["about"] = form.pop("evaluation")
    answer = supervisor.post("/discipline/new", {**form, "reason": "多次打断"})
    assert answer.status_code == 422
    assert "请至少选择一份评价" in answer.text
    assert ">多次打断</textarea>" in answer.text


def test_the_lists_are_filtered(sides: Sides, evaluations: list[uuid.UUID]) -> None:
    sides.proposes(evaluations[0])
    head = sides["head"]
    for query, there in (
        ("", True),
        ("?state=unfinished&side=discipline&office=01", True),
        ("?side=commendation", False),
        ("?state=revoked", False),
        ("?office=02", False),
    ):
        assert ("没有处理记录" not in head.get(f"/discipline/{query}").text) is there, query
    assert head.get("/discipline/?state=nonsense").status_code == 422
    assert "没有申诉" in head.get("/appeals/?state=open&target=record").text
    assert sides.people.enters(Role.AUDITOR).get("/discipline/").status_code == 403


@pytest.mark.parametrize(
    ("at", "seconds"), [("", None), ("7", 7.0), ("1:05", 65.0), ("61:00", 3660.0), ("1\uff1a05", 65.0)]
)
def test_a_place_in_the_recording_is_written_as_the_player_shows_it(at: str, seconds: float | None) -> None:
    assert parse_objected({"text": "x", "at": at}).at_s == seconds


@pytest.mark.parametrize("at", ["x", "1:75", ":5", "-1", "1.5", "1:2:3", "٣"])
def test_what_is_no_place_in_a_recording_is_refused(at: str) -> None:
    with pytest.raises(InvalidInput):
        parse_objected({"text": "x", "at": at})


def test_a_place_after_the_end_of_the_recording_is_refused_with_the_way_to_write_it(
    sides: Sides, evaluations: list[uuid.UUID]
) -> None:
    zhang, page = sides["zhang"], f"/evaluations/{evaluations[0]}"
    for at, said in (("0:21", "录音没有这么长"), ("1:75", "例如 1:05")):
        zhang.post(f"/discipline/judgements/{evaluations[0]}/appeal", {"text": "不实", "at": at})
        assert said in zhang.get(page).text
    zhang.post(f"/discipline/judgements/{evaluations[0]}/appeal", {"text": "不实", "at": "0:20"})
    appeal = re.search(r"/appeals/[0-9a-f-]{36}", zhang.get(page).text)
    assert appeal
    assert 'data-play-from="20.0"' in sides["head"].get(appeal[0]).text


def test_decisions_are_printed_in_chinese_under_their_numbers_by_whoever_sees_them(
    sides: Sides, evaluations: list[uuid.UUID], database: Database
) -> None:
    path = sides.proposes(*evaluations)
    assert leads_to(sides["head"].get(f"{path}/decision.pdf")) == path
    leads_to(sides.acts("head", path, "decide", note="同意"))
    assert f"{path}/decision.pdf" in sides["zhang"].get(path).text
    leads_to(sides["zhang"].post("/account/language", {"language": "en", "next": "/"}))
    answer = sides["zhang"].get(f"{path}/decision.pdf")
    assert answer.mimetype == "application/pdf"
    text, year = text_of(answer.data), f"{now():%Y}"
    with database.reading() as session:
        grounds = [one.pcm_sha256 for one in session.query(Ground)]
    for said in (
        "责任追究决定书",
        f"责〔{year}〕1号",
        "扣减考核分",
        "<i>多次打断</i>",
        "第 27 条",
        "提出申诉",
        *grounds,
    ):
        assert said in text.replace("\n", ""), said
    assert fonts_of(answer.data) == EMBEDDED
    leads_to(sides.acts("zhang", path, "appeal", text="<u>信号中断</u>"))
    assert "提出申诉" not in text_of(sides["zhang"].get(f"{path}/decision.pdf").data), "there is one against it"
    appeal = re.search(r"/appeals/[0-9a-f-]{36}", sides["zhang"].get(path).text)
    assert appeal
    assert leads_to(sides["chief"].get(f"{appeal[0]}/decision.pdf")) == appeal[0]
    leads_to(sides.acts("chief", appeal[0], "uphold", reason="录音显示信号中断"))
    text = text_of(sides["leader"].get(f"{appeal[0]}/decision.pdf").data)
    for said in (
        "申诉决定书",
        f"诉〔{year}〕1号",
        "申诉成立",
        "<u>信号中断</u>",
        "录音显示信号中断",
        f"责〔{year}〕1号",
    ):
        assert said in text, said
    assert "申诉 2026-0001 成立" in text_of(sides["head"].get(f"{path}/decision.pdf").data).replace(year, "2026")
    assert sides["li"].get(f"{path}/decision.pdf").status_code == 404
    with database.reading() as session:
        taken = session.query(AuditEntry).filter(AuditEntry.act == "decision_printed").order_by(AuditEntry.n)
        assert [one.subject.partition(":")[0] for one in taken] == ["record", "record", "appeal", "record"]


def test_a_record_is_proposed_from_an_upheld_complaint_and_both_lead_to_each_other(
    people: People, work: Work, database: Database, settings: Settings
) -> None:
    sides = Sides(people, work)
    with database.transaction() as session:
        made = Work(Town(session, work.town.people), settings.home)
        call_id = session.query(Evaluation.call_id).order_by(Evaluation.opened_at).limit(1).scalar()
        one = received(made)
        service.tie_call(made.context("supervisor"), one.id, call_id, version=one.version)
        complaint = decided(made, one)
        here, number = f"/complaints/{complaint.id}", complaint.number
    page = sides["supervisor"].get(here).text
    ground = re.search(r'name="evaluation" value="([0-9a-f-]+)"', page)
    assert ground
    form = sides["supervisor"].get(f"/discipline/new?evaluation={ground[1]}&complaint={here[-36:]}").text
    kind, clause = KIND.search(form), CLAUSE.search(form)
    assert kind
    assert clause
    assert number in form
    typed = {"consequence": kind[1], "clause": clause[1], "evaluation": ground[1], "reason": "投诉属实"}
    record = leads_to(sides["supervisor"].post("/discipline/new", {**typed, "complaint": here[-36:]}))
    assert f'href="{record}"' in sides["supervisor"].get(here).text
    assert f'href="{here}"' in sides["head"].get(record).text
    sent_twice = sides["supervisor"].post("/discipline/new", typed)
    assert (sent_twice.status_code, "尚未撤回" in sent_twice.text) == (409, True)
    other = re.search(r'<option value="([0-9a-f-]+)">通报批评', form)
    assert other
    again = leads_to(sides["supervisor"].post("/discipline/new", {**typed, "consequence": other[1]}))
    said = sides["supervisor"].post(f"{here}/discipline", {"record": again[-36:]}, follow_redirects=True).text
    assert "已关联一件尚未撤销的责任追究" in said
    assert "提出责任追究" not in sides["head"].get(here).text
