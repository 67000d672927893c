"""An answered call that headquarters acknowledged is in exactly one list, or the node says so until it is.

How headquarters may try to spare one is played by `bench.fairness`; here is what the node sees of it.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from supervision.draws.check_rules import LISTED_WITHIN
from supervision.draws.models import AcknowledgedCall, AnsweredCall, Draw, DrawEntry
from supervision.draws.node_lists import MOST_ASKED, check_listed, forget_listed
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Tier
from supervision.exchange.models import OutboxHead
from supervision.exchange.service import note_received
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.draws.test_exchange import HOUR, OVER, a_week, incidents, states
from tests.draws.two_sides import CODE, MONDAY, WEEK, WEEKLY, TwoSides, furnished, two_sides

DUE_AT = MONDAY + WEEK + LISTED_WITHIN


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def unlisted(sides: TwoSides) -> int:
    return incidents(sides, Cause.DRAW_CALL_UNLISTED, side=sides.node)


def named(sides: TwoSides) -> list[str]:
    """The calls that the node says are in no list."""
    with sides.node.reading() as session:
        query = select(Incident.detail).where(
            Incident.cause == Cause.DRAW_CALL_UNLISTED, Incident.healed_at.is_(None)
        )
        return [call for detail in session.scalars(query) for call in detail["calls"]]


def drop(sides: TwoSides, call_id: uuid.UUID) -> None:
    """Headquarters acts as if it had never heard of a call that it has acknowledged.

    It hears of it once more when the month's list, too, is made without it: the node tells the fact again.
    """
    with sides.hq.transaction() as session:
        session.execute(delete(AnsweredCall).where(AnsweredCall.call_id == call_id))


def test_it_is_eight_days_and_one_to_spare() -> None:
    assert timedelta(days=9) == LISTED_WITHIN
    assert Cause.DRAW_CALL_UNLISTED.is_state, "nobody settles it by looking at it"


def test_a_call_that_came_late_and_is_in_no_list_is_said_at_its_time_and_over_when_it_is_in_one(
    sides: TwoSides,
) -> None:
    a_week(sides)
    sides.speak(4)
    sides.at = OVER + HOUR
    late = sides.call(MONDAY + 9 * HOUR)  # acknowledged in the week after: headquarters may put it into that week
    sides.tell()
    drop(sides, late)
    sides.speak()
    sides.at = DUE_AT + WEEK - timedelta(minutes=1)
    sides.speak()
    assert unlisted(sides) == 0
    sides.later(minutes=1)
    sides.speak(2)
    assert (unlisted(sides), named(sides)) == (1, [str(late)])
    with sides.hq.reading() as session:
        incident = session.scalars(select(Incident).where(Incident.cause == Cause.DRAW_CALL_UNLISTED)).one()
        assert incident.received, "headquarters' people see it, too"
    sides.speak()
    assert unlisted(sides) == 1, "it is not over before the call is in a list that stands"
    for _ in range(4):
        sides.later(hours=25)
        sides.speak(3)
    assert unlisted(sides) == 0


def test_when_a_list_is_made_anew_each_call_of_the_one_that_stood_is_looked_for_again(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    sides.at = DUE_AT + WEEK  # they were acknowledged in the week after theirs
    sides.speak()
    weekly = select(AcknowledgedCall.listed_at).where(AcknowledgedCall.tier == Tier.OFFICE)
    with sides.node.transaction() as session:
        before = session.scalars(weekly).all()
        assert before
        assert None not in before
        drawn = session.scalars(select(Draw).where(Draw.name == WEEKLY)).one()
        forget_listed(session, drawn)
        assert set(session.scalars(weekly)) == {None}
        session.execute(delete(DrawEntry).where(DrawEntry.draw_id == drawn.id))
    sides.speak()
    assert unlisted(sides) == 1, "headquarters froze another list, without them"


def test_a_list_of_a_call_is_only_what_headquarters_says_stands(sides: TwoSides) -> None:
    a_week(sides)
    sides.tell()
    sides.write()
    sides.cut = True
    sides.at = DUE_AT + WEEK  # they were all acknowledged in the week after
    sides.speak(1)
    assert sides.draw(sides.node).state is DrawState.WHOLE
    assert len(named(sides)) == 9, "its own list, shown whole, is none that headquarters sent"
    sides.cut = False
    sides.speak(6)
    sides.later(hours=25)
    sides.speak(6)
    assert unlisted(sides) == 0


def test_which_calls_are_in_no_list_is_kept_up_to_date_until_none_is(sides: TwoSides) -> None:
    sides.speak()
    calls = [uuid.uuid4(), uuid.uuid4()]
    with sides.node.transaction() as session:
        draw = session.get_one(Draw, sides.draw(sides.node).id)
        draw.root = "ab" * 32
        for n, call_id in enumerate(calls):
            owed = {"tier": Tier.OFFICE, "epoch": uuid.uuid4(), "n": n, "listed_by": DUE_AT}
            session.add(AcknowledgedCall(call_id=call_id, **owed))
    said = []
    for listed in (calls[:1], calls[1:], []):
        with sides.node.transaction() as session:
            check_listed(session, CODE, DUE_AT)
            for one in listed:
                session.add(DrawEntry(draw_id=draw.id, call_id=one, stratum="zhang", audio="-"))
        said.append(set(named(sides)))
    assert said == [set(map(str, calls)), {str(calls[1])}, set()]
    assert incidents(sides, Cause.DRAW_CALL_UNLISTED, side=sides.node, healed=True) == 1, "one, kept up to date"


def test_a_call_that_a_headquarters_put_back_has_not_acknowledged_any_more_has_its_time_again(
    sides: TwoSides,
) -> None:
    sides.speak()
    copy = sides.copy("hq", "hq-before")
    sides.call(MONDAY + HOUR)
    sides.speak()
    sides.at = DUE_AT - timedelta(days=1)
    sides.put_back("hq", copy)
    sides.find_position()
    sides.write()
    sides.tell()
    sides.at = DUE_AT + HOUR
    sides.write()
    assert unlisted(sides) == 0


def say_received(sides: TwoSides, up_to: int | None) -> None:
    """Headquarters says that it has the facts up to that number (None: all), and the node looks at it."""
    with sides.node.transaction() as session:
        head = session.scalars(select(OutboxHead)).one()
        note_received(session, CODE, head.epoch, head.last_n if up_to is None else up_to, sides.at)
    sides.write()


def test_a_call_has_its_time_again_but_once_however_often_headquarters_has_not_got_it_any_more(
    sides: TwoSides,
) -> None:
    sides.speak()
    sides.call(MONDAY + HOUR, audio=False)
    say_received(sides, None)
    weekly = select(AcknowledgedCall.listed_by).where(AcknowledgedCall.tier == Tier.OFFICE)
    times = []
    for week in range(4):
        sides.at = MONDAY + week * WEEK + HOUR
        say_received(sides, 0)
        say_received(sides, None)
        with sides.node.reading() as session:
            times.append(session.scalars(weekly).one())
    assert times == [DUE_AT, DUE_AT + WEEK, DUE_AT + WEEK, DUE_AT + WEEK]
    sides.at = DUE_AT + WEEK
    say_received(sides, 0)
    assert unlisted(sides) == 1, "what is still not acknowledged then is in no list either"


def test_the_draws_of_more_calls_than_one_message_asks_for_are_asked_for_by_turns(sides: TwoSides) -> None:
    sides.speak()
    weeks = 2 * MOST_ASKED
    asked: set[str] = set()
    with sides.node.transaction() as session:
        for n in range(weeks):
            owed = {"epoch": uuid.uuid4(), "n": n, "listed_by": DUE_AT + n * WEEK}
            session.add(AcknowledgedCall(call_id=uuid.uuid4(), tier=Tier.OFFICE, **owed))
        session.flush()
        for minute in range(weeks):
            at = DUE_AT + weeks * WEEK + timedelta(minutes=minute)
            names = check_listed(session, CODE, at)
            assert len(names) == MOST_ASKED
            asked |= set(names)
    assert len(asked) == weeks, "the oldest ones, too"


def test_a_week_as_it_should_be_says_nothing(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    sides.call(MONDAY + 9 * HOUR, audio=False)  # a late one: its supplement stands in time
    for _ in range(7):
        sides.later(hours=49)
        sides.speak(2)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert sides.at > DUE_AT
    assert incidents(sides, Cause.DRAW_CALL_UNLISTED, side=sides.node, healed=True) == 0 == unlisted(sides)


def test_a_supplement_that_came_and_went_while_the_line_was_cut_is_asked_for_before_anything_is_said(
    sides: TwoSides,
) -> None:
    a_week(sides)
    sides.speak(4)
    late = sides.call(MONDAY + 9 * HOUR, audio=False)
    sides.tell()
    sides.cut = True
    for _ in range(7):
        sides.later(hours=24)
        sides.write()
        sides.mind()
    sides.cut = False
    assert sides.draw(sides.hq, f"{WEEKLY}+1").state is DrawState.WHOLE
    sides.at = DUE_AT + WEEK - HOUR
    sides.speak(4)
    sides.later(hours=2)
    sides.speak()
    assert incidents(sides, Cause.DRAW_CALL_UNLISTED, side=sides.node, healed=True) == 0 == unlisted(sides)
    assert [one["call"] for one in sides.transcript(sides.node, f"{WEEKLY}+1")["list"]] == [str(late)]


def test_a_node_made_anew_knows_of_no_call_and_claims_nothing(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak(4)
    sides.put_back("node", furnished() / "node.db")
    sides.at = DUE_AT + WEEK
    sides.write()
    assert unlisted(sides) == 0
