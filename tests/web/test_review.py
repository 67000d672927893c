"""The review room's pages and what its script receives, at headquarters' site."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from supervision.actor import Role, Scope
from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.clock import now
from supervision.context import Context
from supervision.database import Database
from supervision.draws.models import Ticket
from supervision.draws.rules import TicketState, Tier
from supervision.evaluations.content_rules import Content, content_json, parse_content
from supervision.evaluations.drafts import take_again
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import EvaluationState
from supervision.regulation.queries import clauses_in_force
from supervision.regulation.service import begin_draft, publish
from supervision.settings import Mode, Settings
from tests.evaluations.factories import ALWAYS, Work, make_work
from tests.factories import QUICK
from tests.web.conftest import TOKEN, Browser, People, leads_to
from web.design.shown import moment

WINDOW, OTHER = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def work(database: Database, settings: Settings) -> Iterator[Work]:
    with database.transaction() as session:
        work = make_work(session, settings.home)
        for person in work.town.people.values():
            person.password_hash = QUICK
    yield work


def enters(people: People, work: Work, login: str) -> Browser:
    return people.admits(work.town.people[login])


def drawn(database: Database, work: Work, number: int = 2, tier: Tier = Tier.OFFICE) -> list[Ticket]:
    with database.transaction() as session:
        work.town.session = session
        return work.draw([work.call(20) for _ in range(number)], tier)


def full(database: Database, work: Work, **more: Any) -> Content:
    with database.reading() as session:
        work.town.session = session
        return work.content(**more)


def sends(browser: Browser, path: str, body: object) -> TestResponse:
    token = TOKEN.search(browser.get("/account/sessions").text)
    assert token
    return browser.client.post(path, json=body, headers={"X-CSRFToken": token[1], "Accept": "application/json"})


def saves(browser: Browser, room: str, content: Content, version: int, window: str = WINDOW) -> Any:
    answer = sends(
        browser, f"{room}/draft", {"content": content_json(content), "version": version, "window": window}
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def counting(browser: Browser, room: str) -> str:
    answer: Any = sends(browser, f"{room}/hold", {}).json
    return str(answer["counting"])


def test_taking_writing_and_submitting_leads_to_the_next_ticket(
    people: People, work: Work, database: Database
) -> None:
    first, second = drawn(database, work)
    leader = enters(people, work, "leader")
    assert "/review/tickets/" in leader.get("/review/").text
    room = leads_to(leader.post(f"/review/tickets/{first.id}/take"))
    assert "0 / 2" in leader.get(room).text
    answer = saves(leader, room, full(database, work), 0)
    assert (answer["outcome"], answer["version"], answer["score"], answer["missing"]) == ("saved", 1, 100, 0)
    with database.transaction() as session:
        work.town.session = session
        work.heard_at = now()
        work.hears("leader", session.get_one(Call, first.call_id), 0, 20)
    following = leads_to(leader.post(f"{room}/submit", {"version": "1"}))
    assert following not in {room, "/review/"}
    page = leader.get(following).text
    assert "1 / 2" in page
    with database.reading() as session:
        assert session.get_one(Ticket, first.id).state is TicketState.DONE
        assert session.get_one(Ticket, second.id).state is TicketState.TAKEN


def test_what_does_not_count_yet_stays_on_the_screen_and_says_why(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    leader = enters(people, work, "leader")
    room = leads_to(leader.post(f"/review/tickets/{ticket.id}/take"))
    saves(leader, room, full(database, work), 0)
    assert leads_to(leader.post(f"{room}/submit", {"version": "1"})) == room
    page = leader.get(room).text
    assert "收听时长不足" in page
    assert f"{room}/unusable" in page
    assert 'data-part="retake"' in page
    assert counting(leader, room) == "too_little_heard"
    with database.transaction() as session:
        work.town.session = session
        work.heard_at = now()
        work.hears("leader", session.get_one(Call, ticket.call_id), 0, 20)
    assert counting(leader, room) == "counts"
    evaluation = room.replace("/review/", "/evaluations/")
    assert "计入抽检任务" in leader.get(evaluation).text
    assert counting(leader, room) == "counts"
    with database.reading() as session:
        noted = session.scalars(select(AuditEntry.act).where(AuditEntry.act == "evaluation_counted")).all()
    assert len(noted) == 1, "the office is reported it by this entry"


def test_the_second_person_on_a_ticket_sees_who_has_it(people: People, work: Work, database: Database) -> None:
    (ticket,) = drawn(database, work, 1)
    leader, deputy = enters(people, work, "leader"), enters(people, work, "deputy")
    leader.post(f"/review/tickets/{ticket.id}/take")
    refused = deputy.post(f"/review/tickets/{ticket.id}/take")
    assert refused.status_code == 409
    assert "陈所长" in refused.text
    assert "陈所长" in deputy.get("/review/").text


def test_what_was_left_too_early_can_be_judged_by_another_in_place(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    leader, deputy = enters(people, work, "leader"), enters(people, work, "deputy")
    room = leads_to(leader.post(f"/review/tickets/{ticket.id}/take"))
    saves(leader, room, full(database, work), 0)
    leader.post(f"{room}/submit", {"version": "1"})
    with database.transaction() as session:
        session.scalars(select(Evaluation)).one().held_until = now()
    assert "陈所长 收听不足，可代为检查" in deputy.get("/review/").text
    assert leads_to(deputy.post(f"/review/tickets/{ticket.id}/take")) == room
    assert "data-points" in deputy.get(room).text
    saves(deputy, room, full(database, work), 0)
    deputy.post(f"{room}/submit", {"version": "1"})
    evaluation = deputy.get(room.replace("/review/", "/evaluations/")).text
    assert "原检查人收听不足，由他人代为检查" in evaluation


def test_a_clause_that_was_replaced_meanwhile_can_still_be_cited(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    leader = enters(people, work, "leader")
    room = leads_to(leader.post(f"/review/tickets/{ticket.id}/take"))
    with database.transaction() as session:
        clause = clauses_in_force(session)[2]
        draft = begin_draft(Context(session, work.town.actor("head"), Scope()))
        publish(Context(session, work.town.actor("head"), Scope()), draft.id, draft.version)
    finding = {"key": str(uuid.uuid4()), "at_s": 1, "kind": "breach", "category": "words", "text": "未问候"}
    cited = parse_content({"findings": [{**finding, "clause_id": str(clause.id)}]})
    saves(leader, room, cited, 0)
    page = leader.get(room).text
    assert f'<option value="{clause.id}">第 3 条 (第 1 版)' in page
    assert f"/regulation/{clause.regulation_id}#clause-" in page


def test_two_windows_are_noticed_and_both_texts_are_on_the_page(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    leader = enters(people, work, "leader")
    room = leads_to(leader.post(f"/review/tickets/{ticket.id}/take"))
    assert saves(leader, room, full(database, work, remark="窗口一"), 0)["outcome"] == "saved"
    assert saves(leader, room, full(database, work, remark="窗口二"), 0, OTHER)["outcome"] == "set_aside"
    page = enters(people, work, "leader").get(room).text
    for text in ("窗口一", "窗口二"):
        assert json.dumps(text).strip('"') in page
    assert leads_to(leader.post(f"{room}/aside/{OTHER}")) == room
    assert leader.post(f"{room}/aside/{OTHER}").status_code == 404
    assert leader.post(f"{room}/submit", {"version": "0"}).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"content": {}, "version": -1, "window": WINDOW},
        {"content": {}, "version": "1", "window": WINDOW},
        {"content": {}, "version": 0, "window": "x"},
        {"content": {"remark": 3}, "version": 0, "window": WINDOW},
    ],
)
def test_nonsense_is_refused(people: People, work: Work, database: Database, body: object) -> None:
    (ticket,) = drawn(database, work, 1)
    leader = enters(people, work, "leader")
    room = leads_to(leader.post(f"/review/tickets/{ticket.id}/take"))
    assert sends(leader, f"{room}/draft", body).status_code == 422


def test_an_empty_queue_says_what_comes_next(people: People, work: Work) -> None:
    assert "没有待评价的录音" in enters(people, work, "leader").get("/review/").text
    assert "没有待评价的录音" in enters(people, work, "supervisor").get("/review/").text


def test_a_directed_check_begins_on_a_calls_page(people: People, work: Work, database: Database) -> None:
    with database.transaction() as session:
        work.town.session = session
        call = work.call(20)
    supervisor = enters(people, work, "supervisor")
    assert f"/review/calls/{call.id}/take" in supervisor.get(f"/calls/{call.id}").text
    room = leads_to(supervisor.post(f"/review/calls/{call.id}/take"))
    assert "专项检查" in supervisor.get(room).text
    assert leads_to(supervisor.post(f"{room}/back")) == "/review/"
    assert f"/review/calls/{call.id}/take" not in enters(people, work, "leader").get(f"/calls/{call.id}").text
    assert enters(people, work, "supervisor2").get(room).status_code == 404


def test_a_re_score_shows_nothing_of_the_first_judgement(people: People, work: Work, database: Database) -> None:
    (ticket,) = drawn(database, work, 1)
    with database.transaction() as session:
        work.town.session = session
        first = work.judges("leader", session.get_one(Ticket, ticket.id), ALWAYS, deduct=7, remark="首评意见")
        again = session.scalars(select(Evaluation).where(Evaluation.rescore_of == first.id)).one()
        take_again(Context(session, work.town.actor("supervisor"), work.town.scope("supervisor"), now()), again.id)
    supervisor, leader = enters(people, work, "supervisor"), enters(people, work, "leader")
    pages = [f"/review/{again.id}", "/evaluations/", "/drift/?from=2020-01-01", f"/calls/{first.call_id}"]
    for path in pages:
        text = supervisor.get(path).text
        assert "首评意见" not in text
        assert ">93<" not in text
    assert supervisor.get(f"/evaluations/{first.id}").status_code == 409
    assert leader.get(f"/evaluations/{first.id}").status_code == 200
    assert leader.get(f"/review/{again.id}").status_code == 404


def test_an_amendment_needs_a_reason_and_stands_beside_the_first(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    with database.transaction() as session:
        work.town.session = session
        noted = {"key": WINDOW, "at_s": 3, "kind": "breach", "category": "manner", "text": "打断"}
        first = work.judges("leader", session.get_one(Ticket, ticket.id), findings=[noted])
        marks = {str(m.criterion_id): m.points for m in first.judgements[0].marks}
    leader = enters(people, work, "leader")
    path = f"/evaluations/{first.id}/amend"
    form = {f"points-{key}": str(points) for key, points in marks.items()} | {"n": "1", "remark": "补充"}
    assert leader.get(path).status_code == 200
    refused = leader.post(path, form)
    assert refused.status_code == 422
    assert "补充" in refused.text
    assert leader.post(path, {**form, "reason": "听错了", "n": "9"}).status_code == 409
    assert leads_to(leader.post(path, {**form, "reason": "听错了"})) == f"/evaluations/{first.id}"
    page = leader.get(f"/evaluations/{first.id}").text
    assert "听错了" in page
    assert "打断" in page  # dropped in the second version, kept in the first
    assert enters(people, work, "deputy").get(path).status_code == 409
    with database.reading() as session:
        found = session.get_one(Evaluation, first.id)
        assert found.state is EvaluationState.AMENDED
        assert [len(one.findings) for one in found.judgements] == [1, 0]


def test_lists_and_figures_show_only_ones_own_office(people: People, work: Work, database: Database) -> None:
    with database.transaction() as session:
        work.town.session = session
        call = work.call(20, office_code="02", line_key="east", answered_desk="801")
        there = work.judges("leader2", work.draw([call], office="02")[0])
    leader = enters(people, work, "leader")
    for path in ("/evaluations/", "/evaluations/?office=02", f"/evaluations/?call={call.id}"):
        assert str(there.id) not in leader.get(path).text
    assert str(there.id) in enters(people, work, "supervisor").get("/evaluations/?office=02").text
    assert str(there.id) in enters(people, work, "wu").get("/evaluations/").text
    assert str(there.id) not in enters(people, work, "zhang").get("/evaluations/").text


def test_evaluations_and_calls_name_officer_line_time_draw_and_score(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    with database.transaction() as session:
        work.town.session = session
        judged = work.judges("leader", session.get_one(Ticket, ticket.id), deduct=4)
        zhang, other = (work.town.people[login].id for login in ("zhang", "li"))
        offered = moment(session.get_one(Call, ticket.call_id).offered_at)
    leader = enters(people, work, "leader")
    page = leader.get(f"/evaluations/?officer={zhang}").text
    for shown in (str(judged.id), offered, work.town.people["zhang"].name, "综合咨询"):
        assert shown in page
    assert str(judged.id) not in leader.get(f"/evaluations/?officer={other}").text
    row = leader.get("/calls/").text.split("<tbody>")[1]
    assert f'href="/draws/{ticket.draw_id}">周抽检</a>' in row
    assert re.search(rf'href="/evaluations/{judged.id}"[^>]*>96</a>', row)
    hidden = enters(people, work, "zhang").get("/calls/").text.split("<tbody>")[1]
    assert "周抽检" not in hidden


def test_headquarters_does_not_read_on_the_call_list_what_it_judges_again(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    with database.transaction() as session:
        work.town.session = session
        judged = work.judges("leader", session.get_one(Ticket, ticket.id), ALWAYS, deduct=4)
    assert f"/evaluations/{judged.id}" not in enters(people, work, "supervisor").get("/calls/").text
    assert f"/evaluations/{judged.id}" in enters(people, work, "leader").get("/calls/").text


def test_a_critical_failure_is_0_at_once_and_a_deduction_without_reason_gets_a_notice(
    people: People, work: Work, database: Database
) -> None:
    (ticket,) = drawn(database, work, 1)
    leader = enters(people, work, "leader")
    room = leads_to(leader.post(f"/review/tickets/{ticket.id}/take"))
    whole = full(database, work, failed="答复正确")
    begun = replace(whole, marks=dict(list(whole.marks.items())[2:3]))
    answer = saves(leader, room, begun, 0)
    assert (answer["score"], answer["tone"], answer["missing"]) == (0, "bad", 6)
    bare = {key: replace(mark, remark="") for key, mark in full(database, work, deduct=5).marks.items()}
    saves(leader, room, replace(whole, marks=bare), 1)
    refused = leader.post(f"{room}/submit", {"version": "2"})
    assert refused.status_code == 422
    assert "扣分须写明理由" in refused.text


def test_an_officer_hears_of_his_own_recordings_those_that_were_judged_and_no_other(
    people: People, work: Work, database: Database
) -> None:
    judged, begun, untouched = drawn(database, work, 3)
    with database.transaction() as session:
        work.town.session = session
        first = session.get_one(Ticket, judged.id)
        work.judges("leader", first)
        work.takes("leader", session.get_one(Ticket, begun.id))
        elsewhere = work.call(20, office_code="02", line_key="east")
        work.judges("leader2", work.draw([elsewhere], office="02")[0])
    officer = enters(people, work, "zhang")
    mine = judged.call_id
    assert "data-player" in officer.get(f"/calls/{mine}").text
    opened = sends(officer, f"/recordings/{mine}/listenings", {})
    assert opened.status_code == 201
    answer: Any = opened.json
    assert officer.get(answer["audio"], buffered=True).status_code == 200
    assert officer.get(f"/recordings/{mine}/peaks", buffered=True).status_code == 200
    assert sends(officer, answer["heard"], {"stretches": [[0, 1]]}).status_code == 200
    assert officer.get(f"/recordings/{mine}/download").status_code == 403
    for other in (begun.call_id, untouched.call_id):
        page = officer.get(f"/calls/{other}")
        assert page.status_code == 200
        assert "data-player" not in page.text
    for other in (begun.call_id, untouched.call_id, elsewhere.id):
        assert officer.get(f"/recordings/{other}/audio").status_code == 404
        assert officer.get(f"/recordings/{other}/peaks").status_code == 404
        assert sends(officer, f"/recordings/{other}/listenings", {}).status_code == 404


def test_the_figures_open_into_their_evaluations(people: People, work: Work, database: Database) -> None:
    (ticket,) = drawn(database, work, 1)
    with database.transaction() as session:
        work.town.session = session
        first = work.judges("leader", session.get_one(Ticket, ticket.id), ALWAYS, deduct=4)
        again = session.scalars(select(Evaluation).where(Evaluation.rescore_of == first.id)).one()
        take_again(Context(session, work.town.actor("supervisor"), work.town.scope("supervisor"), now()), again.id)
        work.writes("supervisor", again, work.content(deduct=14))
        work.submits("supervisor", again)
    head, bureau = enters(people, work, "head"), people.enters(Role.BUREAU_LEADER)
    page = head.get("/drift/?from=2026-01-01&to=2026-12-31").text
    assert "+10.0" in page
    assert page.count("data-chart") >= 4
    link = "/evaluations/?office=01&amp;from=2026-01-01&amp;to=2026-12-31&amp;tier=office&amp;rescored=yes"
    assert link in page
    assert str(first.id) in head.get(link.replace("&amp;", "&")).text
    assert "/evaluations/?" not in bureau.get("/drift/?from=2026-01-01&to=2026-12-31").text
