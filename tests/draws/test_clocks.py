"""Clocks decide when the union stands, no more: every answered call is in exactly one list of each tier."""

import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.database import Database
from supervision.draws.messages import HqMessage
from supervision.draws.models import AnsweredCall, Draw, DrawEntry
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Tier, root_of
from supervision.exchange.models import OutboxEntry, OutboxHead
from supervision.exchange.rules import FactKind
from supervision.incidents.rules import Cause
from tests.draws.test_exchange import HOUR, a_week, faults, incidents, states
from tests.draws.two_sides import MONDAY, WEEK, WEEKLY, TwoSides, two_sides

OVER = MONDAY + WEEK
MINUTE = timedelta(minutes=1)
PATIENCE = 12  # times five days: the longest period, and the terms of a draw and its supplement after it


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def test_a_close_before_the_periods_end_is_said_again_after_it(sides: TwoSides) -> None:
    sides.speak()
    sides.call(MONDAY + HOUR)
    sides.at, sides.node_off = MONDAY + timedelta(days=1), timedelta(days=6, minutes=6)
    sides.speak(3)
    assert sides.draw(sides.hq).frozen_at is None
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == 1
    sides.node_off = timedelta()
    sides.call(MONDAY + timedelta(days=4))
    sides.at = OVER + MINUTE
    sides.speak(5)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER) == 0
    assert len(sides.transcript(sides.hq)["list"]) == 2, "the call after the false close is in it"
    assert not sides.draw(sides.hq).by_silence
    assert faults(sides) == []


def test_a_list_is_frozen_at_headquarters_time_whatever_the_node_says(sides: TwoSides) -> None:
    a_week(sides)
    sides.node_off = timedelta(hours=3)
    sides.speak(2)
    assert sides.draw(sides.hq).frozen_at == sides.at == sides.draw(sides.hq).closed_at
    with sides.hq.reading() as session:
        entries = session.scalars(select(AuditEntry.at).where(AuditEntry.act == "draw_frozen")).all()
    assert entries == [sides.at]


def test_a_node_takes_no_list_that_headquarters_says_it_froze_before_the_end(sides: TwoSides) -> None:
    a_week(sides)
    sides.write()
    sides.tell()
    heard = HqMessage.model_validate_json(sides.take(sides.write()))
    (said,) = [one for one in heard.draws if one.draw == WEEKLY]
    assert said.frozen
    early = said.frozen.model_copy(update={"at": OVER - MINUTE})
    early_said = said.model_copy(update={"frozen": early, "agreed": None})
    sides.read(HqMessage(draws=(early_said,)).model_dump_json())
    assert sides.draw(sides.node).frozen_at is None
    assert incidents(sides, Cause.DRAW_OUT_OF_ORDER, side=sides.node) == 1
    sides.speak(4)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)


def answered(sides: TwoSides) -> dict[uuid.UUID, AnsweredCall]:
    with sides.hq.reading() as session:
        return {one.call_id: one for one in session.scalars(select(AnsweredCall))}


@pytest.mark.parametrize("off", [timedelta(minutes=-11), timedelta(minutes=11)])
def test_a_call_reported_by_a_clock_that_is_off_is_in_the_period_of_its_receipt_on_both_sides(
    sides: TwoSides, off: timedelta
) -> None:
    sides.speak()
    sides.call(MONDAY + HOUR)
    sides.tell()
    sides.at = MONDAY + WEEK + HOUR  # the next week has begun
    sides.node_off = off
    strange = sides.call(MONDAY + 2 * HOUR)
    sides.tell()
    sides.node_off = timedelta()
    sides.speak(5)
    row = answered(sides)[strange]
    assert (row.week, row.began_week) == ("2026-W48", "2026-W47")
    assert str(strange) not in str(sides.transcript(sides.node)["list"])
    assert str(strange) in str(sides.draw(sides.hq).moved["elsewhere"])
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    sides.at = OVER + WEEK + timedelta(minutes=6)
    sides.speak(5)
    later = sides.transcript(sides.node, "office:3101:2026-W48")
    assert [one["call"] for one in later["list"]] == [str(strange)]
    assert faults(sides, "office:3101:2026-W48") == []


def test_a_clock_that_is_less_than_ten_minutes_off_moves_nothing(sides: TwoSides) -> None:
    sides.speak()
    sides.node_off = timedelta(minutes=9)
    call_id = sides.call(MONDAY + HOUR)
    sides.at = OVER + HOUR
    sides.tell()
    assert answered(sides)[call_id].week == "2026-W47"


@pytest.mark.parametrize(
    "offered_at",
    ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2030-01-01T00:00:00Z"],
)
def test_an_impossible_time_is_the_time_of_receipt_and_no_answered_call_is_refused(
    sides: TwoSides, offered_at: str
) -> None:
    sides.speak()
    call_id = sides.call(MONDAY + HOUR, audio=False)
    with sides.node.transaction() as session:
        for row in session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.CALL)):
            row.body = {**row.body, "offered_at": offered_at}
    sides.speak()
    held = answered(sides)[call_id]
    assert (held.week, held.began_week, held.began_at) == ("2026-W47", "", sides.at)
    assert incidents(sides, Cause.TIME_IMPOSSIBLE) == 1, (
        "what was reported before the answer is refused, as any fact is"
    )
    sides.at = OVER + timedelta(minutes=6)
    sides.speak(5)
    assert [one["call"] for one in sides.transcript(sides.node)["list"]] == [str(call_id)]


def tell_anew(sides: TwoSides, **changed: object) -> None:
    """The node tells of its last call once more, and something else of it."""
    with sides.node.transaction() as session:
        last = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.CALL)).all()[-1]
        n = (session.scalars(select(OutboxEntry.n).order_by(OutboxEntry.n.desc())).first() or 0) + 1
        session.execute(update(OutboxHead).values(last_n=n))
        body = {**last.body, **changed}
        session.add(OutboxEntry(epoch=last.epoch, n=n, kind=FactKind.CALL, body=body, at=sides.at))


def test_an_answered_call_that_is_taken_back_stays_in_the_list_and_is_an_incident(sides: TwoSides) -> None:
    sides.speak()
    call_id = sides.call(MONDAY + HOUR)
    sides.tell()
    tell_anew(sides, answered_at=None, answered_desk=None, disposition="missed")
    sides.tell()
    assert incidents(sides, Cause.ANSWER_TAKEN_BACK) == 1
    with sides.hq.reading() as session:
        assert session.get_one(Call, call_id).answered_at is not None
    sides.at = OVER + timedelta(minutes=6)
    sides.speak(5)
    assert [one["call"] for one in sides.transcript(sides.node)["list"]] == [str(call_id)]
    assert faults(sides) == []


def test_a_call_whose_beginning_is_reported_anew_stays_in_the_list_of_what_was_sent_first(sides: TwoSides) -> None:
    sides.speak()
    call_id = sides.call(OVER - MINUTE, audio=False)
    sides.tell()
    tell_anew(sides, offered_at=(OVER + MINUTE).isoformat())
    later = sides.call(OVER + HOUR, audio=False)
    sides.at = OVER + timedelta(minutes=6)
    sides.speak(5)
    assert [one["call"] for one in sides.transcript(sides.node)["list"]] == [str(call_id)]
    sides.at = OVER + WEEK + timedelta(minutes=6)
    sides.speak(5)
    assert states(sides, "office:3101:2026-W48") == (DrawState.DRAWN, DrawState.DRAWN)
    assert [one["call"] for one in sides.transcript(sides.node, "office:3101:2026-W48")["list"]] == [str(later)]


def test_the_beginning_of_an_answered_call_by_which_its_audio_is_found_is_not_overwritten(sides: TwoSides) -> None:
    sides.speak()
    call_id = sides.call(MONDAY + HOUR)
    sides.tell()
    tell_anew(sides, offered_at="2022-01-01T00:00:00+00:00", answered_desk="802")
    sides.tell()
    with sides.hq.reading() as session:
        call = session.get_one(Call, call_id)
        assert (call.offered_at, call.answered_desk) == (MONDAY + HOUR, "802")
        assert session.get_one(AnsweredCall, call_id).desk == "801"
    sides.at = OVER + timedelta(minutes=6)
    sides.speak(5)
    for side in (sides.node, sides.hq):
        assert [one["stratum"] for one in sides.transcript(side)["list"]] == ["zhang"], "who was sent first"


def test_a_time_that_is_no_text_is_the_time_of_receipt_and_holds_up_no_fact(sides: TwoSides) -> None:
    sides.speak()
    call_id = sides.call(MONDAY + HOUR, audio=False)
    with sides.node.transaction() as session:
        for row in session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.CALL)):
            row.body = {**row.body, "offered_at": 1_700_000_000}
    sides.tell()
    held = answered(sides)[call_id]
    assert (held.week, held.began_week) == ("2026-W47", "")


def test_a_list_that_was_frozen_before_headquarters_ever_heard_of_the_node_is_an_empty_one(
    sides: TwoSides,
) -> None:
    a_week(sides)
    sides.write()
    sides.tell()
    heard = HqMessage.model_validate_json(sides.take(sides.write()))
    (said,) = [one for one in heard.draws if one.draw == WEEKLY]
    assert said.frozen
    never = {"epoch": None, "n": 0, "by_silence": True, "root": root_of(())}
    unheard = said.model_copy(update={"frozen": said.frozen.model_copy(update=never), "agreed": None})
    sides.read(HqMessage(draws=(unheard,)).model_dump_json())
    found = sides.draw(sides.node)
    assert (found.state, found.calls, found.office_root) == (DrawState.FROZEN, 0, root_of(()))


CLOCKS = st.sampled_from([0, 5, -9, 11, -60, 60 * 24 * 8, -60 * 24 * 30])
CALLS = st.tuples(st.just("call"), st.integers(0, 20 * 24))  # begun so many hours after the Monday, or just now
STEPS = st.lists(
    st.one_of(
        CALLS,
        st.tuples(st.just("later"), st.sampled_from([1, 30, 100, 200])),
        st.tuples(st.just("node_clock"), CLOCKS),
        st.tuples(st.just("hq_clock"), CLOCKS),
        st.tuples(st.just("cut"), st.booleans()),
        st.tuples(st.just("speak"), st.just(0)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    min_size=2,
    max_size=7,
)


@pytest.mark.thorough
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(STEPS, CALLS, STEPS)
@example([("call", 1), ("speak", 0), ("later", 200), ("speak", 0), ("speak", 0)], ("call", 2), [("speak", 0)])
def test_every_answered_call_whose_facts_headquarters_has_is_in_exactly_one_list_of_each_tier(
    before: list[tuple[str, int]], one: tuple[str, int], after: list[tuple[str, int]]
) -> None:
    """Whatever either clock said, whenever the link was cut, and however often either side was restarted."""
    steps = [*before, one, *after]
    with tempfile.TemporaryDirectory() as folder, two_sides(Path(folder)) as sides:
        sides.speak()
        for step, much in steps:
            take_step(sides, step, much)
        sides.cut, sides.node_off, sides.hq_off = False, timedelta(), timedelta()
        sides.speak(2)
        assert len(answered(sides)) == sum(step == "call" for step, _ in steps)
        for _ in range(PATIENCE):
            if all(set(listed(sides, tier)) == answered(sides).keys() for tier in Tier):
                break
            sides.later(days=5)
            sides.speak(2)
        sides.later(days=5)
        sides.speak(2)
        for tier in Tier:
            assert Counter(listed(sides, tier)) == Counter(answered(sides).keys())


def listed(sides: TwoSides, tier: Tier) -> list[uuid.UUID]:
    """The calls of all lists of a tier, as headquarters froze them."""
    with sides.hq.reading() as session:
        query = select(DrawEntry.call_id).join(Draw, Draw.id == DrawEntry.draw_id).where(Draw.tier == tier)
        return list(session.scalars(query))


def take_step(sides: TwoSides, step: str, much: int) -> None:
    if step == "call":
        sides.call(min(MONDAY + much * HOUR, sides.node_at), audio=False)
    elif step == "later":
        sides.later(hours=much)
    elif step == "node_clock":
        sides.node_off = timedelta(minutes=much)
    elif step == "hq_clock":
        sides.hq_off = timedelta(minutes=much)
    elif step == "cut":
        sides.cut = bool(much)
    elif step == "restart":
        for name in ("node", "hq"):
            old: Database = getattr(sides, name)
            old.close()
            setattr(sides, name, Database(str(old.engine.url)))
    else:
        sides.speak()
