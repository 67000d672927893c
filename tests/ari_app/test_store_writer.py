"""The writer: facts of one call that come at the same moment from several hands are all written, once."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import TimeoutError
from sqlalchemy.orm import Session

from ari_app.store_writer import CallFacts, StoreWriter
from supervision.calls.models import Call, CallEvent
from supervision.calls.rules import Disposition, Event, EventKind, LineRules, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, Ends
from supervision.offices.models import Line, Office
from supervision.recordings.models import Recording, RecordingState

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def writer_on(store: Database, line: str = "07-1") -> StoreWriter:
    with store.transaction() as session:
        session.add(Office(code="07", name="第七税务所"))
        session.flush()
        number = {"number": "88880001", "name": "一线", "rings_before_us": 0, "ring_s": 5.0, "announcement": True}
        session.add(Line(key=line, office_code="07", **number))
    return StoreWriter(store, "07", {line: LineOfOffice("07", 0, LineRules())})


def offered(line: str = "07-1") -> Offered:
    return Offered(uuid.uuid4(), line, "u.1", START)


def test_what_several_tell_of_a_new_call_at_once_is_all_written(store: Database) -> None:
    writer, call = writer_on(store), offered()
    kinds = [EventKind.DESK_RANG, EventKind.DESK_ANSWERED, EventKind.DESK_LEFT]
    kinds += [EventKind.ENDED, EventKind.WATCHED_WHOLE]
    facts = [
        CallFacts(call, (Event(kind, START + timedelta(seconds=n), "c", "801"),)) for n, kind in enumerate(kinds)
    ]

    async def tell() -> None:
        await asyncio.gather(*(writer.note([fact]) for fact in facts), *(writer.note([fact]) for fact in facts))

    asyncio.run(tell())
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(CallEvent)) == len(kinds) + 1
        assert session.get_one(Call, call.call_id).disposition is Disposition.ANSWERED
        assert session.scalars(select(Incident)).all() == []


def test_how_long_a_caller_waited_is_counted_again_once_more_is_known_than_as_it_was_sealed(
    store: Database,
) -> None:
    writer, call = writer_on(store), offered()

    def at(kind: EventKind, second: int, channel: str = "c") -> Event:
        return Event(kind, START + timedelta(seconds=second), channel, "801")

    first = [at(EventKind.LINE_ANSWERED, 0), at(EventKind.DESK_RANG, 3), at(EventKind.DESK_ANSWERED, 4)]
    asyncio.run(writer.note([CallFacts(call, (*first, at(EventKind.ENDED, 9)))], Witness.CEL))
    with store.transaction() as session:
        recording = session.get_one(Recording, call.call_id)
        recording.state, recording.waited_ms = RecordingState.READY, 3000
    late = at(EventKind.DESK_RANG, 1, "d"), at(EventKind.DESK_STOPPED, 2, "d")
    asyncio.run(writer.note([CallFacts(call, late)], Witness.CEL))
    with store.reading() as session:
        assert session.get_one(Recording, call.call_id).waited_ms == 2000


def test_a_call_on_a_line_that_no_file_named_is_an_incident_and_no_call(store: Database) -> None:
    writer, call = writer_on(store), offered("08-9")
    asyncio.run(writer.note([CallFacts(call)]))
    with store.reading() as session:
        (incident,) = session.scalars(select(Incident))
        assert (incident.cause, incident.detail) == (Cause.EVENT_REFUSED, {"line": "08-9"})
        assert session.get(Call, call.call_id) is None


def incidents(store: Database) -> list[tuple[Cause, int, bool]]:
    """Cause, how often it was seen, and whether it is over."""
    with store.reading() as session:
        return [(row.cause, row.times, row.healed_at is not None) for row in session.scalars(select(Incident))]


RANG_OUT = Event(EventKind.RANG_OUT, START + timedelta(seconds=50), "c", detail="TIMEOUT-tried")
ENDED = Event(EventKind.ENDED, START + timedelta(seconds=51), "c")
WHOLE = Event(EventKind.WATCHED_WHOLE, START + timedelta(seconds=51), "c")


def test_that_no_desk_was_reachable_is_said_once_and_when_the_call_is_over(store: Database) -> None:
    writer, call = writer_on(store), offered()
    asyncio.run(writer.note([CallFacts(call, (RANG_OUT,))]))
    assert incidents(store) == []
    asyncio.run(writer.note([CallFacts(call, (ENDED, WHOLE))]))
    asyncio.run(writer.note([CallFacts(call, (RANG_OUT, ENDED, WHOLE))]))
    assert incidents(store) == [(Cause.NO_DESK_REACHABLE, 1, False)]


def test_a_witness_who_saw_a_desk_ring_takes_it_back(store: Database) -> None:
    writer, call = writer_on(store), offered()
    asyncio.run(writer.note([CallFacts(call, (RANG_OUT, ENDED, WHOLE))]))
    rang = Event(EventKind.DESK_RANG, START + timedelta(seconds=1), "d", "801")
    asyncio.run(writer.note([CallFacts(call, (rang,))]))
    assert incidents(store) == [(Cause.NO_DESK_REACHABLE, 1, True)]


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.ends is Ends.AT_ONCE])
def test_what_is_over_as_it_is_reported_is_reported_once(store: Database, cause: Cause) -> None:
    writer = writer_on(store)
    for _ in range(3):
        asyncio.run(writer.incident(cause, "one call"))
    asyncio.run(writer.incident(cause, "another call"))
    assert incidents(store) == [(cause, 1, True)] * 2


def test_a_call_that_asterisk_left_without_a_word_ended_at_its_last_sign_of_life(store: Database) -> None:
    writer, call = writer_on(store), offered()
    answered = Event(EventKind.DESK_ANSWERED, START + timedelta(seconds=5), "c", "801")
    asyncio.run(writer.note([CallFacts(call, (answered,))]))
    asyncio.run(writer.interrupt(call.call_id, START + timedelta(seconds=30)))
    with store.reading() as session:
        row = session.get_one(Call, call.call_id)
        assert (row.interrupted, row.ended_at) == (True, START + timedelta(seconds=30))


def test_a_store_without_a_free_connection_is_away_and_asked_again(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, call, asked = writer_on(store), offered(), []
    real = store.transaction

    def transaction() -> AbstractContextManager[Session]:
        asked.append(1)
        if len(asked) == 1:
            raise TimeoutError("QueuePool limit reached")
        return real()

    monkeypatch.setattr(store, "transaction", transaction)
    asyncio.run(writer.note([CallFacts(call)]))
    with store.reading() as session:
        assert session.get(Call, call.call_id) is not None


def test_who_asks_first_writes_first_and_one_at_a_time(store: Database) -> None:
    writer = writer_on(store)
    order: list[int] = []
    under_way: list[int] = []

    def work(n: int) -> Callable[[Session], None]:
        def write(_: Session) -> None:
            assert not under_way, "one writer at a time"
            under_way.append(n)
            order.append(n)
            under_way.remove(n)

        return write

    async def write_all() -> None:
        await asyncio.gather(*(writer.write(work(n)) for n in range(40)))

    asyncio.run(write_all())
    assert order == list(range(40))
