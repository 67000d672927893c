"""The pages of draws and quotas: the transcript, dice, a ticket judged by another person, the norm."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from supervision.actor import Role
from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party, TicketState
from supervision.draws.service import ask_for_dice
from supervision.errors import Refused
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, IncidentKind
from supervision.recordings.models import Recording, RecordingState
from supervision.settings import Mode
from tests.calls.samples import NOON, make_town
from tests.draws.made import make_committed, make_whole, ticket_of
from tests.factories import QUICK
from tests.web.conftest import People
from verify_draw import verify
from web.draws import views, wording
from web.unit import Application


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def ticket(people: People) -> Ticket:
    """One drawn call of office 01, and the town's people, who can sign in."""
    with people.database.transaction() as session:
        town = make_town(session)
        for person in town.people.values():
            person.password_hash = QUICK
        return ticket_of(session, town.call(), NOON)


def test_the_transcript_that_the_page_offers_can_be_run_again(people: People, ticket: Ticket) -> None:
    answer = people.enters(Role.AUDITOR).get(f"/draws/{ticket.draw_id}/transcript")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert verify(json.loads(answer.text)).faults == []


def test_a_ticket_is_unusable_only_by_two_people(people: People, ticket: Ticket) -> None:
    first, second = people.enters(Role.OFFICE_LEADER), people.enters(Role.SUPERVISION_HEAD)
    first.post(f"/draws/tickets/{ticket.id}/unusable", {"reason": "no_speech", "note": "无人讲话"})
    first.post(f"/draws/tickets/{ticket.id}/decision", {"decision": "agree"})
    assert state(people, ticket) is TicketState.PROPOSED
    second.post(f"/draws/tickets/{ticket.id}/decision", {"decision": "agree"})
    assert state(people, ticket) is TicketState.UNUSABLE


def state(people: People, ticket: Ticket) -> TicketState:
    with people.database.reading() as session:
        return session.get_one(Ticket, ticket.id).state


def test_dice_are_refused_once_it_is_drawn_and_the_page_says_why(people: People, ticket: Ticket) -> None:
    browser = people.enters(Role.SUPERVISOR)
    assert browser.post(f"/draws/{ticket.draw_id}/dice", {"dice": "3 6 1 1 5 2 4 6"}).status_code == 303
    assert "现在不能登记" in browser.get(f"/draws/{ticket.draw_id}").text


def test_what_was_done_before_a_refusal_is_not_kept(
    people: People, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with people.database.transaction() as session:
        draw_id = make_committed(session, "office:01:2026-W40", NOON).id

    def asks_then_refuses(*asked: Any, **more: Any) -> None:
        assert ask_for_dice(*asked, **more).hq_ask
        raise Refused("draw_too_late")

    monkeypatch.setattr(views, "ask_for_dice", asks_then_refuses)
    browser = people.enters(Role.SUPERVISOR)
    assert browser.post(f"/draws/{draw_id}/ask", {"reason": "群众举报"}).status_code == 303
    with people.database.reading() as session:
        assert not session.get_one(Draw, draw_id).hq_ask
        assert session.scalar(select(AuditEntry.n).where(AuditEntry.act == "draw_dice_asked")) is None


def test_asking_for_dice_needs_a_reason_and_only_who_asked_withdraws(people: People, ticket: Ticket) -> None:
    with people.database.transaction() as session:
        draw_id = make_committed(session, "office:01:2026-W40", NOON).id
    supervisor, head = people.enters(Role.SUPERVISOR), people.enters(Role.SUPERVISION_HEAD)
    supervisor.post(f"/draws/{draw_id}/ask", {"reason": " "})
    assert asked(people, draw_id) == {}
    supervisor.post(f"/draws/{draw_id}/ask", {"reason": "群众举报"})
    assert "群众举报" in head.get(f"/draws/{draw_id}").text
    head.post(f"/draws/{draw_id}/withdraw")
    assert asked(people, draw_id)["reason"] == "群众举报"
    supervisor.post(f"/draws/{draw_id}/withdraw")
    assert asked(people, draw_id) == {}


def asked(people: People, draw_id: uuid.UUID) -> dict[str, Any]:
    with people.database.reading() as session:
        return session.get_one(Draw, draw_id).hq_ask


def test_the_page_begins_with_what_is_to_be_reviewed_and_each_calls_time_length_and_officer(
    people: People, ticket: Ticket
) -> None:
    page = people.enters(Role.OFFICE_LEADER).get(f"/draws/{ticket.draw_id}").text
    head = page[page.index("result-head") :]
    assert "待评价 1 通，3月22日前完成" in head
    assert "去评价" in head
    assert head.index("去评价") < head.index("抽检过程（供核验）")
    row = head[head.index("<tbody>") : head.index("</tbody>")]
    for shown in ("2026-03-10 12:00", "1:00", "张敏"):
        assert shown in row


def test_the_page_leads_to_a_deleted_recording_only_when_nothing_else_is_left(people: People) -> None:
    with people.database.transaction() as session:
        town = make_town(session)
        for person in town.people.values():
            person.password_hash = QUICK
        calls = [town.call(NOON + timedelta(minutes=n)).id for n in range(2)]
        draw = make_whole(session, "office:01:2026-W11", NOON + timedelta(days=7), failed=Party.OFFICE)
        draw_id, reviewer = draw.id, draw.reviewer
        query = select(Ticket).where(Ticket.draw_id == draw_id).order_by(Ticket.place)
        first, second = [(one.id, one.call_id) for one in session.scalars(query)]
        assert {first[1], second[1]} == set(calls)
        session.add(Recording(call_id=first[1], state=RecordingState.DELETED))
    reviewing = people.enters(Role.SUPERVISOR if reviewer is Party.HQ else Role.OFFICE_LEADER)
    page = reviewing.get(f"/draws/{draw_id}").text
    assert f"/review/tickets/{second[0]}" in page[: page.index("去评价")].rpartition("<form")[2]


def test_no_two_states_of_a_draw_read_alike(app: Application) -> None:
    with app.test_request_context():
        assert len({wording.state(one)[0] for one in DrawState}) == len(DrawState)


def test_while_the_period_runs_the_page_says_when_it_is_drawn(people: People, ticket: Ticket) -> None:
    with people.database.transaction() as session:
        draw_id = make_committed(session, "office:01:2026-W49", NOON).id
    assert "进行中，12月7日0时后自动抽签" in people.enters(Role.AUDITOR).get(f"/draws/{draw_id}").text


@pytest.mark.parametrize("answered", [True, False])
def test_a_period_without_calls_reads_not_confirmed_where_the_office_did_not_answer(
    people: People, ticket: Ticket, answered: bool
) -> None:
    with people.database.transaction() as session:
        found = make_committed(session, "office:01:2026-W40", NOON)
        found.state, found.answered_at = DrawState.EMPTY, NOON if answered else None
        draw_id = found.id
    page = people.enters(Role.SUPERVISOR).get(f"/draws/{draw_id}").text
    assert ("税务所未确认该周期没有通话" in page) is not answered


def test_a_list_drawn_whole_says_why_and_who_reviews_it(people: People, ticket: Ticket) -> None:
    with people.database.transaction() as session:
        town_call = session.scalars(select(Call)).one()
        call = Call(**{
            column.key: getattr(town_call, column.key) for column in Call.__table__.columns if column.key != "id"
        } | {"id": uuid.uuid4()})  # fmt: skip
        call.offered_at = call.answered_at = NOON + timedelta(days=7)
        session.add(call)
        session.flush()
        draw_id = make_whole(session, "office:01:2026-W12", NOON + timedelta(days=13), failed=Party.HQ).id
    page = people.enters(Role.SUPERVISOR).get(f"/draws/{draw_id}").text
    assert "监察科两天内没有公开随机数，因此全部通话都要评价。" in page
    assert "在监察科公开随机数之前，本名单的评价不计入考核。" in page
    assert "去评价" in page
    assert "去评价" not in people.enters(Role.OFFICE_LEADER).get(f"/draws/{draw_id}").text, (
        "it is not his to review"
    )


def test_the_bureau_leader_sees_that_a_node_found_other_calls_being_worked_on(
    people: People, ticket: Ticket
) -> None:
    with people.database.transaction() as session:
        draw = session.get_one(Draw, ticket.draw_id)
        session.add(
            Incident(
                office_code=draw.office_code,
                kind=IncidentKind.MISMATCH,
                cause=Cause.DRAW_TICKETS_DIFFER,
                subject=draw.name,
                received=True,
            )
        )
    leader = people.enters(Role.BUREAU_LEADER)
    assert "监察科评价的不是抽中的通话" in leader.get(f"/draws/{ticket.draw_id}").text
    assert "与税务所抽签结果不一致" in leader.get("/draws/").text
    assert Cause.DRAW_TICKETS_DIFFER.is_state, "nobody at headquarters settles it by looking at it"


def test_the_norm_is_never_set_under_the_floor(people: People, ticket: Ticket) -> None:
    browser = people.enters(Role.SUPERVISION_HEAD)
    browser.post("/quotas/norm", {"tier": "office", "percent": "19", "reason": "少查一点"})
    assert "任何人不得降低" in browser.get("/quotas/").text
    browser.post("/quotas/norm", {"tier": "office", "percent": "25", "reason": "专项检查"})
    assert "25 %" in browser.get("/quotas/").text
