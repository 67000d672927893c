"""The protocol between both sides: what is committed, frozen, agreed on, revealed and drawn; what goes wrong."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from supervision.draws.lists import store
from supervision.draws.models import DrawAttempt, DrawShare, Ticket
from supervision.draws.node import write_letter
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import entries_of
from supervision.draws.rules import Entry, Party, commitment_of, root_of
from supervision.draws.service import hold_for_dice, settle, type_dice
from supervision.errors import Refused
from supervision.incidents.models import Cause, Incident
from supervision.people.rules import Actor, Role, Scope
from tests.draws.two_sides import MONDAY, WEEK, WEEKLY, TwoSides, two_sides
from tests.factories import make_account
from verify_draw import verify

HOUR = timedelta(hours=1)
MONTHLY = "hq:3101:2026-11"


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def a_week(sides: TwoSides, of_zhang: int = 6, of_li: int = 3) -> None:
    """Commitments are exchanged, and calls come; then the week is over, and the hour of the draw has come."""
    sides.speak()
    for n in range(of_zhang):
        sides.call(MONDAY + n * HOUR)
    for n in range(of_li):
        sides.call(MONDAY + n * HOUR, "802")
    sides.call(MONDAY, answered=False, audio=False)
    sides.at = MONDAY + WEEK + timedelta(minutes=5)


def incidents(sides: TwoSides, cause: Cause, *, healed: bool = False) -> int:
    """How many headquarters itself has of that cause."""
    with sides.hq.reading() as session:
        over = Incident.healed_at.is_not(None) if healed else Incident.healed_at.is_(None)
        return session.scalar(select(func.count()).where(Incident.cause == cause, ~Incident.told, over)) or 0


def an_actor(sides: TwoSides, role: Role = Role.SUPERVISION_HEAD) -> Actor:
    with sides.hq.transaction() as session:
        account = make_account(session, role)
        return Actor(account.id, account.login, account.name, account.role, account.office_code)


def throw(sides: TwoSides, who: Actor, dice: str = "3 6 1 1 5", *, at_hq: bool = True) -> None:
    """Dice are thrown before two witnesses and typed in."""
    with (sides.hq if at_hq else sides.node).transaction() as session:
        draw_id = sides.draw(sides.hq).id
        people = ["王芳", "李强"]
        type_dice(session, who, Scope(), draw_id, dice=dice, witnesses=people, at=sides.at, at_hq=at_hq)


def test_a_week_is_drawn_alike_on_both_sides_and_can_be_run_again_by_anybody(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    ours, theirs = sides.transcript(sides.node), sides.transcript(sides.hq)
    for one in (ours, theirs):
        assert verify(one).faults == []
    for key in ("draw", "rate", "list", "root", "seed", "tickets"):
        assert ours[key] == theirs[key], key
    assert len(ours["list"]) == 9
    assert sorted(one["stratum"] for one in ours["tickets"]) == ["li", "zhang", "zhang"]
    with sides.hq.reading() as session:
        rows = session.scalars(select(Ticket).order_by(Ticket.place)).all()
        assert [(row.ticket, str(row.call_id)) for row in rows] == [
            (t["ticket"], t["call"]) for t in ours["tickets"]
        ]
    assert sides.draw(sides.hq).due_at == MONDAY + 2 * WEEK, "Sunday of the week after"


def test_both_commitments_are_on_both_sides_before_the_period_ends_and_no_share_is_told(sides: TwoSides) -> None:
    sides.speak()
    (here,), (there,) = sides.attempts(sides.node), sides.attempts(sides.hq)
    assert here.office_commitment == there.office_commitment != here.hq_commitment == there.hq_commitment
    with sides.node.reading() as session:
        share = session.scalars(select(DrawShare.share)).first()
        assert share
    for side in (sides.node, sides.hq):
        told = str(sides.transcript(side))
        with side.reading() as session:
            assert not [one for one in session.scalars(select(DrawShare.share)) if one in told]
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 0


def test_commitments_that_lack_a_day_before_the_end_are_an_incident_that_heals(sides: TwoSides) -> None:
    sides.cut = True
    sides.speak()
    sides.at = MONDAY + WEEK - timedelta(days=1, seconds=1)
    sides.speak()
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 0
    sides.later(seconds=1)
    sides.speak(3)
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 1
    sides.cut = False
    sides.speak()
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 0


@pytest.mark.parametrize("late", [timedelta(hours=12), timedelta(minutes=31)])
def test_a_system_that_is_first_started_within_the_last_day_of_a_period_has_an_hour_to_commit(
    sides: TwoSides, late: timedelta
) -> None:
    sides.at = MONDAY + WEEK - late
    sides.cut = True
    sides.speak()
    sides.later(minutes=30)
    sides.cut = False
    sides.speak()
    for side in (sides.node, sides.hq):
        with side.reading() as session:
            assert session.scalar(select(func.count()).where(Incident.cause == Cause.DRAW_UNCOMMITTED)) == 0


def test_commitments_that_lack_an_hour_after_a_start_within_the_last_day_are_an_incident(sides: TwoSides) -> None:
    sides.at = MONDAY + WEEK - timedelta(hours=12)
    sides.cut = True
    sides.speak()
    sides.later(minutes=59)
    sides.speak()
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 0
    sides.later(minutes=1)
    sides.speak()
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 1


def test_a_period_is_not_closed_without_both_commitments(sides: TwoSides) -> None:
    sides.cut = True
    a_week(sides)
    sides.speak(2)
    assert sides.draw(sides.node).state is DrawState.OPEN
    assert sides.draw(sides.node).closed_at is None


def test_calls_told_after_the_close_are_not_in_the_list_whatever_comes_in_between(sides: TwoSides) -> None:
    a_week(sides)
    with sides.node.transaction() as session:
        write_letter(session, "3101", sides.at)
    late = sides.call(MONDAY + 9 * HOUR)
    sides.speak(4)
    transcript = sides.transcript(sides.node)
    assert sides.draw(sides.node).state is DrawState.DRAWN
    assert str(late) not in str(transcript)
    sides.speak(6)
    supplement = sides.transcript(sides.hq, f"{WEEKLY}+1")
    assert verify(supplement).faults == []
    assert [one["call"] for one in supplement["tickets"]] == [str(late)]
    assert supplement["attempts"][0]["shares"] != transcript["attempts"][0]["shares"]
    assert verify(sides.transcript(sides.node, f"{WEEKLY}+1")).faults == []


def test_a_call_without_audio_is_in_the_list_and_when_drawn_is_an_incident(sides: TwoSides) -> None:
    sides.speak()
    call_id = sides.call(MONDAY, audio=False)
    sides.at = MONDAY + WEEK + timedelta(minutes=5)
    sides.speak(4)
    assert sides.transcript(sides.hq)["list"] == [{"call": str(call_id), "stratum": "zhang", "audio": "-"}]
    assert incidents(sides, Cause.DRAWN_WITHOUT_AUDIO) == 1


def test_a_week_without_calls_is_drawn_too_with_an_empty_list(sides: TwoSides) -> None:
    a_week(sides, 0, 0)
    sides.speak(4)
    transcript = sides.transcript(sides.hq)
    assert verify(transcript).faults == []
    assert (transcript["list"], transcript["tickets"]) == ([], [])
    assert sides.draw(sides.node).state is DrawState.DRAWN


def test_a_month_is_drawn_at_headquarters_rate_beside_the_weeks(sides: TwoSides) -> None:
    a_week(sides)
    sides.at = MONDAY + timedelta(days=15, minutes=5)  # 1 December
    sides.speak(6)
    transcript = sides.transcript(sides.node, MONTHLY)
    assert verify(transcript).faults == []
    assert (transcript["rate"], len(transcript["tickets"])) == ("1/10", 2)
    assert sides.draw(sides.hq, MONTHLY).due_at == MONDAY + timedelta(days=30), "the end of 15 December"


def tamper(sides: TwoSides) -> None:
    """Somebody changes one line of headquarters' frozen list."""
    with sides.hq.transaction() as session:
        draw = sides.draw(sides.hq)
        draw = session.merge(draw)
        entries = entries_of(session, draw.id)
        entries[0] = Entry(entries[0].call_id, "unknown", entries[0].audio)
        store(session, draw, entries)
        draw.root = root_of(entries)


def test_lists_that_differ_are_named_and_reveal_nothing_until_somebody_settles_it(sides: TwoSides) -> None:
    a_week(sides)
    with sides.node.transaction() as session:
        write_letter(session, "3101", sides.at)
    sides.tell()
    tamper(sides)
    sides.speak(4)
    found = sides.draw(sides.hq)
    assert found.state is DrawState.DISPUTED is sides.draw(sides.node).state
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 1
    (difference,) = found.differences
    assert difference["office"].split()[1] in {"zhang", "li"}
    assert difference["hq"].split()[1] == "unknown"
    sides.later(days=3)
    sides.speak(2)
    assert [one.office_share for one in sides.attempts(sides.node)] == [None], "no share is revealed in a dispute"
    head = an_actor(sides)
    with sides.hq.transaction() as session:
        settle(session, head, Scope(), found.id, note="座席交接未登记", at=sides.at)
    sides.speak(4)
    transcript = sides.transcript(sides.node)
    assert verify(transcript).faults == []
    assert transcript["list"] == sides.transcript(sides.hq)["list"]
    assert transcript["settled"]["note"] == "座席交接未登记"
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 0


def test_a_node_that_is_silent_for_two_days_is_an_incident_and_what_was_acknowledged_is_the_list(
    sides: TwoSides,
) -> None:
    a_week(sides)
    sides.tell()
    kept = sides.call(MONDAY + 20 * HOUR)
    sides.cut = True
    sides.at = MONDAY + WEEK + timedelta(hours=47, minutes=59)
    sides.speak()
    assert incidents(sides, Cause.DRAW_NODE_SILENT) == 0
    sides.later(minutes=1)
    sides.speak(2)
    assert incidents(sides, Cause.DRAW_NODE_SILENT) == 1
    assert sides.draw(sides.hq).calls == 9
    sides.cut = False
    sides.speak(5)
    transcript = sides.transcript(sides.node)
    assert verify(transcript).faults == []
    assert len(transcript["list"]) == 9, "the node, too, builds it up to what was acknowledged"
    sides.speak(5)
    assert [one["call"] for one in sides.transcript(sides.hq, f"{WEEKLY}+1")["list"]] == [str(kept)]


def lose_the_share(sides: TwoSides) -> None:
    with sides.node.transaction() as session:
        for one in session.scalars(select(DrawShare).where(DrawShare.draw_id == sides.draw(sides.node).id)):
            session.delete(one)


def test_a_withheld_share_leads_to_a_second_attempt_at_twice_the_rate_with_dice(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(2)
    lose_the_share(sides)
    sides.speak()
    sides.later(hours=23, minutes=59)
    sides.speak()
    assert incidents(sides, Cause.DRAW_SHARE_WITHHELD) == 0
    sides.later(minutes=2)
    sides.speak(3)
    assert incidents(sides, Cause.DRAW_SHARE_WITHHELD) == 1
    assert sides.draw(sides.hq).state is DrawState.AGREED
    sides.later(days=5)
    sides.speak(2)
    assert [one.office_share for one in sides.attempts(sides.node)] == [None, None], "nothing goes on without dice"
    throw(sides, an_actor(sides))
    sides.speak(4)
    for side in (sides.node, sides.hq):
        transcript = sides.transcript(side)
        assert verify(transcript).faults == []
        assert [one["rate"] for one in transcript["attempts"]] == ["1/5", "2/5"]
        assert transcript["attempts"][0]["withheld_by"] == "office"
        assert len(transcript["tickets"]) == 5, "of six and of three calls"


def test_dice_are_typed_in_after_the_freeze_and_before_the_reveal_on_either_side(sides: TwoSides) -> None:
    a_week(sides)
    head = an_actor(sides)
    with sides.hq.transaction() as session:
        hold_for_dice(session, head, Scope(), sides.draw(sides.hq).id, sides.at)
    with pytest.raises(Refused, match="draw_no_dice_now"):
        throw(sides, head)
    sides.speak(4)
    assert sides.draw(sides.node).state is DrawState.AGREED, "held"
    throw(sides, head, "3,6,1", at_hq=False)
    sides.speak(4)
    for side in (sides.node, sides.hq):
        transcript = sides.transcript(side)
        assert verify(transcript).faults == []
        assert transcript["attempts"][0]["dice"] == "3 6 1"
        assert transcript["attempts"][0]["witnesses"] == ["王芳", "李强"]
    with pytest.raises(Refused):
        throw(sides, head)


def test_a_share_that_is_not_what_was_committed_to_is_refused_and_reported(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(2)
    with sides.node.transaction() as session:
        row = session.scalars(select(DrawShare).where(DrawShare.draw_id == sides.draw(sides.node).id)).one()
        row.share = "ab" * 32
        attempt = session.get_one(DrawAttempt, (row.draw_id, 1))
        attempt.office_commitment = commitment_of(WEEKLY, Party.OFFICE, row.share)
    sides.speak(3)
    assert incidents(sides, Cause.DRAW_SHARE_WRONG) == 1
    assert sides.attempts(sides.hq)[0].hq_share is None, "ours is not given away for it"
    assert sides.draw(sides.hq).state is DrawState.AGREED


def test_a_node_that_was_rebuilt_goes_on_as_if_it_had_withheld_its_share(sides: TwoSides, tmp_path: Path) -> None:
    a_week(sides)
    sides.speak(1)
    (tmp_path / "again").mkdir()
    with two_sides(tmp_path / "again") as fresh:
        sides.node, fresh.node = fresh.node, sides.node
        sides.speak(4)
        assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 1, "it has lost its facts"
        head = an_actor(sides)
        with sides.hq.transaction() as session:
            settle(session, head, Scope(), sides.draw(sides.hq).id, note="节点重装", at=sides.at)
        sides.speak(3)
        sides.later(hours=25)
        sides.speak(4)
        assert [one.n for one in sides.attempts(sides.node)] == [1, 2]
        throw(sides, an_actor(sides))
        sides.speak(4)
        for side in (sides.node, sides.hq):
            transcript = sides.transcript(side)
            assert verify(transcript).faults == []
            assert len(transcript["tickets"]) == 5
        sides.node, fresh.node = fresh.node, sides.node
