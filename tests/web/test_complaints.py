"""Complaints, as people meet them at headquarters."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.clock import now, today
from supervision.complaints.models import Complaint, ComplaintStep, ZeroMonth
from supervision.complaints.rules import Channel, ComplaintKind, ComplaintState, MonthFigures, Move, Verdict, after
from supervision.database import Database
from supervision.settings import Mode
from tests.calls.samples import Town
from tests.retention.archive import Archive
from tests.web.archive import Section
from tests.web.conftest import Browser, People, leads_to
from web.complaints.presenters import complaint_charts
from web.unit import Application

DAY = date(2026, 3, 16)
FORM = {
    "kind": "manner",
    "channel": "hotline",
    "office": "01",
    "caller_name": "王五",
    "caller_number": "13812345678",
    "complaint": "说话不耐烦",
}


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def section(people: People, tmp_path: Path, database: Database) -> Section:
    return Section(people, Archive(tmp_path, database))


def recorded(section: Section, **facts: str) -> Call:
    with section.people.database.transaction() as session:
        town = Town(session, section.accounts)
        return section.archive.recorded(town, now() - timedelta(days=40), **facts)


def does(browser: Browser, here: str, act: str, **form: str) -> str:
    """Send a form of the complaint's page; the page afterwards."""
    found = re.search(r'name="version" value="(\d+)"', browser.get(here).text)
    browser.post(f"{here}/{act}", {"version": found[1] if found else "0", **form})
    return browser.get(here).text


def one(section: Section) -> Complaint:
    with section.people.database.reading() as session:
        return session.scalars(select(Complaint)).one()


def test_a_complaint_goes_from_the_hotline_to_its_answer(section: Section) -> None:
    call, other = recorded(section), recorded(section, caller_number="13900000000")
    watcher, head = section.browser("watcher"), section.browser("head")
    here = leads_to(watcher.post("/complaints/new", FORM))
    page = watcher.get(here).text
    assert "138****5678" in page
    assert "13812345678" not in page + watcher.get("/complaints/register").text
    assert "13812345678" in watcher.post(f"{here}/number").text
    found = watcher.post(f"{here}/find").text
    assert f'name="call" value="{call.id}"' in found
    assert str(other.id) not in found
    backwards = watcher.post(f"{here}/find", {"from": "2026-03-04", "to": "2026-03-03"})
    assert backwards.status_code == 422
    assert "不能早于起始日期" in backwards.text
    assert 'value="2026-03-04"' in backwards.text
    assert f"/calls/{call.id}" in does(watcher, here, "calls", call=str(call.id))
    does(watcher, here, "take")
    assert "由监察科另一人认定" in does(watcher, here, "proposal", verdict="upheld", found="听录音属实", person="")
    assert "须由另一人认定" in does(watcher, here, "decision", verdict="upheld", note="同意")
    assert one(section).state is ComplaintState.PROPOSED
    does(head, here, "decision", verdict="upheld", note="属实")
    assert (one(section).state, one(section).verdict) == (ComplaintState.DECIDED, Verdict.UPHELD)
    assert watcher.post(f"{here}/reopen", {"version": "1", "reason": "x"}).status_code == 403
    closed = does(watcher, here, "close", reply="已电话致歉")
    assert "已电话致歉" in closed
    assert "已答复办结" in closed
    assert one(section).state is ComplaintState.CLOSED
    assert "王五" in watcher.get("/complaints/register?state=closed&verdict=upheld").text
    assert "王五" not in watcher.get("/complaints/register?state=open").text
    with section.people.database.reading() as session:
        acts = {*session.scalars(select(AuditEntry.act))}
    assert {"number_unmasked", "number_searched", "hold_placed", "complaint_decided", "hold_released"} <= acts


@pytest.mark.parametrize(
    "wrong",
    [{"office": "99"}, {"kind": ""}, {"complaint": " "}, {"received_on": "2099-01-01"}, {"called_on": "x"}],
)
def test_what_is_wrong_in_the_form_is_said_and_nothing_typed_is_lost(
    section: Section, wrong: dict[str, str]
) -> None:
    answer = section.browser("watcher").post("/complaints/new", {**FORM, **wrong})
    assert answer.status_code == 422
    assert "notice bad" in answer.text
    assert ("尚未到来" in answer.text) is ("received_on" in wrong)
    assert "13812345678" in answer.text


def test_a_callers_number_has_digits(section: Section) -> None:
    answer = section.browser("watcher").post("/complaints/new", {**FORM, "caller_number": "abc"})
    assert answer.status_code == 422
    assert "来电号码：“abc”不符合要求" in answer.text


def test_a_wrong_entry_is_corrected_with_a_reason_and_nothing_typed_is_lost(section: Section) -> None:
    watcher = section.browser("watcher")
    here = leads_to(watcher.post("/complaints/new", FORM))
    form = watcher.get(f"{here}/correct").text
    assert "说话不耐烦" in form
    assert "13812345678" not in form
    fresh = {**FORM, "kind": "quality", "caller_number": "", "complaint": "答错了税率", "version": "1"}
    refused = watcher.post(f"{here}/correct", {**fresh, "reason": " "})
    assert refused.status_code == 422
    assert "答错了税率" in refused.text
    shown = watcher.get(leads_to(watcher.post(f"{here}/correct", {**fresh, "reason": "听错了"}))).text
    assert "答错了税率" in shown
    assert "听错了" in shown
    found = one(section)
    assert (found.kind, found.caller_number) == (ComplaintKind.QUALITY, "13812345678")
    stale = watcher.get(
        leads_to(watcher.post(f"{here}/correct", {**fresh, "kind": "other", "reason": "又一次"}))
    ).text
    assert one(section).kind is ComplaintKind.QUALITY
    assert "notice" in stale


ACTS = {
    Move.TAKE: ("take", {}),
    Move.PROPOSE: ("proposal", {"verdict": "upheld", "found": "属实", "person": ""}),
    Move.RETURN: ("return", {"note": "请再核实"}),
    Move.DECIDE: ("decision", {"verdict": "upheld", "note": "同意"}),
    Move.CORRECT: ("correct", {**FORM, "complaint": "说话很不耐烦", "reason": "记错了"}),
    Move.CLOSE: ("close", {"reply": "已答复"}),
    Move.WITHDRAW: ("withdraw", {"note": "来电撤回"}),
    Move.REOPEN: ("reopen", {"reason": "有新证据"}),
}
WAY = {
    ComplaintState.REGISTERED: (),
    ComplaintState.HANDLING: (Move.TAKE,),
    ComplaintState.PROPOSED: (Move.TAKE, Move.PROPOSE),
    ComplaintState.DECIDED: (Move.TAKE, Move.PROPOSE, Move.DECIDE),
    ComplaintState.CLOSED: (Move.TAKE, Move.PROPOSE, Move.DECIDE, Move.CLOSE),
    ComplaintState.WITHDRAWN: (Move.TAKE, Move.PROPOSE, Move.WITHDRAW),
}


def stands(section: Section, state: ComplaintState, n: int) -> Complaint:
    """One in a state: handled by the one supervisor, decided by the other."""
    handler, decider = section.accounts["watcher"].id, section.accounts["watcher2"].id
    is_decided = Move.DECIDE in WAY[state]
    with section.people.database.transaction() as session:
        one = Complaint(
            year=2026,
            n=n,
            kind=ComplaintKind.OTHER,
            channel=Channel.VISIT,
            state=state,
            office_code="01",
            text="x",
            received_on=DAY,
            counted_from=DAY,
            due_on=DAY,
            registered_by=handler,
            handler_id=handler if WAY[state] else None,
            proposal=Verdict.UPHELD if Move.PROPOSE in WAY[state] else None,
            verdict=Verdict.UPHELD if is_decided else None,
            decided_by=decider if is_decided else None,
            decided_at=now() if is_decided else None,
        )
        for step, move in enumerate(WAY[state], 1):
            one.steps.append(ComplaintStep(n=step, move=move, by=decider if move is Move.DECIDE else handler))
        session.add(one)
    return one


def reached(section: Section, one: Complaint) -> ComplaintState:
    with section.people.database.reading() as session:
        return session.get_one(Complaint, one.id).state


def test_each_state_offers_and_takes_the_moves_that_each_of_the_section_may_make(section: Section) -> None:
    """By hand: of the handler, of who decided, of the head, and nothing of anybody else."""
    both = {Move.CLOSE, Move.REOPEN}
    by_head = {
        ComplaintState.REGISTERED: {Move.TAKE, Move.CORRECT, Move.WITHDRAW},
        ComplaintState.HANDLING: {Move.TAKE, Move.CORRECT, Move.WITHDRAW},
        ComplaintState.PROPOSED: {Move.RETURN, Move.DECIDE, Move.WITHDRAW},
        ComplaintState.DECIDED: both,
        ComplaintState.CLOSED: {Move.REOPEN},
        ComplaintState.WITHDRAWN: {Move.REOPEN},
    }
    others = {state: moves - {Move.REOPEN} for state, moves in by_head.items()}
    handlers = {
        **others,
        ComplaintState.HANDLING: {Move.PROPOSE, Move.CORRECT, Move.WITHDRAW},
        ComplaintState.PROPOSED: {Move.WITHDRAW},
    }
    count = 0
    for login, expected in (("head", by_head), ("watcher2", others), ("watcher", handlers)):
        browser = section.browser(login)
        for state in ComplaintState:
            fresh = stands(section, state, count := count + 1)
            page = browser.get(f"/complaints/{fresh.id}").text
            offered = {move for move, (act, _) in ACTS.items() if f'="/complaints/{fresh.id}/{act}"' in page}
            assert offered == expected[state], (login, state)
            tried = {Move.REOPEN: ACTS[Move.REOPEN]} if login == "watcher2" else ACTS
            for move, (act, form) in tried.items():
                target = fresh if move not in expected[state] else stands(section, state, count := count + 1)
                version = {"version": str(target.version)}
                answer = browser.post(f"/complaints/{target.id}/{act}", {**version, **form})
                assert answer.status_code == (403 if move is Move.REOPEN and login != "head" else 303)
                to = after(state, move) if move in expected[state] else state
                assert reached(section, target) is to, (login, state, move)


def test_whom_a_complaint_is_about_does_not_learn_who_complained(section: Section) -> None:
    watcher, head = section.browser("watcher"), section.browser("head")
    here = leads_to(watcher.post("/complaints/new", FORM))
    with section.people.database.transaction() as session:
        session.scalars(select(Complaint)).one().person_id = section.accounts["watcher"].id
    for path in (here, "/complaints/register"):
        assert ("王五" in head.get(path).text, "138****5678" in head.get(path).text) == (True, True)
        page = watcher.get(path).text
        assert not any(one in page for one in ("王五", "138****5678"))


def test_nobody_else_makes_any_move(section: Section) -> None:
    one = stands(section, ComplaintState.PROPOSED, 1)
    for login in ("zhang", "leader", "bureau", "machines", "auditor"):
        browser = section.browser(login)
        assert browser.get(f"/complaints/{one.id}").status_code == 403
        for act, form in ACTS.values():
            assert browser.post(f"/complaints/{one.id}/{act}", {"version": "1", **form}).status_code == 403
    assert reached(section, one) is ComplaintState.PROPOSED


def test_a_month_without_a_complaint_is_attested_on_its_page_and_an_office_sees_only_its_own(
    section: Section,
) -> None:
    recorded(section)
    this = today().replace(day=1)
    last = this - timedelta(days=1)
    watcher, bureau = section.browser("watcher"), section.browser("bureau")
    assert f"确认 {last:%Y-%m} 零投诉" in watcher.get("/").text
    page = watcher.get(f"/complaints/?year={last.year}").text
    assert f'name="month" value="{last:%Y-%m}"' in page
    assert "确认依据" in page
    assert f'name="month" value="{this:%Y-%m}"' not in page
    watcher.post("/complaints/zero", {"month": f"{last:%Y-%m}", "note": "各渠道均无"})
    assert "各渠道均无" in bureau.get(f"/complaints/?year={last.year}").text
    assert f"确认 {last:%Y-%m} 零投诉" not in watcher.get("/").text
    watcher.post("/complaints/new", {**FORM, "received_on": last.isoformat()})
    with section.people.database.reading() as session:
        assert session.scalars(select(ZeroMonth)).one().revoked_at is not None
    leader = section.browser("leader").get(f"/complaints/?year={last.year}").text
    assert "王五" not in leader + bureau.get("/complaints/").text
    for month in ("2099-01", "x"):
        assert (
            "notice bad"
            in watcher.post("/complaints/zero", {"month": month, "note": "x"}, follow_redirects=True).text
        )


def test_the_chart_of_a_year_has_its_figures_and_marks_the_day_on_which_the_system_went_live(
    app: Application,
) -> None:
    quarter = [
        MonthFigures(date(2025, 1, 1), 9),
        MonthFigures(date(2025, 2, 1), 8),
        MonthFigures(date(2025, 3, 1), 10, 4, live=True),
    ]
    with app.test_request_context():
        quarters, months = complaint_charts(
            [*quarter, MonthFigures(date(2025, 4, 1))], {"year": "2025", "office": "01"}, opens=True
        )
    assert [list(one.values) for one in quarters.series] == [[27, 0], [4, 0]]
    assert [one.category for one in (*quarters.marks, *months.marks)] == ["一季度", "2025-03"]
    assert list(months.series[0].values) == [9, 8, 10, 0]
    assert months.series[0].links[-2:] == ["/complaints/register?office=01&from=2025-03-01&to=2025-03-31", ""]
