"""Every state with every move, every role's right to each, and what an attachment may be called."""

import uuid
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.draws.rules import Party
from supervision.rectification.rules import (
    LONGEST_NAME,
    MOVES,
    UNANSWERED,
    UNFINISHED,
    Media,
    Move,
    Notice,
    Objection,
    RectificationState,
    after,
    clean_name,
    is_overdue,
    may_be_asked,
    objection,
    party_of,
)

ME, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
DAY = date(2026, 3, 16)


def an_actor(role: Role, office: str = "01", account_id: uuid.UUID = ME) -> Actor:
    return Actor(account_id, "x", "某", role, office if role in OFFICE_ROLES else None)


@pytest.mark.parametrize(("state", "move"), list(product(RectificationState, Move)))
def test_a_rectification_moves_only_as_the_table_says(state: RectificationState, move: Move) -> None:
    allowed = {
        ("open", "answer"): "answered",
        ("returned", "answer"): "answered",
        ("reopened", "answer"): "answered",
        ("answered", "return"): "returned",
        ("answered", "verify"): "verified",
        ("verified", "close"): "closed",
        ("closed", "recur"): "reopened",
        **{(one, "withdraw"): "withdrawn" for one in ("open", "returned", "reopened", "answered", "verified")},
    }
    assert after(state, move) == allowed.get((state.value, move.value))
    assert len(MOVES) == len(allowed)


def test_what_waits_for_a_reply_and_what_is_unfinished() -> None:
    assert {one.value for one in UNANSWERED} == {"open", "returned", "reopened"}
    assert {one.value for one in set(RectificationState) - UNFINISHED} == {"closed", "withdrawn"}


@pytest.mark.parametrize(("role", "move", "party"), list(product(Role, Move, Party)))
def test_every_roles_right_to_every_move(role: Role, move: Move, party: Party) -> None:
    """Of headquarters' notice to an office, and of a leader's to one of his officers."""
    notice = Notice(party, "01", OTHER if party is Party.OFFICE else None)
    section, leader = role in {Role.SUPERVISOR, Role.SUPERVISION_HEAD}, role is Role.OFFICE_LEADER
    may = {
        (Party.HQ, Move.ANSWER): leader,
        (Party.HQ, Move.RETURN): section,
        (Party.HQ, Move.VERIFY): section,
        (Party.HQ, Move.CLOSE): section,
        (Party.HQ, Move.WITHDRAW): section,
        (Party.OFFICE, Move.RETURN): leader,
        (Party.OFFICE, Move.VERIFY): leader,
        (Party.OFFICE, Move.CLOSE): leader,
        (Party.OFFICE, Move.WITHDRAW): leader,
    }.get((party, move), False)
    assert (objection(an_actor(role), move, notice) is None) is may
    if role in OFFICE_ROLES:
        assert objection(an_actor(role, "02"), move, notice) is Objection.NOT_YOURS


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_whom_a_leader_asked_answers_and_does_nothing_else(role: Role) -> None:
    notice = Notice(Party.OFFICE, "01", ME)
    found = {move: objection(an_actor(role), move, notice) for move in Move}
    assert found.pop(Move.ANSWER) is None
    assert set(found.values()) == {Objection.NOT_YOURS}


@pytest.mark.parametrize("move", [Move.RETURN, Move.VERIFY, Move.CLOSE, Move.WITHDRAW])
def test_nobody_answers_and_verifies(move: Move) -> None:
    """A leader who answered as such and has come to headquarters since, or the other way round."""
    supervisor, leader = an_actor(Role.SUPERVISOR), an_actor(Role.OFFICE_LEADER)
    answered = Notice(Party.HQ, "01", answered_by=frozenset({ME}))
    assert objection(supervisor, move, answered) is Objection.ANSWERED_YOURSELF
    judged = Notice(Party.HQ, "01", judged_by=frozenset({ME}))
    assert objection(leader, Move.ANSWER, judged) is Objection.JUDGED_YOURSELF


def test_who_asks_for_whom_and_whom_a_leader_may_ask() -> None:
    assert {role: party_of(an_actor(role)) for role in Role if party_of(an_actor(role))} == {
        Role.OFFICE_LEADER: Party.OFFICE,
        Role.SUPERVISOR: Party.HQ,
        Role.SUPERVISION_HEAD: Party.HQ,
    }
    leader = an_actor(Role.OFFICE_LEADER)
    assert may_be_asked(leader, OTHER, Role.OFFICER, "01")
    assert not may_be_asked(leader, ME, Role.OFFICE_LEADER, "01")
    assert not may_be_asked(leader, OTHER, Role.OFFICER, "02")
    assert not may_be_asked(an_actor(Role.SUPERVISOR), OTHER, Role.SUPERVISOR, None)


@pytest.mark.parametrize("state", list(RectificationState))
def test_on_its_last_day_nobodys_turn_is_late_and_what_is_over_never_is(state: RectificationState) -> None:
    assert not is_overdue(state, DAY, DAY)
    assert is_overdue(state, DAY, DAY + timedelta(days=1)) is (state in UNFINISHED)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("整改报告.pdf", "整改报告.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\tmp\\a.exe", "a.pdf"),
        ("a.pdf.exe", "a.pdf.pdf"),
        ("<script>alert(1)</script>.pdf", "script>.pdf"),
        ("..", "attachment.pdf"),
        ("", "attachment.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
        ("a\u2028b\u00a0 c.pdf", "a b c.pdf"),
    ],
)
def test_a_files_name_has_no_folder_and_the_ending_of_its_content(given_name: str, shown: str) -> None:
    assert clean_name(given_name, Media.PDF) == shown


@given(st.text(max_size=300))
def test_no_name_is_too_long_or_leads_elsewhere(name: str) -> None:
    found = clean_name(name, Media.JPEG)
    assert len(found) <= LONGEST_NAME + 4
    assert not set(found) & {"/", "\\", "\0", "\n", "\r"}
    assert found.endswith(".jpg")
    assert found[0] != "."
