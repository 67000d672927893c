"""A node compares what headquarters works on with its own draw, and headquarters cannot heal what it finds."""

import json
import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from bench.fairness.game import new_game
from bench.fairness.repeating import make_the_list_anew_for_ever
from supervision.actor import Scope
from supervision.context import Context
from supervision.draws.messages import HqMessage
from supervision.draws.models import Draw, DrawEntry, Ticket
from supervision.draws.node_checks import follow_tickets
from supervision.draws.party import open_draw, unfinished
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import entries_of
from supervision.draws.rules import TicketState, Unusable, parse_name
from supervision.draws.service import _add_successor
from supervision.exchange.service import begin_epoch
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import acknowledge
from supervision.recordings.models import Recording
from tests.draws.test_exchange import a_week, an_actor, incidents, tickets
from tests.draws.two_sides import CODE, MONDAY, WEEKLY, TwoSides, furnished, two_sides


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        a_week(both)
        both.speak(4)
        yield both


def differing(sides: TwoSides) -> int:
    return incidents(sides, Cause.DRAW_TICKETS_DIFFER, side=sides.node)


def swap(sides: TwoSides) -> None:
    """Headquarters works on another call than was drawn."""
    drawn = {one.call_id for one in tickets(sides)}
    with sides.hq.transaction() as session:
        query = select(DrawEntry.call_id).where(DrawEntry.draw_id == sides.draw(sides.hq).id)
        other = next(one for one in session.scalars(query) if one not in drawn)
        session.get_one(Ticket, tickets(sides)[0].id).call_id = other


def test_a_ticket_that_was_swapped_is_an_incident_that_headquarters_cannot_heal(sides: TwoSides) -> None:
    assert differing(sides) == 0
    kept = tickets(sides)[0].call_id
    swap(sides)
    sides.speak(2)
    assert differing(sides) == 1
    sides.tell()
    head = an_actor(sides.hq)
    with sides.hq.transaction() as session:
        reported = session.scalars(select(Incident).where(Incident.cause == Cause.DRAW_TICKETS_DIFFER)).one()
        assert reported.received
        acknowledge(Context(session, head, Scope(), sides.at), reported.id, note="已阅", version=reported.version)
        assert reported.healed_at is None
    with sides.hq.transaction() as session:
        session.get_one(Ticket, tickets(sides)[0].id).call_id = kept
    sides.speak(2)
    assert differing(sides) == 0, "the node has seen it over"


def test_a_ticket_that_was_dropped_is_an_incident(sides: TwoSides) -> None:
    with sides.hq.transaction() as session:
        session.delete(session.get_one(Ticket, tickets(sides)[0].id))
    sides.speak(2)
    assert differing(sides) == 1


def sent_as(sides: TwoSides, state: str) -> str:
    """Headquarters' answer, in which it says that of the first ticket."""
    answer = json.loads(sides.take(sides.write()))
    answer["tickets"][WEEKLY][0]["state"] = state
    return json.dumps(answer)


def test_a_ticket_of_which_headquarters_says_that_it_was_not_drawn_is_an_incident(sides: TwoSides) -> None:
    sides.read(sent_as(sides, "released"))
    assert differing(sides) == 1


def test_a_ticket_in_a_state_that_is_none_is_refused_with_its_message(sides: TwoSides) -> None:
    with pytest.raises(ValidationError, match="state"):
        sides.read(sent_as(sides, "elsewhere"))


@pytest.mark.parametrize("speaks", [False, True])
def test_an_unusable_ticket_in_which_the_node_measured_speech_is_an_incident(
    sides: TwoSides, speaks: bool
) -> None:
    first = tickets(sides)[0]
    proposer, head = an_actor(sides.hq), an_actor(sides.hq)
    with sides.node.transaction() as session:
        session.get_one(Recording, first.call_id).caller_silence_ms = 20_000 if speaks else 60_000
    with sides.hq.transaction() as session:
        row = session.get_one(Ticket, first.id)
        row.state, row.reason, row.agreed_n = TicketState.UNUSABLE, Unusable.NO_SPEECH, 1
        row.proposed_by, row.agreed_by = proposer.account_id, head.account_id
    sides.speak(2)
    assert differing(sides) == 1, "its successor is missing"
    with sides.hq.transaction() as session:
        draw = session.get_one(Draw, first.draw_id)
        _add_successor(session, draw, session.get_one(Ticket, first.id), sides.at)
    sides.speak(2)
    assert differing(sides) == speaks


def judge(sides: TwoSides, *, all_but: int = 0) -> None:
    """Headquarters has all tickets judged, but for so many."""
    with sides.hq.transaction() as session:
        for one in tickets(sides)[all_but:]:
            row = session.get_one(Ticket, one.id)
            row.state, row.done_at = TicketState.DONE, sides.at


def mute(sides: TwoSides) -> None:
    """They speak, but headquarters leaves out what it works on."""
    message = sides.write()
    sides.tell()
    heard = HqMessage.model_validate_json(sides.take(message))
    sides.read(heard.model_copy(update={"tickets": {}}).model_dump_json())


def unchecked(sides: TwoSides) -> int:
    return incidents(sides, Cause.DRAW_UNCHECKED, side=sides.node)


def unreported(sides: TwoSides) -> int:
    return incidents(sides, Cause.DRAW_TICKETS_UNREPORTED, side=sides.node)


def test_headquarters_that_tells_no_tickets_is_said_so_after_two_days_until_it_does(sides: TwoSides) -> None:
    sides.speak()
    for _ in range(2):
        sides.later(hours=23)
        mute(sides)
    assert unreported(sides) == 0
    for _ in range(4):
        sides.later(hours=1)
        mute(sides)
    assert unreported(sides) == 0, "it has been asked for less than an hour since"
    sides.later(hours=1)
    mute(sides)
    assert unreported(sides) == 1
    sides.speak()
    assert unreported(sides) == 0


def test_headquarters_that_takes_facts_and_answers_no_message_about_draws_is_said_so_too(sides: TwoSides) -> None:
    sides.speak()
    for _ in range(60):
        sides.later(hours=1)
        sides.write()
        sides.tell()
    assert unreported(sides) == 1


def test_headquarters_that_could_not_be_reached_for_days_is_not_said_to_have_sent_nothing(sides: TwoSides) -> None:
    sides.speak()
    sides.cut = True
    for _ in range(3):
        sides.later(days=1)
        sides.speak()
    sides.cut = False
    sides.tell()  # facts go first
    sides.speak(3)
    assert unreported(sides) == 0 == incidents(sides, Cause.DRAW_TICKETS_UNREPORTED, side=sides.node, healed=True)


@pytest.mark.parametrize("tells_one", [False, True])
def test_a_list_that_is_made_anew_again_and_again_puts_off_nothing(tells_one: bool) -> None:
    with new_game(1) as game:
        make_the_list_anew_for_ever(game, tells_one=tells_one)
        found = game.sides.draw(game.sides.node)
        assert (found.state, found.root is not None) == (DrawState.WHOLE, True), "due, as at the first time"
        assert unreported(game.sides) == 1


def test_a_draw_is_followed_until_all_is_judged_however_long_that_takes(sides: TwoSides) -> None:
    judge(sides, all_but=1)
    sides.later(days=100)
    sides.speak(2)
    assert differing(sides) == 0
    swap(sides)
    sides.speak()
    assert differing(sides) == 1
    swap_back = tickets(sides)[0]
    with sides.hq.transaction() as session:
        listed = {one.call_id for one in tickets(sides)}
        query = select(Ticket).where(Ticket.id == swap_back.id)
        ours = {one["call"] for one in sides.transcript(sides.node)["tickets"]} - {str(one) for one in listed}
        session.scalars(query).one().call_id = uuid.UUID(ours.pop())
    judge(sides)
    sides.speak(2)
    assert differing(sides) == 0
    assert sides.draw(sides.node).judged_at is not None
    assert WEEKLY not in sides.write(), "then it is not asked for any more"


def test_more_draws_than_one_message_follows_are_followed_by_turns(sides: TwoSides) -> None:
    asked = set()
    with sides.node.transaction() as session:
        kept = session.get_one(Draw, sides.draw(sides.node).id)
        for n in range(1, 60):
            copy = {one.key: getattr(kept, one.key) for one in Draw.__table__.columns}
            name = f"{WEEKLY}+{n}"
            session.add(Draw(**copy | {"id": parse_name(name).id, "name": name, "supplement": n}))
        session.flush()
        for minute in range(60):
            asked |= set(follow_tickets(session, CODE, sides.at + timedelta(minutes=minute)))
    assert len(asked) == 60


def make_node_anew(sides: TwoSides) -> None:
    """After its reveal the node is made anew without its files, and its people look for the week."""
    sides.put_back("node", furnished() / "node.db")
    shutil.rmtree(sides.folder / "node")
    with sides.node.transaction() as session:
        begin_epoch(session, CODE)
        open_draw(session, parse_name(WEEKLY), Fraction(1, 5), sides.at)
    sides.speak(4)
    sides.later(hours=49)
    sides.speak(4)
    assert unchecked(sides) == 1


def settle_unchecked(sides: TwoSides) -> None:
    """Somebody at the office has compared with a copy that was kept, and settles the incident."""
    leader = an_actor(sides.node)
    with sides.node.transaction() as session:
        query = select(Incident).where(Incident.cause == Cause.DRAW_UNCHECKED, Incident.healed_at.is_(None))
        said = session.scalars(query).one()
        acknowledge(Context(session, leader, Scope(), sides.at), said.id, note="已核对", version=said.version)


def test_a_node_made_anew_after_its_reveal_says_that_it_cannot_check_and_claims_no_difference(
    sides: TwoSides,
) -> None:
    make_node_anew(sides)
    assert differing(sides) == 0
    judge(sides)
    sides.speak(2)
    assert unchecked(sides) == 1, "what was judged may be another thing than what was drawn"
    with sides.hq.transaction() as session:
        for one in tickets(sides)[1:]:
            session.delete(session.get_one(Ticket, one.id))
    sides.speak(2)
    assert (unchecked(sides), sides.draw(sides.node).judged_at) == (1, None), "nor is one call all"
    settle_unchecked(sides)
    sides.speak(3)
    assert unchecked(sides) == 0, "a person has settled it"
    assert sides.draw(sides.node).judged_at is not None
    with sides.node.reading() as session:
        assert WEEKLY not in {one.name for one in unfinished(session, CODE)}
    assert WEEKLY not in sides.write(), "nothing is left to do or to ask"


def test_what_a_person_settled_as_unchecked_is_followed_until_all_of_it_is_judged(sides: TwoSides) -> None:
    make_node_anew(sides)
    settle_unchecked(sides)
    sides.speak(3)
    assert (unchecked(sides), sides.draw(sides.node).judged_at) == (0, None)
    assert WEEKLY in sides.write()
    judge(sides)
    sides.speak(2)
    assert (unchecked(sides), differing(sides)) == (0, 0)
    assert WEEKLY not in sides.write()


def test_what_somebody_at_headquarters_settled_as_unchecked_is_over_at_the_node_too(sides: TwoSides) -> None:
    make_node_anew(sides)
    sides.tell()
    head = an_actor(sides.hq)
    with sides.hq.transaction() as session:
        reported = session.scalars(select(Incident).where(Incident.cause == Cause.DRAW_UNCHECKED)).one()
        acknowledge(
            Context(session, head, Scope(), sides.at), reported.id, note="已核对", version=reported.version
        )
    sides.speak(2)
    assert (unchecked(sides), sides.draw(sides.node).judged_at) == (0, None)
    judge(sides)
    sides.speak(2)
    assert (unchecked(sides), differing(sides)) == (0, 0)
    assert WEEKLY not in sides.write(), "nothing is left to do or to ask"


def test_where_headquarters_works_on_all_of_a_list_there_is_nothing_left_to_check(sides: TwoSides) -> None:
    make_node_anew(sides)
    with sides.hq.transaction() as session:
        draw_id, drawn = sides.draw(sides.hq).id, {one.call_id for one in tickets(sides)}
        for n, one in enumerate(entries_of(session, draw_id)):
            if (call_id := uuid.UUID(one.call_id)) not in drawn:
                work = {"place": 50 + n, "ticket": f"{n:064}", "stratum": one.stratum}
                session.add(Ticket(draw_id=draw_id, call_id=call_id, **work))
    sides.speak(3)
    assert (unchecked(sides), differing(sides)) == (0, 0)
    judge(sides)
    sides.speak(2)
    assert sides.draw(sides.node).judged_at is not None


def test_a_node_put_back_without_its_files_takes_no_share_from_headquarters_and_says_that_it_cannot_check(
    tmp_path: Path,
) -> None:
    with two_sides(tmp_path) as sides:
        a_week(sides)
        copy = sides.copy("node", "node-before")
        sides.speak(4)
        shutil.rmtree(tmp_path / "node")
        sides.put_back("node", copy)
        sides.find_position()
        sides.speak(5)
        assert sides.draw(sides.hq).state is DrawState.DRAWN
        assert sides.draw(sides.node).office_share is None, "headquarters could have ground a list for it"
        assert (incidents(sides, Cause.DRAW_UNCHECKED, side=sides.node), differing(sides)) == (1, 0)


def test_a_share_that_headquarters_says_was_ours_and_is_not_lets_the_node_compare_as_before(
    tmp_path: Path,
) -> None:
    with two_sides(tmp_path) as sides:
        a_week(sides)
        sides.write()
        shutil.rmtree(tmp_path / "node")  # so that it cannot reveal
        sides.speak(4)
        message = sides.write()
        heard = HqMessage.model_validate_json(sides.take(message))
        said = next(one for one in heard.draws if one.draw == WEEKLY)
        sides.read(HqMessage(draws=(said.model_copy(update={"office_share": "ab" * 32}),)).model_dump_json())
        assert sides.draw(sides.node).office_share is None
        assert incidents(sides, Cause.DRAW_UNCHECKED, side=sides.node) == 0


def test_that_a_share_was_ours_is_not_believed_of_a_late_list_that_headquarters_hid_until_its_end(
    sides: TwoSides,
) -> None:
    for n in range(7):
        sides.call(MONDAY + timedelta(hours=30 + n), audio=False)
    late = f"{WEEKLY}+1"
    sides.tell()
    for _ in range(9):  # until all of it is due: the office never heard of it, and is not committed
        sides.mind()
        sides.later(hours=24)
    assert sides.draw(sides.hq, late).state is DrawState.WHOLE
    for _ in range(3):
        sides.later(hours=25)
        for _ in range(2):
            message = sides.write()
            sides.tell()
            heard = HqMessage.model_validate_json(sides.take(message))
            reported = [
                one if one.draw != late else one.model_copy(update={"office_share": "ab" * 32, "share": "cd" * 32})
                for one in heard.draws
            ]
            worked_on = {name: found[:1] if name == late else found for name, found in heard.tickets.items()}
            sides.read(HqMessage(draws=tuple(reported), tickets=worked_on).model_dump_json())
    assert sides.draw(sides.node, late).state is DrawState.WHOLE
    assert (differing(sides), unchecked(sides)) == (1, 0), "headquarters could settle that it is unchecked"
