"""From an office's outbox to headquarters' database: the same calls, recordings and incidents, each once."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from supervision.calls import service as calls
from supervision.calls.models import Call, CallEvent
from supervision.calls.rules import Disposition, Event, EventKind, LineRules, Party, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.clock import now
from supervision.database import Database
from supervision.errors import InvalidInput
from supervision.exchange.models import Inbox, RefusedFact
from supervision.exchange.queries import latest_position
from supervision.exchange.rules import Gap
from supervision.exchange.service import Batch, next_batch, note_received
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.ingest.messages import SentBatch, parse_batch
from supervision.ingest.service import receive_batch
from supervision.offices.description import parse_description
from supervision.offices.models import Desk, Line
from supervision.offices.service import load_office
from supervision.recordings import service as recordings
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.recordings.service import ClosedPart
from tests.store_fixtures import make_store

pytestmark = pytest.mark.usefixtures("unhurried")

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LINE = LineOfOffice("3101", 0, LineRules())
OFFICE = """
office: {code: "3101", name: 第一税务所}
lines:
  - {key: 3101-1, number: "62310001", name: 一号线, gateway: {account: fxo1}, desks: ["801"], leader: "900"}
desks: [{extension: "801", name: 一号台}, {extension: "900", name: 带班领导}]
"""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Database]:
    """An office's own database."""
    database = Database(make_store(tmp_path / "node.db"))
    with database.transaction() as session:
        load_office(session, parse_description(OFFICE))
    yield database
    database.close()


def batch_of(node: Database, most: int = 1000) -> Batch:
    with node.reading() as session:
        batch = next_batch(session, "3101", most)
        assert batch is not None
        return batch


def wire(batch: Batch, **changed: Any) -> bytes:
    """A batch as it goes over the wire."""
    facts = [
        {"n": fact.n, "kind": fact.kind, "at": fact.at.isoformat(), "body": fact.body} for fact in batch.facts
    ]
    return json.dumps({"epoch": str(batch.epoch), "facts": facts} | changed).encode()


def send(node: Database, hq: Database, most: int = 1000, office: str = "3101") -> int:
    batch = batch_of(node, most)
    with hq.transaction() as session:
        n = receive_batch(session, office, parse_batch(wire(batch)), now())
    with node.transaction() as session:
        note_received(session, "3101", batch.epoch, n)
    return n


def a_call(node: Database) -> uuid.UUID:
    """A call that was answered, recorded and is over, and an incident about it that healed."""
    call_id = uuid.uuid4()
    name = f"{call_id}.a1.raw"
    seen = [
        Event(EventKind.DESK_RANG, START + timedelta(seconds=1), "d.1", "801"),
        Event(EventKind.DESK_ANSWERED, START + timedelta(seconds=6), "d.1", "801"),
        Event(EventKind.HUNG_UP, START + timedelta(seconds=60), "c.1", party=Party.CALLER),
        Event(EventKind.ENDED, START + timedelta(seconds=60), "c.1"),
        Event(EventKind.WATCHED_WHOLE, START + timedelta(seconds=60), "c.1"),
    ]
    with node.transaction() as session:
        offered = Offered(call_id, "3101-1", "c.1", START, '"; rm -rf / ;', "某人")
        call = calls.note_call(session, offered, LINE, Witness.ARI, ())[0]
        recordings.begin_recording(session, call_id)
        recordings.note_part(session, call_id, name, START)
    for event in seen:
        with node.transaction() as session:
            call = session.get_one(Call, call_id)
            calls.note_events(session, call, LINE, Witness.ARI, [event])
    with node.transaction() as session:
        closed = ClosedPart(name, 1_920_000, "ab" * 32, START + timedelta(seconds=60))
        recordings.finish_recording(session, call_id, [closed], START + timedelta(seconds=60), interrupted=False)
        about: dict[str, Any] = {"office_code": "3101", "cause": Cause.NO_BYTES, "subject": str(call_id)}
        open_incident(session, **about, at=START, call_id=call_id)
        open_incident(session, **about, at=START + timedelta(seconds=1), call_id=call_id)
        heal_incident(session, **about, at=START + timedelta(seconds=9))
    return call_id


def picture(database: Database, model: type[Any], *leave_out: str) -> list[dict[str, Any]]:
    """All rows of a table but for some columns."""
    columns = [column for column in model.__table__.columns if column.name not in leave_out]
    with database.reading() as session:
        return sorted((dict(row._mapping) for row in session.execute(select(*columns))), key=str)


def test_headquarters_has_what_the_office_has(node: Database, store: Database) -> None:
    call_id = a_call(node)
    send(node, store)
    assert picture(store, Call, "end_known_at") == picture(node, Call, "end_known_at")
    assert picture(store, Line) == picture(node, Line)
    assert picture(store, Part) == picture(node, Part)
    assert picture(store, Desk, "id") == picture(node, Desk, "id")
    assert picture(store, CallEvent, "id") == picture(node, CallEvent, "id")
    assert picture(store, Incident, "received", "version") == picture(node, Incident, "received", "version")
    with store.reading() as session:
        assert session.get_one(Call, call_id).disposition is Disposition.ANSWERED
        recording = session.get_one(Recording, call_id)
        assert recording.closed_at == START + timedelta(seconds=60)
        assert recording.state is RecordingState.GROWING, "its bytes are not here yet"
        assert session.scalars(select(RefusedFact)).all() == []


@pytest.mark.parametrize("most", [1, 2, 5])
def test_facts_that_come_again_and_again_in_any_pieces_are_written_once(
    node: Database, store: Database, most: int
) -> None:
    a_call(node)
    whole = batch_of(node)
    while batch_of(node).facts:
        send(node, store, most)
        with store.transaction() as session:
            held = (latest_position(session, "3101") or (whole.epoch, 0))[1]
            receive_batch(session, "3101", parse_batch(wire(Batch(whole.epoch, whole.facts[:held]))), now())
    assert picture(store, CallEvent, "id") == picture(node, CallEvent, "id")
    with store.reading() as session:
        assert latest_position(session, "3101") == (whole.epoch, len(whole.facts))
        assert session.scalar(select(func.count()).select_from(Call)) == 1


def test_with_a_fact_left_out_nothing_is_taken_and_the_missing_one_is_named(
    node: Database, store: Database
) -> None:
    a_call(node)
    whole = batch_of(node)
    torn = Batch(whole.epoch, (*whole.facts[:1], *whole.facts[2:]))
    with pytest.raises(Gap) as gap, store.transaction() as session:
        receive_batch(session, "3101", parse_batch(wire(torn)), now())
    assert gap.value.wanted == 1
    with store.reading() as session:
        assert latest_position(session, "3101") is None
        assert session.scalars(select(Line)).all() == []


def test_a_fact_that_cannot_be_taken_is_kept_and_seen_and_holds_up_nothing(
    node: Database, store: Database
) -> None:
    a_call(node)
    batch = batch_of(node)
    facts = json.loads(wire(batch))["facts"]
    assert [fact["kind"] for fact in facts[:3]] == ["audit", "office", "call"]
    facts[2] = facts[2] | {"kind": "of the future", "body": {"new": True}}
    with store.transaction() as session:
        assert receive_batch(session, "3101", parse_batch(wire(batch, facts=facts)), now()) == len(facts)
    with store.reading() as session:
        refused = session.scalars(select(RefusedFact).where(RefusedFact.n == 3)).one()
        assert (refused.kind, refused.body) == ("of the future", {"new": True})
        assert refused.fact_at == datetime.fromisoformat(facts[2]["at"])
        assert "of the future" in refused.error
        incidents = session.scalars(select(Incident).where(Incident.received.is_(False))).all()
        assert {incident.cause for incident in incidents} == {Cause.EVENT_REFUSED}
        assert session.scalars(select(Call)).one().disposition is Disposition.ANSWERED


def test_the_first_word_after_a_silence_does_not_say_that_all_is_reported(node: Database, store: Database) -> None:
    """It may be the last of an epoch: of a node that was put back from a copy and does not know it yet."""
    batch = parse_batch(wire(batch_of(node), facts=[]))
    applied = []
    for minutes in (0, 1, 60, 61):
        with store.transaction() as session:
            receive_batch(session, "3101", batch, START + timedelta(minutes=minutes))
            applied.append(session.get_one(Inbox, ("3101", batch.epoch)).fact_at)
    assert applied == [START + timedelta(minutes=minutes) for minutes in (0, 1, 1, 61)]


def test_a_line_that_flickers_while_the_audio_of_a_silence_comes_in_begins_no_new_silence(
    node: Database, store: Database
) -> None:
    call_id, cut = a_call(node), START + timedelta(minutes=2)
    batch = batch_of(node)
    facts = [fact | {"at": START.isoformat()} for fact in json.loads(wire(batch))["facts"]]
    whole, none = parse_batch(wire(batch, facts=facts)), parse_batch(wire(batch, facts=[]))

    def away_at(applied: SentBatch, minutes: int) -> datetime | None:
        with store.transaction() as session:
            receive_batch(session, "3101", applied, cut + timedelta(minutes=minutes))
            return session.get_one(Inbox, ("3101", batch.epoch)).away_at

    assert [away_at(whole, 0), away_at(none, 120), away_at(none, 121)] == [None, cut, cut]
    assert away_at(none, 132) == cut, "its audio is still on its way"
    with store.transaction() as session:
        session.get_one(Part, f"{call_id}.a1.raw").received_at = cut + timedelta(minutes=133)
    assert [away_at(none, 133), away_at(none, 144)] == [cut, cut + timedelta(minutes=133)]


def test_no_office_can_tell_of_anothers_calls_lines_or_incidents(node: Database, store: Database) -> None:
    a_call(node)
    send(node, store)
    before = [picture(store, model) for model in (Call, Line, Part, CallEvent, Recording)]
    applied = wire(batch_of_all(node), epoch=str(uuid.uuid4()))
    with store.transaction() as session:
        receive_batch(session, "3102", parse_batch(applied), now())
    assert [picture(store, model) for model in (Call, Line, Part, CallEvent, Recording)] == before
    with store.reading() as session:
        refused = session.scalars(select(RefusedFact)).all()
        assert {row.office_code for row in refused} == {"3102"}
        others = [fact for fact in json.loads(applied)["facts"] if fact["kind"] != "audit"]
        assert len(refused) == len(others), "a log is whoever's tells it, under the teller's own name"


def batch_of_all(node: Database) -> Batch:
    """All facts, as if headquarters had none."""
    with node.transaction() as session:
        batch = next_batch(session, "3101", 1)
        assert batch is not None
        note_received(session, "3101", batch.epoch, 0)
    return batch_of(node)


def test_a_part_that_was_closed_cannot_be_sent_otherwise(node: Database, store: Database) -> None:
    a_call(node)
    send(node, store)
    body = next(
        fact.body for fact in batch_of_all(node).facts if fact.kind == "recording" and fact.body["closed_at"]
    )
    forged = dict(body) | {"parts": [body["parts"][0] | {"sha256": "cd" * 32}]}
    again = {"n": 1, "kind": "recording", "at": START.isoformat(), "body": forged}
    text = json.dumps({"epoch": str(uuid.uuid4()), "facts": [again]}).encode()
    with store.transaction() as session:
        receive_batch(session, "3101", parse_batch(text), now())
    with store.reading() as session:
        assert session.scalars(select(Part)).one().sha256 == "ab" * 32
        assert "another length or hash" in session.scalars(select(RefusedFact)).one().error


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b'{"epoch": 1, "facts": []}', b"\xff", b'{"epoch": "x", "facts": [{}]}'],
)
def test_what_is_no_batch_is_refused_with_a_reason(text: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_batch(text)
