"""Listening to a call in progress is written down before the first byte, and no more than left counts as heard."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.context import Context
from supervision.database import Database
from supervision.errors import NotFound, Refused
from supervision.listening.models import Listening
from supervision.listening.queries import get_heard, growing_recording
from supervision.listening.service import (
    continue_listening,
    continue_live_listening,
    finish_silent,
    note_live_served,
    open_listening,
    open_live_listening,
    report_heard,
)
from supervision.parts.spool import OfficeSpool
from supervision.paths import PartName, Paths
from supervision.recordings.models import Part, Recording, RecordingState
from tests.calls.samples import NOON, Town, make_town, seconds
from tests.recordings.sounds import seal

GOING_ON: dict[str, Any] = {"ended_at": None, "disposition": None, "hung_up_by": None}


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        town = make_town(session)
        town.person("leader2", "东所长", town.people["leader"].role, "02")
        yield town


@pytest.fixture
def call(town: Town) -> Call:
    return town.call(**GOING_ON)


def begins(town: Town, call: Call, login: str = "leader") -> Listening:
    return open_live_listening(Context(town.session, town.actor(login), town.scope(login), NOON), call.id)


def served(town: Town, listening: Listening, seconds_of_it: float, after_s: float = 1) -> None:
    at, size = NOON + seconds(after_s), round(seconds_of_it * 32_000)
    note_live_served(town.session, town.actor("leader"), listening.id, size, at)


def heard(town: Town, listening: Listening, after_s: float, *stretches: tuple[float, float], **more: Any) -> float:
    at = NOON + seconds(after_s)
    return report_heard(
        Context(town.session, town.actor("leader"), town.scope("leader"), at), listening.id, stretches, **more
    )


def written(town: Town) -> list[tuple[str, dict[str, Any]]]:
    entries = town.session.scalars(select(AuditEntry).order_by(AuditEntry.n))
    return [(entry.act, entry.detail) for entry in entries]


def test_beginning_is_written_down_at_once_and_marked_as_live(town: Town, call: Call) -> None:
    listening = begins(town, call)
    assert listening.live
    assert written(town) == [("live_listening_started", {"listening": str(listening.id)})]


def test_a_call_outside_ones_scope_cannot_be_heard(town: Town, call: Call) -> None:
    listening = begins(town, call)
    for act in (
        lambda: begins(town, call, "leader2"),
        lambda: continue_live_listening(
            Context(town.session, town.actor("leader2"), town.scope("leader2")), call.id, listening.id
        ),
        lambda: growing_recording(town.session, town.scope("leader2"), OfficeSpool(Paths(Path("x"))), call.id),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_call_that_is_over_is_not_heard_live(town: Town) -> None:
    with pytest.raises(Refused, match="call_over"):
        begins(town, town.call())


def test_the_seconds_are_those_that_left_and_each_counts_once(town: Town, call: Call) -> None:
    listening = begins(town, call)
    served(town, listening, 8)
    assert heard(town, listening, 4, (30.0, 34.0)) == 4
    assert heard(town, listening, 8, (30.0, 38.0)) == 8
    served(town, listening, 1)  # a cut: the last second leaves once more
    assert heard(town, listening, 12, (30.0, 40.0)) == 9, "more than left is not heard"
    heard(town, listening, 16, (30.0, 40.0), ended=True)
    act, detail = written(town)[-1]
    assert (act, detail["seconds"], detail["stretches"]) == ("live_listening_ended", 9, [[30, 39]])


def test_nobody_hears_a_live_call_faster_than_twice_the_clock(town: Town, call: Call) -> None:
    listening = begins(town, call)
    served(town, listening, 60)
    assert heard(town, listening, 3, (0.0, 60.0)) == 6


def test_nothing_leaves_for_a_listening_that_has_ended(town: Town, call: Call) -> None:
    listening = begins(town, call)
    heard(town, listening, 3, ended=True)
    with pytest.raises(Refused, match="listening_over"):
        served(town, listening, 1)
    with pytest.raises(Refused, match="listening_over"):
        continue_live_listening(
            Context(town.session, town.actor("leader"), town.scope("leader")), call.id, listening.id
        )


@pytest.mark.parametrize("whose", ["of another person", "of another call", "of a sealed recording", "of nobody"])
def test_only_ones_own_live_listening_of_this_call_goes_on(
    town: Town, call: Call, whose: str, tmp_path: Path
) -> None:
    over = town.call()
    seal(town.session, Paths(tmp_path), over, 2)
    listening_id = {
        "of another person": lambda: begins(town, call, "supervisor").id,
        "of another call": lambda: begins(town, town.call(**GOING_ON)).id,
        "of a sealed recording": lambda: (
            open_listening(Context(town.session, town.actor("leader"), town.scope("leader")), over.id).id
        ),
        "of nobody": uuid.uuid4,
    }[whose]()
    with pytest.raises(NotFound):
        continue_live_listening(
            Context(town.session, town.actor("leader"), town.scope("leader")), call.id, listening_id
        )


def test_a_live_listening_opens_no_sealed_recording(town: Town, call: Call, tmp_path: Path) -> None:
    listening = begins(town, call)
    call.ended_at = NOON + seconds(60)
    seal(town.session, Paths(tmp_path), call, 2)
    actor, scope = town.actor("leader"), town.scope("leader")
    with pytest.raises(NotFound):
        continue_listening(Context(town.session, actor, scope), call.id, listening.id, from_start=True)
    _, other = continue_listening(Context(town.session, actor, scope), call.id, None, from_start=False)
    assert other != listening.id


def test_a_listener_whose_browser_died_is_ended_by_the_worker(town: Town, call: Call) -> None:
    listening = begins(town, call)
    served(town, listening, 5, after_s=60)
    assert finish_silent(town.session, NOON + seconds(15 * 60 + 59)) == 0
    assert finish_silent(town.session, NOON + seconds(15 * 60 + 61)) == 1
    assert written(town)[-1][0] == "live_listening_ended"


def test_who_listened_live_is_shown_with_the_call(town: Town, call: Call) -> None:
    begins(town, call)
    ((listening, name),) = get_heard(town.session, town.scope("supervisor"), call.id)
    assert (listening.live, name) == (True, "陈所长")


def test_what_grows_is_found_on_disk_whether_or_not_the_record_knows_of_it(
    town: Town, call: Call, tmp_path: Path
) -> None:
    paths = Paths(tmp_path)
    paths.spool.mkdir()
    scope, store = town.scope("leader"), OfficeSpool(paths)
    assert growing_recording(town.session, scope, store, call.id).parts == []
    paths.part(PartName(call.id, "a", 1)).write_bytes(bytes(64_000))
    town.session.add(Recording(call_id=call.id))
    town.session.flush()
    for n, begun_s in ((2, 9), (1, 0)):
        town.session.add(Part(name=f"{call.id}.a{n}.raw", call_id=call.id, started_at=NOON + seconds(begun_s)))
    town.session.flush()
    found = growing_recording(town.session, scope, store, call.id)
    assert [(part.name[-6:], part.held, part.begins_s) for part in found.parts] == [
        ("a1.raw", 64_000, 0.0),
        ("a2.raw", 0, 9.0),
    ]
    assert (found.office_code, found.closed) == ("01", False)


@pytest.mark.parametrize(
    ("ended", "facts", "closed"),
    [
        (False, {}, False),
        (True, None, True),
        (True, {}, False),
        (True, {"closed_at": NOON}, True),
        (True, {"state": RecordingState.READY}, True),
        (False, {"closed_at": NOON}, False),
    ],
)
def test_no_part_follows_once_the_call_is_over_and_its_recording_closed(
    town: Town, call: Call, ended: bool, facts: dict[str, Any] | None, closed: bool
) -> None:
    call.ended_at = NOON + seconds(60) if ended else None
    if facts is not None:
        town.session.add(Recording(call_id=call.id, **facts))
    town.session.flush()
    found = growing_recording(town.session, town.scope("leader"), OfficeSpool(Paths(Path("x"))), call.id)
    assert found.closed is closed
