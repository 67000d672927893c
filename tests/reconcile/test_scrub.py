"""The scrub: whatever is changed in the content of a recording's files is named, at either side, and only that."""

import os
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.calls.models import Call
from supervision.database import Database
from supervision.exchange.service import next_batch, open_outbox
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.reconcile import scrub
from supervision.reconcile.__main__ import main
from supervision.reconcile.scrub import verify
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.settings import Mode, Settings
from tests.calls.samples import Town
from tests.reconcile.world import AT, World, seconds
from tests.recordings.sounds import seal, tones

MONTH = timedelta(days=30)


@pytest.fixture(params=list(Mode))
def world(request: pytest.FixtureRequest, store: Database, tmp_path: Path) -> World:
    """Headquarters, and a node; on SQLite and on PostgreSQL."""
    return World(store, tmp_path / "home", request.param)


def sealed_calls(world: World, number: int = 1, sealed_at: timedelta = MONTH) -> list[uuid.UUID]:
    """So many real recordings of a second, sealed so long ago, with their raw parts; the first is due first."""
    ids = world.calls(number)
    with world.database.transaction() as session:
        for n, call_id in enumerate(ids):
            call, old = (
                session.get_one(Call, call_id),
                session.scalars(select(Part).where(Part.call_id == call_id)),
            )
            for part in old:
                session.delete(part)
            session.flush()
            due = AT - sealed_at + MONTH + seconds(n)
            seal(Town(session).session, world.site.paths, call, 1.0, verified_at=due - MONTH, scrub_due_at=due)
            part = session.scalars(select(Part).where(Part.call_id == call_id)).one()
            part.received_at = part.closed_at
            world.part(call_id).write_bytes(tones(1.0).tobytes())
    return ids


def settings_of(world: World, scrub_days: int = 30) -> Settings:
    return Settings(home=world.home, mode=world.mode, database_url=world.database.url, scrub_days=scrub_days)


def scrub_all(world: World, at: timedelta = timedelta(seconds=60)) -> int:
    done = 0
    while scrub.scrub_next(world.database, settings_of(world), lambda: AT + at):
        done += 1
    return done


def flip_byte(path: Path, where: int = -1) -> None:
    """Change one byte of a file and nothing else, not even its times."""
    before, data = path.stat(), bytearray(path.read_bytes())
    data[where] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_is_as_it_was_sealed_is_verified_and_due_again_in_a_month(world: World) -> None:
    ids = sealed_calls(world, 3)
    assert scrub_all(world) == 3
    assert world.open() == []
    with world.database.reading() as session:
        for call_id in ids:
            recording = session.get_one(Recording, call_id)
            assert recording.verified_at == AT + seconds(60)
            assert recording.scrub_due_at == AT + seconds(60) + MONTH
            assert recording.claimed_until is None
    assert scrub_all(world) == 0


def test_how_often_is_a_setting(world: World) -> None:
    (call_id,) = sealed_calls(world)
    assert scrub.scrub_next(world.database, settings_of(world, scrub_days=7), lambda: AT)
    with world.database.reading() as session:
        assert session.get_one(Recording, call_id).scrub_due_at == AT + timedelta(days=7)


Deed = Callable[[World, uuid.UUID], None]


def change_sound(world: World, call_id: uuid.UUID) -> None:
    flip_byte(world.sealed(call_id), -40)


def change_header(world: World, call_id: uuid.UUID) -> None:
    path = world.sealed(call_id)
    flip_byte(path, path.read_bytes().index(b"reference libFLAC"))


def break_file(world: World, call_id: uuid.UUID) -> None:
    world.sealed(call_id).write_bytes(b"\x00" * world.sealed(call_id).stat().st_size)


def change_part(world: World, call_id: uuid.UUID) -> None:
    flip_byte(world.part(call_id), 1234)


@pytest.mark.parametrize(
    ("deed", "subject"),
    [
        (change_sound, "{}.flac"),
        (change_header, "{}.flac"),
        (break_file, "{}.flac"),
        (change_part, "{}.a1.raw"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_one_changed_byte_is_named_with_its_call_and_nothing_else(world: World, deed: Deed, subject: str) -> None:
    _, hit, _ = sealed_calls(world, 3)
    deed(world, hit)
    scrub_all(world)
    assert world.open() == [(Cause.CONTENT_CHANGED.value, subject.format(hit))]
    with world.database.reading() as session:
        incident = session.scalars(select(Incident)).one()
        assert incident.call_id == hit
        assert incident.detail["where"]
        assert incident.detail["sealed_sha256"] != incident.detail["found_sha256"]
        recording = session.get_one(Recording, hit)
        verified = recording.verified_at == AT + seconds(60)
        assert verified is (deed is change_part), "what is sealed counts as verified only if it is"


def test_it_says_whether_the_sound_itself_is_another(world: World) -> None:
    sound, header, broken = sealed_calls(world, 3)
    change_header(world, header)
    break_file(world, broken)
    world.sealed(sound).write_bytes(world.sealed(header).read_bytes())
    with world.database.transaction() as session:
        session.get_one(Recording, sound).pcm_sha256 = "0" * 64
    scrub_all(world)
    with world.database.reading() as session:
        details = {row.call_id: row.detail for row in session.scalars(select(Incident))}
    found = {one: (details[one]["audio_changed"], details[one]["unreadable"]) for one in (sound, header, broken)}
    assert found == {sound: (True, False), header: (False, False), broken: (False, True)}


def test_a_file_that_was_put_back_heals_its_incident_at_the_next_look(world: World) -> None:
    (hit,) = sealed_calls(world)
    kept = world.sealed(hit).read_bytes()
    change_sound(world, hit)
    scrub_all(world)
    world.sealed(hit).write_bytes(kept)
    assert scrub_all(world) == 0, "what is wrong is looked at again in some hours, not at once"
    scrub_all(world, timedelta(days=1))
    assert world.open() == []


def test_a_node_tells_headquarters_of_it(store: Database, tmp_path: Path) -> None:
    node = World(store, tmp_path / "home", Mode.OFFICE)
    with store.transaction() as session:
        open_outbox(session, "31")
    (hit,) = sealed_calls(node)
    change_sound(node, hit)
    scrub_all(node)
    with store.reading() as session:
        batch = next_batch(session, "31", 10)
    assert batch is not None
    assert [(fact.kind, fact.body["cause"]) for fact in batch.facts] == [("incident", "content_changed")]


def test_a_file_that_is_gone_is_left_to_the_reconciler(world: World) -> None:
    (hit,) = sealed_calls(world)
    world.sealed(hit).unlink()
    scrub_all(world)
    assert world.open() == []
    world.run()
    assert (Cause.FILE_MISSING.value, f"{hit}.flac") in world.open()


def test_a_file_that_the_disk_does_not_give_is_a_fault_of_the_disk_until_it_does(world: World) -> None:
    (hit,) = sealed_calls(world)
    kept = world.sealed(hit).read_bytes()
    world.sealed(hit).unlink()
    world.sealed(hit).mkdir()  # reading it fails, and not because it is gone
    scrub_all(world)
    assert world.open() == [(Cause.DISK_FAULT.value, f"{hit}.flac")]
    world.sealed(hit).rmdir()
    world.sealed(hit).write_bytes(kept)
    scrub_all(world, timedelta(days=1))
    assert world.open() == []


def test_no_two_workers_look_through_the_same(world: World) -> None:
    first, second = sealed_calls(world, 2)
    at = AT + seconds(60)
    with world.database.transaction() as session:
        taken = [scrub.claim(session, world.site, at, 600) for _ in range(3)]
    assert [one.call_id if one else None for one in taken] == [first, second, None]
    with world.database.transaction() as session:
        again = scrub.claim(session, world.site, at + seconds(601), 600)
    assert again is not None
    assert again.call_id == first, "the claim of a worker that died runs out"


def test_what_was_deleted_or_is_not_sealed_is_not_looked_through(world: World) -> None:
    ids = sealed_calls(world, 2)
    with world.database.transaction() as session:
        session.get_one(Recording, ids[0]).state = RecordingState.DELETED
        session.get_one(Recording, ids[1]).state = RecordingState.FAILED
    assert scrub_all(world) == 0


@pytest.mark.parametrize("taken_over", [False, True], ids=["deleted", "sealed anew"])
def test_what_another_took_over_meanwhile_is_his_to_write_down(world: World, taken_over: bool) -> None:
    (call_id,) = sealed_calls(world)
    change_sound(world, call_id)
    at, theirs = AT + seconds(60), AT + seconds(900)
    with world.database.transaction() as session:
        claimed = scrub.claim(session, world.site, at, 600)
        assert claimed is not None
        recording = session.get_one(Recording, call_id)
        due, verified = recording.scrub_due_at, recording.verified_at
        if taken_over:
            recording.claimed_until = theirs
        else:
            recording.state = RecordingState.DELETED
    found = list(verify(claimed.files, world.home))
    with world.database.transaction() as session:
        scrub.note(session, claimed, found, at, MONTH)
        recording = session.get_one(Recording, call_id)
        assert recording.claimed_until == (theirs if taken_over else claimed.claimed_until)
        assert (recording.scrub_due_at, recording.verified_at) == (due, verified)
    assert world.open() == []


def test_what_was_wrong_with_a_part_is_over_once_it_is_put_away(world: World) -> None:
    (call_id,) = sealed_calls(world)
    change_part(world, call_id)
    scrub_all(world)
    assert world.open() == [(Cause.CONTENT_CHANGED.value, f"{call_id}.a1.raw")]
    with world.database.transaction() as session:
        session.get_one(Part, f"{call_id}.a1.raw").put_away_at = AT
    scrub_all(world, timedelta(days=1))
    assert world.open() == []


def test_on_demand_one_call_or_the_bureaus_days_are_due_at_once(world: World) -> None:
    ids = sealed_calls(world, 3, sealed_at=timedelta(days=1))
    assert scrub_all(world) == 0
    with world.database.transaction() as session:
        assert scrub.make_due(session, AT, call_id=ids[1]) == 1
    assert scrub_all(world) == 1
    with world.database.transaction() as session:
        assert scrub.make_due(session, AT, days=(date(2026, 11, 25), date(2026, 11, 30))) == 0
        assert scrub.make_due(session, AT, days=(date(2026, 11, 24), date(2026, 11, 24))) == 3
    assert scrub_all(world) == 3


def test_the_command_names_what_was_changed(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (hit,) = sealed_calls(world, sealed_at=timedelta(days=1))
    given = {"HOME": str(world.home), "MODE": world.mode.value, "DATABASE_URL": world.database.url}
    for name, value in given.items():
        monkeypatch.setenv(f"SUPERVISION_{name}", value)
    assert main(["--scrub", "--call", str(hit)]) == 0
    change_sound(world, hit)
    assert main(["--scrub", "--from", "2026-11-24", "--to", "2026-11-24"]) == 1
    output = capsys.readouterr().out
    assert f"content_changed      {hit}.flac" in output
    assert "1 recordings made due, 1 looked through" in output
