"""The pages of draws and quotas: the transcript, dice, a ticket judged by another person, the norm."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.draws.models import Draw, Ticket
from supervision.draws.service import hold_for_dice
from supervision.draws.ticket_rules import TicketState
from supervision.errors import Refused
from supervision.people.rules import Role
from supervision.settings import Mode
from tests.calls.samples import NOON, make_town
from tests.draws.made import make_committed, ticket_of
from tests.factories import QUICK
from tests.web.conftest import People
from verify_draw import verify
from web.draws import views


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
    first, second = people.enters(Role.SUPERVISOR), people.enters(Role.SUPERVISION_HEAD)
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
    thrown = {"dice": "3 6 1", "witness": "王芳", "other_witness": "李强"}
    assert browser.post(f"/draws/{ticket.draw_id}/dice", thrown).status_code == 303
    assert "现在不能登记" in browser.get(f"/draws/{ticket.draw_id}").text


def test_what_was_done_before_a_refusal_is_not_kept(
    people: People, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with people.database.transaction() as session:
        draw_id = make_committed(session, "office:01:2026-W40", NOON).id

    def holds_then_refuses(*asked: Any) -> None:
        assert hold_for_dice(*asked).dice_wanted
        raise Refused("draw_too_late")

    monkeypatch.setattr(views, "hold_for_dice", holds_then_refuses)
    browser = people.enters(Role.SUPERVISOR)
    assert browser.post(f"/draws/{draw_id}/hold").status_code == 303
    with people.database.reading() as session:
        assert not session.get_one(Draw, draw_id).dice_wanted
        assert session.scalar(select(AuditEntry.n).where(AuditEntry.act == "draw_held")) is None


def test_the_norm_is_never_set_under_the_floor(people: People, ticket: Ticket) -> None:
    browser = people.enters(Role.SUPERVISION_HEAD)
    browser.post("/quotas/norm", {"tier": "office", "percent": "19", "reason": "少查一点"})
    assert "任何人不得降低" in browser.get("/quotas/").text
    browser.post("/quotas/norm", {"tier": "office", "percent": "25", "reason": "专项检查"})
    assert "25 %" in browser.get("/quotas/").text
