"""A difference that is claimed once a list stood is an incident that has an end, and moves nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.actor import Scope
from supervision.context import Context
from supervision.draws.hq_lists import apply_answer
from supervision.draws.messages import AnsweredFact, HqDrawState, HqMessage
from supervision.draws.models import Draw
from supervision.draws.party import note_over, note_share_wrong
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import acknowledge
from tests.draws.test_exchange import a_week, an_actor, incidents, lose_secrets, states
from tests.draws.test_node_checks import judge
from tests.draws.two_sides import WEEKLY, TwoSides, two_sides


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        a_week(both)
        yield both


def step(sides: TwoSides) -> None:
    """They speak, but headquarters minds no time meanwhile."""
    sides.write()
    sides.tell()
    sides.read(sides.take(sides.write()))


def answer_otherwise(sides: TwoSides) -> None:
    """The office's node answers with another list."""
    with sides.hq.transaction() as session:
        found = session.get_one(Draw, sides.draw(sides.hq).id)
        apply_answer(session, found, AnsweredFact(draw=WEEKLY, root="ab" * 32), sides.at)


def said_of_the_week(sides: TwoSides) -> HqDrawState:
    """What headquarters says of the week."""
    heard = HqMessage.model_validate_json(sides.take(sides.write()))
    return next(one for one in heard.draws if one.draw == WEEKLY)


def hear(sides: TwoSides, said: HqDrawState) -> None:
    """The node hears only that."""
    sides.read(HqMessage(draws=(said,)).model_dump_json())


def test_an_answer_that_comes_after_the_list_stood_is_an_incident_until_the_draw(sides: TwoSides) -> None:
    while sides.draw(sides.hq).root is None:
        step(sides)
    answer_otherwise(sides)
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 1
    sides.speak(4)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 0
    answer_otherwise(sides)
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER) == 0, "nothing is to come that would end it"
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER, healed=True) == 2, "but it is written down"


@pytest.mark.parametrize("ends", ["the draw", "its word"])
def test_another_list_that_headquarters_claims_after_the_reveal_is_an_incident_until_it_is_over(
    sides: TwoSides, ends: str
) -> None:
    while sides.draw(sides.node).office_share is None:
        step(sides)
    said = said_of_the_week(sides)
    assert said.agreed
    claimed = said.agreed.model_copy(update={"root": "ab" * 32})
    hear(sides, said.model_copy(update={"agreed": claimed}))
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER, side=sides.node) == 1
    if ends == "the draw":
        sides.tell()
        said = said_of_the_week(sides).model_copy(update={"agreed": claimed})
    hear(sides, said)
    assert (sides.draw(sides.node).state is DrawState.DRAWN) == (ends == "the draw")
    assert incidents(sides, Cause.DRAW_LISTS_DIFFER, side=sides.node) == 0


def test_word_against_the_order_of_a_list_that_stays_whole_is_over_once_all_of_it_is_judged(
    sides: TwoSides,
) -> None:
    sides.speak(1)
    lose_secrets(sides, "node")
    sides.speak(3)
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    assert states(sides) == (DrawState.WHOLE, DrawState.WHOLE)
    said = said_of_the_week(sides)
    assert said.frozen
    early = said.frozen.model_copy(update={"at": said.ends_at - timedelta(minutes=1)})
    for _ in range(2):
        hear(sides, said.model_copy(update={"frozen": early}))
        assert incidents(sides, Cause.DRAW_OUT_OF_ORDER, side=sides.node) == 1
        judge(sides)
        sides.speak(2)
        assert incidents(sides, Cause.DRAW_OUT_OF_ORDER, side=sides.node) == 0
        said = said_of_the_week(sides)
        assert said.frozen


def test_a_wrong_share_that_was_over_by_itself_is_noted_anew_and_one_that_a_person_settled_is_not(
    sides: TwoSides,
) -> None:
    leader = an_actor(sides.node)
    with sides.node.transaction() as session:
        found = session.get_one(Draw, sides.draw(sides.node).id)
        note_share_wrong(session, found, sides.at, Party.HQ, "")
        note_over(session, found, Cause.DRAW_SHARE_WRONG, sides.at)
        note_share_wrong(session, found, sides.at, Party.HQ, "")
    assert incidents(sides, Cause.DRAW_SHARE_WRONG, side=sides.node) == 1
    with sides.node.transaction() as session:
        query = select(Incident).where(Incident.cause == Cause.DRAW_SHARE_WRONG, Incident.healed_at.is_(None))
        noted = session.scalars(query).one()
        acknowledge(Context(session, leader, Scope(), sides.at), noted.id, note="已阅", version=noted.version)
        note_share_wrong(session, session.get_one(Draw, found.id), sides.at, Party.HQ, "")
    assert incidents(sides, Cause.DRAW_SHARE_WRONG, side=sides.node) == 0
