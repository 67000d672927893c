"""The reconciler at headquarters and on a node: whatever is done to a machine's calls, the next run names it."""

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from supervision.actor import Actor, Role, Scope
from supervision.calls.models import Call, SwitchRecordRow
from supervision.context import Context
from supervision.database import Database
from supervision.exchange.models import Inbox, OutboxEntry, OutboxHead
from supervision.exchange.rules import Gap
from supervision.exchange.service import next_batch, open_outbox
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import acknowledge, heal_incident, open_incident
from supervision.ingest.messages import SentBatch, parse_batch
from supervision.ingest.service import note_gap, receive_batch
from supervision.reconcile.rules import Disagreement, Witnesses, compare
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.settings import Mode
from tests.calls.samples import actor_of
from tests.factories import make_account
from tests.reconcile.world import AT, EPOCH, World, seconds

Deed = Callable[[World, uuid.UUID], None]


@pytest.fixture(params=list(Mode))
def world(request: pytest.FixtureRequest, store: Database, tmp_path: Path) -> World:
    """Headquarters, and a node; on SQLite and on PostgreSQL."""
    return World(store, tmp_path / "home", request.param)


@pytest.fixture
def hq(store: Database, tmp_path: Path) -> World:
    return World(store, tmp_path / "home")


def change(world: World, table: type, call_id: uuid.UUID, **facts: object) -> None:
    key = Call.id if table is Call else table.call_id  # type: ignore[attr-defined]
    with world.database.transaction() as session:
        session.execute(update(table).where(key == call_id).values(**facts))


def delete_file(world: World, call_id: uuid.UUID) -> None:
    world.sealed(call_id).unlink()


def delete_part(world: World, call_id: uuid.UUID) -> None:
    world.part(call_id).unlink()


def truncate_file(world: World, call_id: uuid.UUID) -> None:
    os.truncate(world.sealed(call_id), 2)


def truncate_part(world: World, call_id: uuid.UUID) -> None:
    os.truncate(world.part(call_id), 1000)


def remove_record(world: World, call_id: uuid.UUID) -> None:
    with world.database.transaction() as session:
        session.execute(delete(OfficeCopy).where(OfficeCopy.call_id == call_id))
        session.execute(delete(Part).where(Part.call_id == call_id))
        session.execute(delete(Recording).where(Recording.call_id == call_id))
        session.execute(delete(Call).where(Call.id == call_id))


def remove_record_and_account(world: World, call_id: uuid.UUID) -> None:
    remove_record(world, call_id)
    with world.database.transaction() as session:
        session.execute(delete(SwitchRecordRow).where(SwitchRecordRow.call_id == call_id))
    long_ago = (AT - timedelta(hours=1)).timestamp()
    os.utime(world.part(call_id), (long_ago, long_ago))


def remove_account(world: World, call_id: uuid.UUID) -> None:
    with world.database.transaction() as session:
        session.execute(delete(SwitchRecordRow).where(SwitchRecordRow.call_id == call_id))


def never_record(world: World, call_id: uuid.UUID) -> None:
    world.part(call_id).unlink()
    world.sealed(call_id).unlink()
    with world.database.transaction() as session:
        session.execute(delete(Part).where(Part.call_id == call_id))
    nothing = {"state": RecordingState.EMPTY, "pcm_sha256": None, "duration_ms": 0}
    change(world, OfficeCopy, call_id, **nothing)
    change(world, Recording, call_id, **nothing, flac_bytes=None)
    change(world, SwitchRecordRow, call_id, mixmonitor_started=False)


def mute(world: World, call_id: uuid.UUID) -> None:
    change(world, Recording, call_id, dead_air_ms=12_000)


def silence(world: World, call_id: uuid.UUID) -> None:
    change(world, Recording, call_id, caller_loudness_db=None, officer_loudness_db=None)


def cut_out(world: World, call_id: uuid.UUID) -> None:
    change(world, Recording, call_id, duration_ms=30_000)
    change(world, OfficeCopy, call_id, duration_ms=30_000)


def move_times(world: World, call_id: uuid.UUID) -> None:
    with world.database.reading() as session:
        offered_at = session.get_one(Call, call_id).offered_at
    change(world, Call, call_id, offered_at=offered_at - seconds(20))


def a_day_off(world: World, call_id: uuid.UUID) -> None:
    """The clock by which Asterisk wrote its log was a day slow."""
    with world.database.transaction() as session:
        account = session.get_one(SwitchRecordRow, call_id)
        for moment in ("offered_at", "line_answered_at", "ended_at"):
            setattr(account, moment, getattr(account, moment) - timedelta(days=1))


INJECTED: list[tuple[Deed, Cause, str]] = [
    (delete_file, Cause.FILE_MISSING, "{}.flac"),
    (delete_part, Cause.FILE_MISSING, "{}.a1.raw"),
    (truncate_file, Cause.FILE_SIZE_DIFFERS, "{}.flac"),
    (truncate_part, Cause.FILE_SIZE_DIFFERS, "{}.a1.raw"),
    (remove_record, Cause.RECORD_MISSING, "{}"),
    (remove_record_and_account, Cause.RECORD_MISSING, "{}"),
    (remove_account, Cause.SWITCH_RECORD_MISSING, "{}"),
    (never_record, Cause.NEVER_RECORDED, "{}"),
    (mute, Cause.RECORDING_MUTED, "{}"),
    (silence, Cause.RECORDING_MUTED, "{}"),
    (cut_out, Cause.RECORDING_MUTED, "{}"),
    (a_day_off, Cause.TIMES_DIFFER, "{}"),
]


def test_where_everything_agrees_nothing_is_said(world: World) -> None:
    world.calls(20)
    assert world.run().disagreements == 0, world.details()
    assert world.open() == []


@pytest.mark.parametrize(("deed", "cause", "subject"), INJECTED, ids=lambda one: getattr(one, "__name__", None))
def test_what_is_done_to_a_call_is_named_in_the_next_run(
    world: World, deed: Deed, cause: Cause, subject: str
) -> None:
    _, hit, _ = world.calls(3)
    world.run()
    deed(world, hit)
    outcome = world.run(AT + seconds(60))
    assert world.open() == [(cause.value, subject.format(hit))]
    assert (outcome.disagreements, outcome.opened) == (1, 1)


@pytest.mark.parametrize("deed", [delete_file, delete_part, truncate_file, truncate_part, remove_record])
def test_the_same_is_named_for_a_call_of_last_year(world: World, deed: Deed) -> None:
    _, hit, _ = world.calls(3, age=timedelta(days=300))
    deed(world, hit)
    world.run()
    ((_, subject),) = world.open()
    assert str(hit) in subject


def test_a_comparison_that_breaks_is_named_and_says_of_nothing_that_it_is_over(
    hq: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, hit, _ = hq.calls(3)
    delete_file(hq, hit)
    hq.run()
    missing, aside = (Cause.FILE_MISSING.value, f"{hit}.flac"), (Cause.WORK_SET_ASIDE.value, f"compare: {hit}")
    assert hq.open() == [missing]

    def breaks(said: Iterable[Witnesses], at: datetime) -> list[Disagreement]:
        calls = list(said)
        if any(one.call_id == hit for one in calls):
            raise ZeroDivisionError
        return compare(calls, at)

    with monkeypatch.context() as patched:
        patched.setattr("supervision.reconcile.service.compare", breaks)
        hq.run(AT + seconds(60))
    assert sorted(hq.open()) == sorted([missing, aside])
    hq.run(AT + seconds(120))
    assert hq.open() == [missing], "it was compared"


def test_a_call_of_last_year_whose_times_were_changed_is_named_when_its_day_comes_round(world: World) -> None:
    _, hit, _ = world.calls(3, age=timedelta(days=9))
    move_times(world, hit)
    days = [world.run(AT + seconds(60) * minute).disagreements for minute in range(10)]
    assert sum(days) >= 1
    assert world.open() == [(Cause.TIMES_DIFFER.value, str(hit))]


def test_a_file_that_is_back_heals_its_incident(world: World) -> None:
    hit = world.calls(1)[0]
    file = world.sealed(hit)
    kept = file.read_bytes()
    file.unlink()
    world.run()
    file.write_bytes(kept)
    assert world.run(AT + seconds(60)).healed == 1
    assert world.open() == []


def test_what_lasts_is_one_incident_seen_first_and_last(world: World) -> None:
    delete_file(world, world.calls(1)[0])
    for minute in range(25):
        world.run(AT + seconds(60) * minute)
    with world.database.reading() as session:
        (incident,) = session.scalars(select(Incident))
    assert (incident.first_seen_at, incident.last_seen_at, incident.times) == (AT, AT + seconds(1200), 3)


def test_a_person_who_has_settled_one_does_not_get_it_again(world: World) -> None:
    mute(world, world.calls(1)[0])
    world.run()
    with world.database.transaction() as session:
        account = make_account(session, Role.SUPERVISOR)
        incident = session.scalars(select(Incident)).one()
        actor: Actor = actor_of(account)
        acknowledge(Context(session, actor, Scope()), incident.id, note="试音", version=incident.version)
    world.run(AT + seconds(3600))
    assert world.open() == []


def test_a_copy_that_the_office_has_otherwise_is_named_at_headquarters(hq: World) -> None:
    other, none = hq.calls(2)
    change(hq, OfficeCopy, other, pcm_sha256="f" * 64)
    with hq.database.transaction() as session:
        session.execute(delete(OfficeCopy).where(OfficeCopy.call_id == none))
    hq.run()
    named = [(Cause.COPIES_DIFFER.value, str(other)), (Cause.OFFICE_COPY_MISSING.value, str(none))]
    assert hq.open() == sorted(named)


def test_a_part_that_does_not_come_is_named_after_an_hour(hq: World) -> None:
    hit = hq.calls(1)[0]
    change(hq, Part, hit, received_at=None)
    change(hq, Recording, hit, state=RecordingState.GROWING, sealed_at=None, flac_bytes=None)
    hq.part(hit).unlink()
    hq.run()
    assert hq.open() == [(Cause.NOT_RECEIVED.value, str(hit))]


def test_numbers_that_are_skipped_are_named_until_they_come(hq: World) -> None:
    fact = {"n": 9, "kind": "call", "at": AT.isoformat(), "body": {}}
    batch = parse_batch(json.dumps({"epoch": str(EPOCH), "facts": [fact]}).encode())
    with hq.database.transaction() as session:
        note_gap(session, "31", batch, AT)
    hq.run()
    assert hq.open() == [(Cause.SEQUENCE_SKIPPED.value, f"inbox:{EPOCH}")]
    with hq.database.transaction() as session:
        session.execute(update(Inbox).values(gap_n=None))
    hq.run(AT + seconds(60))
    assert hq.open() == []


def test_a_number_that_was_set_by_hand_is_named(hq: World) -> None:
    with hq.database.transaction() as session:
        session.execute(update(Inbox).values(n=9))
    hq.run()
    assert hq.open() == [(Cause.SEQUENCE_SKIPPED.value, f"inbox:{EPOCH}")]


@pytest.fixture
def node(migrated_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    """An office's node that has six facts to tell."""
    shutil.copy(migrated_sqlite, tmp_path / "node.db")
    database = Database(f"sqlite:///{tmp_path / 'node.db'}")
    world = World(database, tmp_path / "node", Mode.OFFICE)
    with database.transaction() as session:
        open_outbox(session, "31")
        for wire in ("ari", "ami", "ari"):
            about: dict[str, Any] = {"office_code": "31", "cause": Cause.CONTROL_LOST, "subject": wire, "at": AT}
            open_incident(session, **about)
            heal_incident(session, **about)
    yield world
    database.close()


def batch_of(node: World, sent_at: datetime) -> SentBatch:
    """What the node sends next, as it comes in at headquarters."""
    with node.database.reading() as session:
        batch = next_batch(session, "31", 100)
    assert batch is not None
    facts = [{"n": one.n, "kind": one.kind, "at": one.at.isoformat(), "body": one.body} for one in batch.facts]
    body = {"epoch": str(batch.epoch), "sent_at": sent_at.isoformat(), "facts": facts}
    return parse_batch(json.dumps(body).encode())


def lose_fact(node: World, n: int) -> None:
    with node.database.transaction() as session:
        assert session.execute(delete(OutboxEntry).where(OutboxEntry.n == n)).rowcount == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("lost", [1, 3])
def test_a_number_that_is_skipped_at_the_office_is_named_at_both_sides(node: World, hq: World, lost: int) -> None:
    node.run()
    assert node.open() == []
    lose_fact(node, lost)
    with node.database.reading() as session:
        subject = f"outbox:{session.scalars(select(OutboxHead.epoch)).one()}"
    batch = batch_of(node, AT)
    with pytest.raises(Gap), hq.database.transaction() as session:
        receive_batch(session, "31", batch, AT)
    with hq.database.transaction() as session:
        note_gap(session, "31", batch, AT)
    node.run()
    hq.run()
    assert node.open() == [(Cause.SEQUENCE_SKIPPED.value, subject)]
    assert hq.open() == [(Cause.SEQUENCE_SKIPPED.value, f"inbox:{batch.epoch}")]


def test_the_last_number_lost_at_the_office_is_named_there_though_headquarters_sees_no_gap(node: World) -> None:
    lose_fact(node, 6)
    node.run()
    ((cause, _),) = node.open()
    assert cause == Cause.SEQUENCE_SKIPPED.value


@pytest.mark.parametrize("days", [1, -1])
@pytest.mark.parametrize("side", ["office", "headquarters"])
def test_a_clock_that_is_off_by_a_day_at_either_side_is_named(
    node: World, hq: World, side: str, days: int
) -> None:
    off = timedelta(days=days)
    sent_at, heard_at = (AT + off, AT) if side == "office" else (AT, AT + off)
    with hq.database.transaction() as session:
        session.execute(delete(Inbox))
        receive_batch(session, "31", batch_of(node, sent_at), heard_at)
    hq.run(heard_at, heard=False)
    assert hq.open() == [(Cause.CLOCK_OFF.value, "office:31")]
    with hq.database.transaction() as session:
        receive_batch(session, "31", batch_of(node, AT), AT)
    hq.run(AT, heard=False)
    assert hq.open() == [], "the clock was put right"


def test_an_office_that_falls_silent_is_named_and_its_calls_are_waited_for(hq: World) -> None:
    hit = hq.calls(1)[0]
    remove_account(hq, hit)
    hq.calls(1, age=timedelta(hours=5))
    hq.run(AT + seconds(1200), heard=False)
    assert hq.open() == [(Cause.OFFICE_SILENT.value, "office:31")]


def test_a_deletion_by_two_people_is_no_disagreement(world: World) -> None:
    hit = world.calls(1)[0]
    world.sealed(hit).unlink()
    world.part(hit).unlink()
    change(world, Recording, hit, state=RecordingState.DELETED)
    change(world, Part, hit, put_away_at=AT)
    assert world.run().disagreements == 0, world.details()


@pytest.mark.thorough
def test_of_ten_thousand_calls_about_which_all_agree_it_says_nothing(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    world = World(database, tmp_path / "home")
    ids = world.calls(10_000)
    with database.transaction() as session:
        session.execute(update(Part).values(put_away_at=AT))
    # Two days of calls without a break, and some that came in just now and are not here in full.
    fresh = {**world._call(uuid.uuid4(), AT - seconds(50)), "ended_at": None, "disposition": None}
    with database.transaction() as session:
        session.execute(insert(Call), [fresh])
    outcome = world.run()
    database.close()
    assert (outcome.calls, outcome.disagreements) == (len(ids) + 1 - _older(ids), 0)


def _older(ids: list[uuid.UUID]) -> int:
    """How many of the calls, one a minute, are long over and look as they should: they are not looked at."""
    recent = (timedelta(days=3) - timedelta(hours=2)) // timedelta(minutes=1) + 1
    return max(0, len(ids) - recent) - _of_the_day(ids)


def _of_the_day(ids: list[uuid.UUID]) -> int:
    oldest: datetime = AT - timedelta(hours=2) - seconds(60) * (len(ids) - 1)
    days = (AT - timedelta(days=3) - oldest) // timedelta(days=1) + 1
    day = oldest + timedelta(days=1) * (int(AT.timestamp() // 60) % days)
    over = AT - timedelta(days=3)
    return max(0, (min(day + timedelta(days=1), over) - day) // timedelta(minutes=1))
