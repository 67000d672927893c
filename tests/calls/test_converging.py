"""Whatever comes between the witnesses and the store, office and headquarters end with the same, right record."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from supervision.calls import service as calls
from supervision.calls.messages import apply_call
from supervision.calls.models import Call, CallEvent
from supervision.calls.record import _OF_CALL
from supervision.calls.rules import Event, EventKind, LineRules, Record, Witness, build_record
from supervision.calls.service import LineOfOffice, Offered
from supervision.database import Base, Database
from supervision.exchange.models import OutboxEntry
from supervision.exchange.service import open_outbox
from supervision.offices.models import Line, Office
from supervision.received_times import Receipt
from tests.calls.test_merge_rules import CDR, CEL, SEEN_LIVE, events_of
from tests.calls.test_rules import START

LINE = LineOfOffice("3101", 0, LineRules(ring_s=5.0, leader_desks=frozenset({"809"})))


def numbered(text: str, witness: Witness) -> list[Event]:
    """What a witness tells, in Asterisk's own order."""
    return [replace(event, sequence=n) for n, event in enumerate(events_of(text)[witness], start=1)]


@dataclass(frozen=True)
class Tale:
    """One call as each of the three witnesses tells it."""

    seen: tuple[Event, ...]
    logged: tuple[Event, ...]
    detailed: tuple[Event, ...]

    @property
    def given_up(self) -> Event:
        """It was found that nobody will tell the end."""
        return Event(EventKind.INTERRUPTED, self.seen[-1].at)


def tale(seen: str, logged: str, detailed: str) -> Tale:
    """From tables of what each reported."""
    return Tale(
        tuple(numbered(seen, Witness.ARI)),
        tuple(numbered(logged, Witness.CEL)),
        tuple(events_of(detailed)[Witness.CDR]),
    )


def put_back(witness: str, begin: float) -> str:
    """The first desk dies in the call, another one answers the caller who was put back, and hangs up."""
    return f"""
    {witness} 0.0    offered
    {witness} {begin} desk_rang      801
    {witness} 7.0    desk_answered  801
    {witness} 30.0   hung_up        801
    {witness} 30.0   desk_left      801
    {witness} 30.1   put_back
    {witness} 30.2   desk_rang      802
    {witness} 33.0   desk_answered  802
    {witness} 60.0   hung_up        802
    {witness} 60.1   desk_left      802
    {witness} 60.1   ended
    """


def declined(witness: str, begin: float) -> str:
    """One desk turns the call down and is rung again, another one answers."""
    return f"""
    {witness} 0.0    offered
    {witness} {begin} desk_rang      801
    {witness} 0.7    desk_rang      802
    {witness} 0.9    desk_declined  801
    {witness} 5.9    desk_rang      801
    {witness} 8.0    desk_answered  802
    {witness} 8.0    desk_stopped   801
    {witness} 60.0   hung_up        caller
    {witness} 60.1   desk_left      802
    {witness} 60.1   ended
    """


PLAIN = tale(SEEN_LIVE, CEL, CDR)
TALES = (
    PLAIN,
    tale(put_back("ari", 0.6), put_back("cel", 0.5), CDR),
    tale(declined("ari", 0.6), declined("cel", 0.5), CDR.replace("801", "802")),
)


@dataclass(frozen=True)
class Word:
    """Something reported the call; `to_hq`: so many facts go to headquarters right after."""

    witness: Witness
    events: tuple[Event, ...]
    to_hq: int = 0


@st.composite
def words(draw: st.DrawFn, of: Tale) -> list[Word]:
    """Any interleaving of what the witnesses tell, with losses, repetitions and a restart; a log is read whole.

    The control process says that it watched the call whole only where it saw all of it and was not started anew.
    """
    lost = draw(st.sets(st.sampled_from(range(len(of.seen)))))
    restarted = draw(st.booleans())
    live = [event for n, event in enumerate(of.seen) if n not in lost]
    if not lost and not restarted:
        live.append(replace(of.seen[-1], kind=EventKind.WATCHED_WHOLE))
    live_words = [(Witness.ARI, (event,)) for event in live]
    log_words = [(Witness.CEL, of.logged[:n]) for n in draw(st.lists(st.integers(1, len(of.logged)), max_size=3))]
    other = draw(
        st.lists(st.sampled_from([(Witness.CEL, (of.given_up,)), (Witness.CDR, of.detailed)]), max_size=2)
    )
    said = live_words + log_words + other
    said += draw(st.lists(st.sampled_from(said), max_size=4)) if said else []
    said = list(draw(st.permutations(said)))
    last = draw(st.sampled_from([(Witness.CEL, of.logged), (Witness.CDR, of.detailed)]))
    said.insert(draw(st.integers(0, len(said))), last)
    return [Word(witness, events, draw(st.integers(0, 3))) for witness, events in said]


@dataclass
class Sides:
    """An office's node and headquarters."""

    node: Database
    hq: Database

    def note(self, call_id: uuid.UUID, word: Word) -> None:
        with self.node.transaction() as session:
            offered = Offered(call_id, "3101-1", f"c.{call_id}", START, "138")
            call = calls.note_call(session, offered, LINE, word.witness, ())[0]
            calls.note_events(session, call, LINE, word.witness, word.events)

    def facts(self, call_id: uuid.UUID) -> list[OutboxEntry]:
        with self.node.reading() as session:
            latest = session.scalars(select(OutboxEntry).order_by(OutboxEntry.n.desc()).limit(100))
            return [entry for entry in reversed(latest.all()) if entry.body["id"] == str(call_id)]

    def take(self, entries: list[OutboxEntry]) -> None:
        for entry in entries:
            with self.hq.transaction() as session:
                apply_call(session, "3101", entry.body, Receipt(entry.at))


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    folder: Path = tmp_path_factory.mktemp("sides")
    both = Sides(Database(f"sqlite:///{folder}/node.db"), Database(f"sqlite:///{folder}/hq.db"))
    for database in (both.node, both.hq):
        Base.metadata.create_all(database.engine)
        with database.transaction() as session:
            session.add(Office(code="3101", name="第一税务所"))
            session.flush()
            facts = {"number": "1", "name": "一线", "rings_before_us": 0, "ring_s": 5.0, "announcement": True}
            session.add(Line(key="3101-1", office_code="3101", **facts))
    with both.node.transaction() as session:
        open_outbox(session, "3101")
    yield both
    both.node.close()
    both.hq.close()


def record(database: Database, call_id: uuid.UUID) -> tuple[object, ...]:
    """A call's record with its segments and with all events, as sent."""
    with database.reading() as session:
        call = session.get_one(Call, call_id)
        segments = [(one.kind, one.desk, one.started_at, one.ended_at) for one in call.segments]
        rows = session.scalars(select(CallEvent).where(CallEvent.call_id == call_id))
        events = {(row.witness, row.kind, row.at, row.channel, row.party, row.sequence) for row in rows}
        return (call.witness, segments, events, *(getattr(call, name) for name in _OF_CALL))


def expected(of: Tale, said: list[Word]) -> tuple[Witness, Record]:
    """By the best of those who saw the end."""
    spoken: dict[Witness, set[Event]] = {}
    for word in said:
        spoken.setdefault(word.witness, set()).update(word.events)
    if any(event.kind is EventKind.WATCHED_WHOLE for event in spoken.get(Witness.ARI, ())):
        return Witness.ARI, build_record(of.seen, LINE.rules)
    if set(of.logged) <= spoken.get(Witness.CEL, set()):
        return Witness.CEL, build_record(of.logged, LINE.rules)
    return Witness.CDR, build_record(of.detailed, LINE.rules)


@pytest.mark.thorough
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=90)
@given(tale_and_words=st.sampled_from(TALES).flatmap(lambda of: st.tuples(st.just(of), words(of))))
def test_the_record_converges_to_the_same_at_office_and_headquarters(
    sides: Sides, tale_and_words: tuple[Tale, list[Word]]
) -> None:
    of, said = tale_and_words
    call_id = uuid.uuid4()

    at = 0
    for word in said:
        sides.note(call_id, word)
        ready = sides.facts(call_id)[at : at + word.to_hq]
        sides.take(ready)
        at += len(ready)

    sides.take(sides.facts(call_id)[at:])
    here = record(sides.node, call_id)
    assert record(sides.hq, call_id) == here
    witness, right = expected(of, said)
    assert here[0] is witness
    assert here[3:] == tuple(getattr(right, name) for name in _OF_CALL)
    assert here[1] == [(one.kind, one.desk, one.started_at, one.ended_at) for one in right.segments]


def test_a_record_that_changes_without_a_new_event_is_reported(sides: Sides) -> None:
    """A line's ring was described anew: what the store has of a call is reported as it is written down."""
    call_id = uuid.uuid4()
    sides.note(call_id, Word(Witness.CEL, PLAIN.logged))
    with sides.node.transaction() as session:
        call = session.get_one(Call, call_id)
        calls.note_events(session, call, replace(LINE, rules=LineRules(ring_s=2.0)), Witness.CEL, [])
    sides.take(sides.facts(call_id))
    assert record(sides.hq, call_id) == record(sides.node, call_id)
    with sides.hq.reading() as session:
        assert session.get_one(Call, call_id).rings == 4


def test_what_is_reported_twice_is_no_news(sides: Sides) -> None:
    call_id = uuid.uuid4()
    for _ in range(3):
        sides.note(call_id, Word(Witness.CEL, PLAIN.logged))
    assert len(sides.facts(call_id)) == 2, "the beginning, and the rest"


def moment(seconds: float) -> datetime:
    return events_of(f"cel {seconds} offered")[Witness.CEL][0].at


def test_a_caller_id_that_the_first_witness_lacked_is_filled_in_and_reported(sides: Sides) -> None:
    call_id = uuid.uuid4()
    for number, name in (("", ""), ("13812341234", "某人"), ("", "")):
        with sides.node.transaction() as session:
            offered = Offered(call_id, "3101-1", "c.1", moment(0), number, name)
            calls.note_call(session, offered, LINE, Witness.CDR, ())
    sides.take(sides.facts(call_id))
    with sides.hq.reading() as session:
        call = session.get_one(Call, call_id)
    assert (call.caller_number, call.caller_name) == ("13812341234", "某人")
