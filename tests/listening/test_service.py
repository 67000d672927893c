"""Listening: written down before the first byte, gathering what was heard, ended with an audit line."""

import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.context import Context
from supervision.database import Database
from supervision.errors import NotFound, Refused
from supervision.listening.models import Listening
from supervision.listening.queries import get_heard
from supervision.listening.service import (
    UNHEARD_AFTER,
    continue_listening,
    download,
    finish_silent,
    note_served,
    open_listening,
    report_heard,
)
from supervision.listening.tasks import end_silent_listenings
from supervision.paths import Paths
from supervision.recordings.models import Recording, RecordingState
from supervision.settings import Settings
from supervision.task import Worker
from tests.calls.samples import NOON, Town, make_town, seconds
from tests.recordings.sounds import seal


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        yield make_town(session)


@pytest.fixture
def call(town: Town, tmp_path: Path) -> Call:
    call = town.call()
    seal(town.session, Paths(tmp_path), call, 60)
    return call


def acts(town: Town) -> list[tuple[str, dict[str, Any]]]:
    rows = town.session.scalars(select(AuditEntry).order_by(AuditEntry.n))
    return [(row.act, row.detail) for row in rows]


def begin(town: Town, call: Call, login: str = "leader") -> Listening:
    listening = open_listening(Context(town.session, town.actor(login), town.scope(login), NOON), call.id)
    note_served(town.session, town.actor(login), listening.id, whole_bytes(town, call))
    return listening


def whole_bytes(town: Town, call: Call) -> int:
    return town.session.get_one(Recording, call.id).flac_bytes or 0


def heard(town: Town, listening: Listening, after_s: float, *stretches: tuple[float, float], **more: Any) -> float:
    actor, scope = town.actor("leader"), town.scope("leader")
    return report_heard(
        Context(town.session, actor, scope, NOON + seconds(after_s)), listening.id, stretches, **more
    )


def go_on(town: Town, call: Call, listening: Listening | None, **more: Any) -> None:
    context = Context(town.session, town.actor("leader"), town.scope("leader"), more.pop("at", NOON + seconds(1)))
    whole = {"from_start": True, **more}
    continue_listening(context, call.id, listening.id if listening else None, **whole)


def count(town: Town) -> int:
    return len(town.session.scalars(select(Listening)).all())


def test_beginning_to_listen_is_written_down_at_once(town: Town, call: Call) -> None:
    listening = begin(town, call)
    assert acts(town) == [("listening_started", {"listening": str(listening.id)})]


def test_a_call_outside_ones_scope_cannot_be_heard(town: Town, call: Call) -> None:
    with pytest.raises(NotFound):
        begin(town, call, "wu")
    assert acts(town) == []


@pytest.mark.parametrize("state", [state for state in RecordingState if state is not RecordingState.READY])
def test_what_is_not_sealed_cannot_be_heard(town: Town, call: Call, state: RecordingState) -> None:
    town.session.get_one(Recording, call.id).state = state
    with pytest.raises(Refused):
        begin(town, call)


def test_reports_gather_into_the_seconds_heard(town: Town, call: Call) -> None:
    listening = begin(town, call)
    assert heard(town, listening, 5, (0, 5)) == 5
    assert heard(town, listening, 10, (0, 5), (20, 25)) == 10
    assert listening.stretches == [[0, 5], [20, 25]]


def test_nobody_hears_faster_than_twice_the_clock(town: Town, call: Call) -> None:
    listening = begin(town, call)
    assert heard(town, listening, 5, (0, 60)) == 10


def test_time_that_passed_before_the_last_report_counts_no_more(town: Town, call: Call) -> None:
    listening = begin(town, call)
    assert heard(town, listening, 20) == 0
    assert heard(town, listening, 21, (0, 60)) == 2


def test_a_pause_saves_no_time_up(town: Town, call: Call, tmp_path: Path) -> None:
    long = town.call(NOON - timedelta(days=1))
    seal(town.session, Paths(tmp_path), long, 100)
    assert heard(town, begin(town, long), 3600, (0, 100)) == 60


def test_two_players_at_once_share_the_time_of_one_listener(town: Town, call: Call) -> None:
    first, second = begin(town, call), begin(town, call)
    total = 0.0
    for n in range(1, 6):
        total = heard(town, first, n * 4, (0, 60)) + heard(town, second, n * 4 + 0.5, (0, 60))
    assert total <= 2 * 20.5


def test_what_was_heard_after_a_clock_was_set_back_counts_at_once(town: Town, call: Call) -> None:
    first = begin(town, call)
    assert heard(town, first, 3600, (0, 10)) == 10
    second = begin(town, call)
    assert heard(town, second, 10, (20, 40)) == 20
    assert heard(town, first, 12, (0, 60)) == 14, "the time since the other player's report"


def test_nothing_is_heard_before_any_audio_has_left(town: Town, call: Call) -> None:
    listening = begin(town, call)
    listening.served_bytes = 0
    assert heard(town, listening, 10, (0, 10)) == 0
    note_served(town.session, town.actor("leader"), listening.id, whole_bytes(town, call))
    assert heard(town, listening, 20, (0, 10)) == 10


def test_no_more_is_heard_than_was_served(town: Town, call: Call) -> None:
    listening = begin(town, call)
    listening.served_bytes = whole_bytes(town, call) // 4
    assert heard(town, listening, 30, (0, 60)) == pytest.approx(15, abs=0.1)
    assert heard(town, listening, 60, (0, 60)) == pytest.approx(15, abs=0.1)
    note_served(town.session, town.actor("leader"), listening.id, whole_bytes(town, call))
    assert heard(town, listening, 90, (0, 60)) == 60


def test_two_reports_of_one_person_at_the_same_moment_share_the_time(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        town = make_town(session)
        call = town.call()
        seal(session, Paths(tmp_path), call, 60)
        first, second = begin(town, call), begin(town, call)
    actor, scope, total = town.actor("leader"), town.scope("leader"), [0.0]

    def report(session: Session, listening: Listening) -> None:
        total[0] += report_heard(Context(session, actor, scope, NOON + seconds(10)), listening.id, [(0, 60)])

    def report_second() -> None:
        with store.transaction() as other:
            report(other, second)

    thread = threading.Thread(target=report_second)
    with store.transaction() as session:
        report(session, first)
        thread.start()
        thread.join(0.5)
    thread.join()
    assert total == [20]


def test_who_loses_the_call_from_his_scope_reports_no_more(town: Town, call: Call) -> None:
    listening = begin(town, call)
    call.office_code, call.line_key = "02", "east"
    town.session.flush()
    with pytest.raises(NotFound):
        heard(town, listening, 10, (0, 10))


def test_the_end_is_written_down_with_the_seconds(town: Town, call: Call) -> None:
    listening = begin(town, call)
    heard(town, listening, 30, (0, 12.5), ended=True)
    act, detail = acts(town)[-1]
    assert act == "listening_ended"
    assert (detail["seconds"], detail["stretches"]) == (12.5, [[0, 12.5]])
    with pytest.raises(Refused):
        heard(town, listening, 40, (0, 20))


def test_nobody_reports_to_the_listening_of_another(town: Town, call: Call) -> None:
    listening = begin(town, call)
    with pytest.raises(NotFound):
        actor, scope = town.actor("supervisor"), town.scope("supervisor")
        report_heard(Context(town.session, actor, scope, NOON + seconds(9)), listening.id, [(0, 5)])
    with pytest.raises(NotFound):
        report_heard(Context(town.session, town.actor("leader"), town.scope("leader")), uuid.uuid4(), [])
    assert listening.seconds == 0


def test_ranges_of_one_player_share_its_listening(town: Town, call: Call) -> None:
    listening = begin(town, call)
    go_on(town, call, listening)
    go_on(town, call, listening, from_start=False)
    assert count(town) == 1


def test_a_request_without_a_listening_gets_one_and_its_later_ranges_share_it(town: Town, call: Call) -> None:
    go_on(town, call, None)
    go_on(town, call, None, from_start=False, at=NOON + seconds(2))
    assert count(town) == 1
    go_on(town, call, None, at=NOON + seconds(3))
    assert [act for act, _ in acts(town)] == ["listening_started", "listening_started"]


def test_an_ended_listening_is_not_gone_on_with(town: Town, call: Call) -> None:
    listening = begin(town, call)
    heard(town, listening, 1, ended=True)
    go_on(town, call, listening, from_start=False)
    assert count(town) == 2


def test_somebody_elses_listening_opens_nothing(town: Town, call: Call) -> None:
    theirs = begin(town, call, "supervisor")
    with pytest.raises(NotFound):
        go_on(town, call, theirs)


def test_the_listening_of_another_call_opens_nothing(town: Town, call: Call, tmp_path: Path) -> None:
    other = town.call(NOON - timedelta(days=1))
    seal(town.session, Paths(tmp_path), other, 2)
    with pytest.raises(NotFound):
        go_on(town, other, begin(town, call))


def test_a_listening_that_went_silent_is_ended_with_what_was_reported(town: Town, call: Call) -> None:
    listening = begin(town, call)
    heard(town, listening, 8, (0, 7))
    assert finish_silent(town.session, NOON + UNHEARD_AFTER) == 0
    assert finish_silent(town.session, NOON + UNHEARD_AFTER + seconds(9)) == 1
    assert finish_silent(town.session, NOON + UNHEARD_AFTER + seconds(10)) == 0
    assert acts(town)[-1][1]["seconds"] == 7
    entry = town.session.scalars(select(AuditEntry).order_by(AuditEntry.n.desc())).first()
    assert entry is not None
    assert entry.actor_id == town.people["leader"].id


def test_the_worker_only_looks_while_no_listening_is_silent(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        town = make_town(session)
        call = town.call()
        seal(session, Paths(tmp_path), call, 60)
        begin(town, call)
    settings, silent_at = Settings(home=tmp_path), NOON + UNHEARD_AFTER
    early = Worker(settings, store, lambda: silent_at)
    late = Worker(settings, store, lambda: silent_at + seconds(1))
    with store.transaction():  # another writes: who writes too would wait
        start = time.monotonic()
        assert not end_silent_listenings(early)
        assert time.monotonic() - start < 3
    assert end_silent_listenings(late)
    assert not end_silent_listenings(late)


def test_a_download_is_written_down_as_one(town: Town, call: Call) -> None:
    download(Context(town.session, town.actor("leader"), town.scope("leader"), NOON), call.id)
    assert [act for act, _ in acts(town)] == ["recording_downloaded"]
    found = get_heard(town.session, town.scope("leader"), call.id)
    assert [(listening.downloaded, name) for listening, name in found] == [(True, "陈所长")]
