"""The draw between both sides: committed, frozen, answered, revealed and drawn; and what does not go right."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from supervision.actor import Actor, Role, Scope
from supervision.context import Context
from supervision.database import Database
from supervision.draws.messages import Agreed, HqMessage, OfficeMessage
from supervision.draws.models import AnsweredCall, Draw, DrawEntry, Ticket
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party
from supervision.draws.service import ask_for_dice, type_dice
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.draws.two_sides import CODE, MONDAY, MONTH_END, MONTHLY, WEEK, WEEKLY, TwoSides, two_sides
from tests.factories import make_account
from verify_draw import compare, verify

HOUR = timedelta(hours=1)
OVER = MONDAY + WEEK + timedelta(minutes=5)
THROWN = "3 6 1 1 5 2 4 6"


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
    sides.at = OVER


def incidents(sides: TwoSides, cause: Cause, *, side: Database | None = None, healed: bool = False) -> int:
    """How many a side itself has of that cause; headquarters, if none is named."""
    with (side or sides.hq).reading() as session:
        over = Incident.healed_at.is_not(None) if healed else Incident.healed_at.is_(None)
        return session.scalar(select(func.count()).where(Incident.cause == cause, ~Incident.received, over)) or 0


def states(sides: TwoSides, name: str = WEEKLY) -> tuple[DrawState, DrawState]:
    """Where both sides stand: the node, headquarters."""
    return sides.draw(sides.node, name).state, sides.draw(sides.hq, name).state


def faults(sides: TwoSides, name: str = WEEKLY) -> list[str]:
    """What somebody finds wrong who has both transcripts."""
    ours, theirs = sides.transcript(sides.node, name), sides.transcript(sides.hq, name)
    check = verify(ours)
    compare(check, ours, theirs)
    return check.faults + verify(theirs).faults


def tickets(sides: TwoSides, name: str = WEEKLY) -> list[Ticket]:
    """Headquarters' tickets of a draw in their order."""
    with sides.hq.reading() as session:
        query = select(Ticket).where(Ticket.draw_id == sides.draw(sides.hq, name).id)
        return list(session.scalars(query.order_by(Ticket.place)))


def an_actor(side: Database, role: Role = Role.SUPERVISION_HEAD, name: str = "") -> Actor:
    with side.transaction() as session:
        account = make_account(session, role, office_code=CODE if role is Role.OFFICE_LEADER else None, name=name)
        return Actor(account.id, account.login, account.name, account.role, account.office_code)


def type_in(sides: TwoSides, site: Party, who: Actor, dice: str = THROWN) -> None:
    """A witness types dice in on his own side's site."""
    with (sides.hq if site is Party.HQ else sides.node).transaction() as session:
        draw_id = sides.draw(sides.hq).id
        type_dice(Context(session, who, Scope(), sides.at), draw_id, dice=dice, site=site)


def ask(sides: TwoSides, who: Actor, site: Party = Party.HQ) -> None:
    with (sides.hq if site is Party.HQ else sides.node).transaction() as session:
        draw_id = sides.draw(sides.hq).id
        ask_for_dice(Context(session, who, Scope(), sides.at), draw_id, reason="群众举报", site=site)


def lose_secrets(sides: TwoSides, side: str) -> None:
    """All that a side keeps below `secrets/` is gone."""
    shutil.rmtree(sides.folder / side / "secrets")


def test_a_week_is_drawn_alike_on_both_sides_and_can_be_run_again_by_anybody(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert faults(sides) == []
    ours = sides.transcript(sides.node)
    assert len(ours["list"]) == 9
    assert sorted(one["stratum"] for one in ours["tickets"]) == ["li", "zhang", "zhang"]
    assert [(row.ticket, str(row.call_id)) for row in tickets(sides)] == [
        (one["ticket"], one["call"]) for one in ours["tickets"]
    ]
    assert sides.draw(sides.hq).due_at == MONDAY + 2 * WEEK, "Sunday of the week after"
    assert incidents(sides, Cause.DRAW_TICKETS_DIFFER, side=sides.node) == 0


def test_both_commitments_are_on_both_sides_before_the_period_ends_and_no_share_is_in_a_database(
    sides: TwoSides,
) -> None:
    sides.speak()
    here, there = sides.draw(sides.node), sides.draw(sides.hq)
    assert here.office_commitment == there.office_commitment != here.hq_commitment == there.hq_commitment
    for files, row, side in ((sides.node_files, here, "node"), (sides.hq_files, there, "hq")):
        share = files.share(row.secret, WEEKLY)
        assert share
        for file in sides.folder.glob("*.db*"):
            assert share.encode() not in file.read_bytes(), side


def test_close_answer_and_reveal_are_numbered_facts(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    with sides.node.reading() as session:
        query = select(OutboxEntry).where(OutboxEntry.kind.in_([kind for kind in FactKind if "draw" in kind]))
        sent = session.scalars(query.order_by(OutboxEntry.n)).all()
    found = sides.draw(sides.node)
    weekly = [one for one in sent if one.body["draw"] == WEEKLY]
    assert [one.kind for one in weekly] == [FactKind.DRAW_CLOSED, FactKind.DRAW_ANSWERED, FactKind.DRAW_REVEALED]
    closed, answered, revealed = (one.body for one in weekly)
    assert (closed["office_commitment"], closed["hq_commitment"], closed["rate"]) == (
        found.office_commitment, found.hq_commitment, "1/5"
    )  # fmt: skip
    assert (answered["root"], answered["lines"]) == (found.root, None)
    assert (revealed["share"], revealed["root"], revealed["dice"]) == (found.office_share, found.root, "")


def test_what_a_share_is_given_for_is_written_down_beside_the_secret_before_it_is_given(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    for name, files in (("node", sides.node_files), ("hq", sides.hq_files)):
        given = json.loads(files.paths.given_for(sides.draw(sides.hq).id).read_bytes())
        assert given == {
            "draw": WEEKLY,
            "office_commitment": sides.draw(sides.hq).office_commitment,
            "hq_commitment": sides.draw(sides.hq).hq_commitment,
            "root": sides.draw(sides.hq).root,
            "rate": "1/5",
            "dice": "",
        }, name


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


def test_a_system_that_is_first_started_within_the_last_day_of_a_period_has_an_hour_to_commit(
    sides: TwoSides,
) -> None:
    sides.at = MONDAY + WEEK - timedelta(hours=12)
    sides.cut = True
    sides.speak()
    sides.later(minutes=59)
    sides.speak()
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 0
    sides.later(minutes=1)
    sides.speak()
    assert incidents(sides, Cause.DRAW_UNCOMMITTED) == 1


def test_calls_reported_after_the_close_are_a_supplementary_draw_and_five_are_whole_at_once(
    sides: TwoSides,
) -> None:
    a_week(sides)
    sides.write()
    late = sides.call(MONDAY + 9 * HOUR)
    sides.speak(4)
    assert str(late) not in str(sides.transcript(sides.node)["list"])
    sides.speak(2)
    sides.later(hours=48, minutes=6)
    sides.speak(4)
    name = f"{WEEKLY}+1"
    assert states(sides, name) == (DrawState.WHOLE, DrawState.WHOLE)
    assert [str(one.call_id) for one in tickets(sides, name)] == [str(late)]
    assert (sides.draw(sides.hq, name).reviewer, sides.draw(sides.hq, name).office_share) == (Party.OFFICE, None)
    assert incidents(sides, Cause.DRAW_WHOLE) == 0, "nothing went wrong"
    sides.speak(2)
    assert faults(sides, name) == []


def test_six_late_calls_are_drawn_with_shares_of_their_own(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    for n in range(6):
        sides.call(MONDAY + (20 + n) * HOUR)
    sides.speak(3)
    sides.later(hours=48, minutes=6)
    sides.speak(5)
    name = f"{WEEKLY}+1"
    assert states(sides, name) == (DrawState.DRAWN, DrawState.DRAWN)
    assert faults(sides, name) == []
    assert len(tickets(sides, name)) == 2
    assert sides.draw(sides.hq, name).office_share != sides.draw(sides.hq).office_share


def test_a_call_without_audio_is_in_the_list_and_when_drawn_is_an_incident(sides: TwoSides) -> None:
    sides.speak()
    call_id = sides.call(MONDAY, audio=False)
    sides.at = OVER
    sides.speak(4)
    assert sides.transcript(sides.hq)["list"] == [{"call": str(call_id), "stratum": "zhang", "audio": "-"}]
    assert incidents(sides, Cause.DRAWN_WITHOUT_AUDIO) == 1


def test_a_week_without_calls_is_over_at_the_agreement_without_a_reveal(sides: TwoSides) -> None:
    a_week(sides, 0, 0)
    sides.speak(4)
    assert states(sides) == (DrawState.EMPTY, DrawState.EMPTY)
    assert sides.draw(sides.node).office_share is None
    assert faults(sides) == []
    assert incidents(sides, Cause.DRAW_UNCONFIRMED) == 0


def test_a_week_without_calls_that_the_office_does_not_answer_is_not_confirmed(sides: TwoSides) -> None:
    a_week(sides, 0, 0)
    sides.write()
    sides.tell()
    sides.cut = True
    sides.later(hours=24, minutes=1)
    sides.speak()
    assert sides.draw(sides.hq).state is DrawState.EMPTY
    assert incidents(sides, Cause.DRAW_UNCONFIRMED) == 1


def test_a_month_is_drawn_at_headquarters_rate_beside_the_weeks(sides: TwoSides) -> None:
    a_week(sides)
    sides.at = MONTH_END + timedelta(minutes=5)
    sides.speak(6)
    transcript = sides.transcript(sides.node, MONTHLY)
    assert faults(sides, MONTHLY) == []
    assert (transcript["rate"], len(transcript["tickets"])) == ("1/10", 2)
    assert sides.draw(sides.hq, MONTHLY).due_at == MONDAY + timedelta(days=30), "the end of 15 December"


def test_lists_that_differ_are_joined_after_a_day_and_what_differs_is_named(sides: TwoSides) -> None:
    a_week(sides)
    sides.tell()
    with sides.hq.transaction() as session:  # headquarters has lost one answered call, and has other audio of one
        gone, silent = session.scalars(select(AnsweredCall).order_by(AnsweredCall.call_id).limit(2))
        session.delete(gone)
    sides.write()
    sides.tell()
    with sides.hq.transaction() as session:
        entry = session.get_one(DrawEntry, (sides.draw(sides.hq).id, silent.call_id))
        entry.audio = "-"
        found = session.get_one(Draw, sides.draw(sides.hq).id)
        found.frozen_root = root_of_list(session, found)
    sides.speak(4)
    assert states(sides) == (DrawState.FROZEN, DrawState.FROZEN)
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 1
    assert {one["call"] for one in sides.draw(sides.hq).differences} == {str(gone.call_id), str(silent.call_id)}
    assert sides.draw(sides.node).office_share is None
    sides.later(hours=24, minutes=1)
    sides.speak(5)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    listed = {one["call"]: one["audio"] for one in sides.transcript(sides.node)["list"]}
    assert len(listed) == 9, "a line that only the office has counts with its fact, which it sent again"
    assert listed[str(silent.call_id)] == "-", "headquarters' line, where both have one"
    assert faults(sides) == []


def root_of_list(session: object, found: Draw) -> str:
    from supervision.draws.queries import entries_of  # noqa: PLC0415
    from supervision.draws.rules import root_of  # noqa: PLC0415

    return root_of(entries_of(session, found.id))  # type: ignore[arg-type]


def test_where_only_who_answered_differs_headquarters_line_stands_at_once(sides: TwoSides) -> None:
    a_week(sides)
    sides.write()
    sides.tell()
    with sides.hq.transaction() as session:
        found = session.get_one(Draw, sides.draw(sides.hq).id)
        entry = session.scalars(select(DrawEntry).where(DrawEntry.draw_id == found.id)).first()
        assert entry
        entry.stratum = "wang"
        session.flush()
        found.frozen_root = root_of_list(session, found)
    sides.speak(4)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert faults(sides) == []
    assert len(sides.transcript(sides.node)["differences"]) == 1
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 0


def test_a_list_that_lacks_what_the_office_answered_is_not_accepted_and_nothing_is_revealed(
    sides: TwoSides,
) -> None:
    a_week(sides)
    sides.write()
    sides.tell()
    sides.read(sides.take(sides.write()))
    sides.tell()
    message = sides.write()
    heard = HqMessage.model_validate_json(sides.take(message))
    (said,) = [one for one in heard.draws if one.draw == WEEKLY]
    assert said.frozen
    assert said.agreed
    lied = said.agreed.model_copy(update={"root": "ab" * 32})
    sides.read(HqMessage(draws=(said.model_copy(update={"agreed": lied}),)).model_dump_json())
    frozen = said.frozen.model_copy(update={"lines": ()})
    claim = said.model_copy(update={"agreed": lied, "frozen": frozen})
    sides.read(HqMessage(draws=(claim,)).model_dump_json())
    assert sides.draw(sides.node).office_share is None
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER, side=sides.node) == 1


def test_a_list_that_lacks_a_call_of_the_offices_does_not_stand_before_a_day_is_over(sides: TwoSides) -> None:
    a_week(sides)
    sides.tell()
    with sides.hq.transaction() as session:  # headquarters drops one answered call, and then the office's answer
        gone = session.scalars(select(AnsweredCall)).first()
        assert gone
        session.delete(gone)
    sides.write()
    sides.tell()
    sides.read(sides.take(sides.write()))
    message = OfficeMessage.model_validate_json(sides.write())
    wants = [one.model_copy(update={"list_wanted": True}) for one in message.draws]
    asking = message.model_copy(update={"draws": tuple(wants)}).model_dump_json()
    sides.tell()
    heard = HqMessage.model_validate_json(sides.take(asking))
    (said,) = [one for one in heard.draws if one.draw == WEEKLY]
    assert said.frozen
    agreed = Agreed(root=said.frozen.root, at=said.frozen.at + 23 * HOUR)
    claim = said.model_copy(update={"state": DrawState.AGREED, "agreed": agreed})
    sides.read(HqMessage(draws=(claim,)).model_dump_json())
    assert sides.draw(sides.node).office_share is None
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER, side=sides.node) == 1


@pytest.mark.parametrize("rate", ["1/0", "0", "x", "1/5/2"])
def test_what_is_no_rate_is_refused_as_a_message(sides: TwoSides, rate: str) -> None:
    a_week(sides)
    heard = json.loads(sides.take(sides.write()))
    heard["draws"][0]["rate"] = rate
    with pytest.raises(ValidationError, match="rate"):
        sides.read(json.dumps(heard))


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
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert len(sides.transcript(sides.node)["list"]) == 9, "the node, too, builds it up to what was acknowledged"
    assert faults(sides) == []
    assert str(kept) not in str(sides.transcript(sides.node)["list"])
