"""What does not go right with a draw leaves the whole list due; and dice, which each side waits for but a day."""

import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.actor import Role, Scope
from supervision.context import Context
from supervision.draws import hq_lists
from supervision.draws.messages import HqMessage, OfficeMessage, SentEntry
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party, TicketState, commitment_of, root_of
from supervision.draws.service import type_dice, withdraw_dice
from supervision.errors import Refused
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.draws.test_exchange import (
    HOUR,
    THROWN,
    a_week,
    an_actor,
    ask,
    faults,
    incidents,
    lose_secrets,
    states,
    tickets,
    type_in,
)
from tests.draws.two_sides import CODE, MONDAY, WEEKLY, TwoSides, two_sides

pytestmark = pytest.mark.thorough


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def test_an_office_that_never_committed_reviews_its_whole_list(sides: TwoSides) -> None:
    sides.cut = True
    a_week(sides)
    sides.speak(2)
    sides.cut = False
    sides.speak(3)
    assert states(sides) == (DrawState.AGREED, DrawState.AGREED)
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    found = sides.draw(sides.hq)
    assert states(sides) == (DrawState.WHOLE, DrawState.WHOLE)
    assert len(tickets(sides)) == 9
    assert found.reviewer is Party.OFFICE is sides.draw(sides.node).reviewer
    assert sides.draw(sides.hq, "office:3101:2026-W48").office_commitment, "the next week goes on as ever"
    sides.speak(2)
    differing = {"the two differ in: commitments", "the two differ in: whole"}
    assert set(faults(sides)) == differing, "each side publishes what it holds, and anybody sees that it differs"


def test_a_share_that_is_withheld_leaves_the_whole_list_to_the_office_until_it_comes(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(1)
    hidden = sides.node_files.paths.draw_secret("2026-11")
    secret = hidden.read_bytes()
    hidden.unlink()
    sides.speak(2)
    sides.later(hours=48)
    sides.speak(2)
    found = sides.draw(sides.hq)
    assert states(sides) == (DrawState.WHOLE, DrawState.WHOLE)
    assert (found.reviewer, len(tickets(sides))) == (Party.OFFICE, 9)
    assert found.due_at == sides.at.replace(hour=16, minute=0) + timedelta(days=15), (
        "the end of the fourteenth day after"
    )
    assert incidents(sides, Cause.DRAW_WHOLE) == 1 == incidents(sides, Cause.DRAW_WHOLE, side=sides.node)
    judged = tickets(sides)[0]
    with sides.hq.transaction() as session:
        row = session.get_one(Ticket, judged.id)
        row.state, row.done_at = TicketState.DONE, sides.at
    hidden.write_bytes(secret)
    sides.later(days=3)
    sides.speak(4)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    kept = [one for one in tickets(sides) if one.state is not TicketState.RELEASED]
    assert len(kept) == 3
    again = next(one for one in tickets(sides) if one.id == judged.id)
    is_drawn = str(judged.call_id) in {one["call"] for one in sides.transcript(sides.node)["tickets"]}
    assert again.state is (TicketState.DONE if is_drawn else TicketState.RELEASED)
    assert sides.draw(sides.hq).due_at == found.due_at, "due dates do not move"
    sides.speak(2)
    assert faults(sides) == []


def test_headquarters_that_lost_its_share_reviews_the_offices_whole_list_itself(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(1)
    lose_secrets(sides, "hq")
    sides.speak(3)
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    found = sides.draw(sides.hq)
    assert (found.state, found.office_share is not None, found.hq_share) == (DrawState.WHOLE, True, None)
    assert found.reviewer is Party.HQ


def test_headquarters_gives_no_share_for_what_differs_from_its_own_terms(sides: TwoSides) -> None:
    a_week(sides)
    with sides.node.transaction() as session:
        session.get_one(Draw, sides.draw(sides.node).id).hq_commitment = "ab" * 32
    sides.speak(4)
    assert states(sides) == (DrawState.REVEALED, DrawState.REVEALED)
    assert sides.draw(sides.hq).hq_share is None
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == 1
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    assert states(sides)[1] is DrawState.WHOLE
    for left in (1, 0):
        with sides.hq.transaction() as session:
            for one in tickets(sides)[left:]:
                row = session.get_one(Ticket, one.id)
                row.state, row.done_at = TicketState.DONE, sides.at
        sides.speak(2)
        assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == left, "it is over once all of the list is reviewed"


@pytest.mark.parametrize("side", ["node", "hq"])
def test_a_damaged_file_beside_the_secrets_leaves_the_list_whole_and_hangs_nothing(
    sides: TwoSides, side: str
) -> None:
    a_week(sides)
    files = sides.node_files if side == "node" else sides.hq_files
    files.paths.given_since.write_text("")
    sides.speak(5)
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    assert states(sides) == (DrawState.WHOLE, DrawState.WHOLE)
    assert len(tickets(sides)) == 9
    damaged = sides.node if side == "node" else sides.hq
    assert incidents(sides, Cause.DRAW_SHARE_WRONG, side=damaged) == 1


def test_headquarters_gives_no_share_for_dice_that_it_does_not_know_and_says_so(sides: TwoSides) -> None:
    a_week(sides)
    for _ in range(2):
        sides.write()
        sides.tell()
        sides.read(sides.take(sides.write()))
    with sides.node.transaction() as session:
        query = select(OutboxEntry).where(OutboxEntry.kind == FactKind.DRAW_REVEALED)
        fact = next(one for one in session.scalars(query) if one.body["draw"] == WEEKLY)
        fact.body = {**fact.body, "dice": "1 1 1 1 1 1 1 1"}
    sides.speak()
    assert sides.draw(sides.hq).hq_share is None
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == 1
    with sides.hq.transaction() as session:
        found = session.get_one(Draw, sides.draw(sides.hq).id)
        found.revealed_for = {**found.revealed_for, "dice": ""}
    sides.mind()
    assert sides.draw(sides.hq).state is DrawState.DRAWN
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == 0, "it is over with the draw"


def test_a_share_is_given_for_nothing_else_ever(sides: TwoSides, tmp_path: Path) -> None:
    a_week(sides)
    copies = {side: sides.copy(side, f"{side}-copy") for side in ("node", "hq")}
    sides.speak(4)
    before = sides.transcript(sides.hq)
    for side, copy in copies.items():
        sides.put_back(side, copy)
    sides.call(MONDAY + 30 * HOUR)  # the list will be another
    sides.speak(4)
    assert sides.draw(sides.node).office_share is None
    assert incidents(sides, Cause.DRAW_SHARE_WRONG, side=sides.node) == 1
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    assert states(sides) == (DrawState.WHOLE, DrawState.WHOLE)
    assert len(tickets(sides)) == 10 > len(before["tickets"])


@pytest.mark.parametrize("site", list(Party))
def test_the_office_waits_a_day_for_dice_that_somebody_asked_for_and_no_longer(
    sides: TwoSides, site: Party
) -> None:
    a_week(sides)
    who = an_actor(sides.hq if site is Party.HQ else sides.node)
    with (sides.hq if site is Party.HQ else sides.node).transaction() as session, pytest.raises(Refused):
        type_dice(Context(session, who, Scope(), sides.at), sides.draw(sides.hq).id, dice=THROWN, site=site)
    ask(sides, who, site)
    sides.speak(4)
    assert states(sides) == (DrawState.AGREED, DrawState.AGREED)
    sides.later(hours=23)
    sides.speak(3)
    assert sides.draw(sides.node).office_share is None
    sides.later(hours=1, minutes=1)
    sides.speak(3)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert faults(sides) == []


def test_dice_that_a_witness_of_each_side_confirmed_are_in_the_draw(sides: TwoSides) -> None:
    a_week(sides)
    here, there = an_actor(sides.node, Role.OFFICE_LEADER, "王芳"), an_actor(sides.hq, name="李强")
    ask(sides, there)
    sides.speak(3)
    type_in(sides, Party.HQ, there, "3,6,1,1,5,2,4,6")
    sides.speak(2)
    assert states(sides) == (DrawState.AGREED, DrawState.AGREED), "one witness is none"
    type_in(sides, Party.OFFICE, here)
    sides.speak(3)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    transcript = sides.transcript(sides.hq)
    assert (transcript["dice"], [one.split()[0] for one in transcript["witnesses"]]) == (THROWN, ["王芳", "李强"])
    assert faults(sides) == []
    with pytest.raises(Refused):
        type_in(sides, Party.HQ, there)


def test_another_list_said_to_stand_after_the_first_is_an_incident_and_holds_up_no_other_draw(
    sides: TwoSides,
) -> None:
    a_week(sides)
    ask(sides, an_actor(sides.hq))
    sides.speak(4)
    stood = sides.draw(sides.node).root
    message = OfficeMessage.model_validate_json(sides.write())
    wants = tuple(one.model_copy(update={"list_wanted": True}) for one in message.draws)
    heard = HqMessage.model_validate_json(sides.take(OfficeMessage(draws=wants).model_dump_json()))
    said = next(one for one in heard.draws if one.draw == WEEKLY)
    assert said.frozen
    assert said.frozen.lines
    assert said.agreed
    more = SentEntry(call=uuid.uuid4(), stratum="zhang", audio="-")
    root = root_of([one.entry for one in (*said.frozen.lines, more)])
    agreed = said.agreed.model_copy(update={"root": root, "added": (more,)})
    others = tuple(one for one in heard.draws if one.draw != WEEKLY)
    later = tuple(one.model_copy(update={"hq_commitment": "ab" * 32}) for one in others)
    draws = (said.model_copy(update={"agreed": agreed}), *later)
    sides.read(HqMessage(draws=draws).model_dump_json())
    assert sides.draw(sides.node).root == stood
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER, side=sides.node) == 1
    assert {sides.draw(sides.node, one.draw).hq_commitment for one in later} == {"ab" * 32}
    sides.later(hours=24, minutes=1)
    sides.speak(3)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)


def test_an_offices_person_is_no_witness_of_headquarters_on_its_site(sides: TwoSides) -> None:
    a_week(sides)
    leader, there = an_actor(sides.hq, Role.OFFICE_LEADER), an_actor(sides.hq)
    ask(sides, there)
    sides.speak(3)
    with pytest.raises(Refused, match="own_side"):
        type_in(sides, Party.HQ, leader)


def test_only_who_asked_for_dice_withdraws_it(sides: TwoSides) -> None:
    a_week(sides)
    asked, other = an_actor(sides.hq), an_actor(sides.hq)
    ask(sides, asked)
    draw_id = sides.draw(sides.hq).id
    with sides.hq.transaction() as session:
        with pytest.raises(Refused, match="only_who_asked"):
            withdraw_dice(Context(session, other, Scope(), sides.at), draw_id, site=Party.HQ)
        withdraw_dice(Context(session, asked, Scope(), sides.at), draw_id, site=Party.HQ)
    sides.speak(4)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)


def test_a_share_that_is_not_what_was_committed_to_is_no_share(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(1)
    with sides.hq.transaction() as session:
        found = session.get_one(Draw, sides.draw(sides.hq).id)
        found.office_commitment = commitment_of(WEEKLY, Party.OFFICE, "ab" * 32)
    sides.speak(3)
    assert incidents(sides, Cause.DRAW_SHARE_WRONG) == 1
    assert (sides.draw(sides.hq).office_share, sides.draw(sides.hq).hq_share) == (None, None)
    sides.later(hours=48)
    sides.mind()
    assert sides.draw(sides.hq).state is DrawState.WHOLE


@pytest.mark.parametrize("party", list(Party))
def test_who_is_put_back_without_what_his_shares_were_given_for_gives_none_for_a_period_that_is_over(
    sides: TwoSides, party: Party
) -> None:
    a_week(sides)
    sides.speak()
    files, side = (sides.node_files, sides.node) if party is Party.OFFICE else (sides.hq_files, sides.hq)
    shutil.rmtree(files.paths.given_since.parent)
    sides.speak(3)
    found = sides.draw(sides.hq)
    assert (found.office_share is None, found.hq_share) == (party is Party.OFFICE, None)
    assert incidents(sides, Cause.DRAW_SHARE_WRONG, side=side) == 1
    with side.transaction() as session:
        noted = session.scalars(select(Incident).where(Incident.cause == Cause.DRAW_SHARE_WRONG)).one()
        noted.healed_at = noted.seen_at = sides.at
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    assert sides.draw(sides.hq).state is DrawState.WHOLE
    assert sides.draw(sides.hq).reviewer is party
    assert incidents(sides, Cause.DRAW_SHARE_WRONG, side=side) == 0, "what is settled is not noted anew"


def test_what_only_the_office_says_to_have_is_kept_to_a_bound_however_often_it_answers(
    sides: TwoSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hq_lists, "MOST_ADDED", 20)
    a_week(sides)
    sides.write()
    sides.tell()
    sides.mind()
    for n in range(3):
        lines = [{"call": str(uuid.uuid4()), "stratum": "zhang", "audio": "-"} for _ in range(9)]
        body = {"draw": WEEKLY, "root": f"{n}a" * 32, "lines": lines}
        with sides.node.transaction() as session:
            send_fact(session, CODE, FactKind.DRAW_ANSWERED, body)
        sides.tell()
    assert len(sides.draw(sides.hq).added) == 20
    sides.later(hours=24, minutes=1)
    sides.mind()
    assert sides.draw(sides.hq).calls == 9, "lines without any fact count for nothing"
