import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from structlog.testing import capture_logs

from supervision import worker
from supervision.database import Database
from supervision.recordings import audio, encoding, sealing
from supervision.recordings.models import RecordingState
from supervision.recordings.tasks import seal_call, seal_next
from supervision.task import Task, Worker
from supervision.worker import run
from tests.forked import Forked
from tests.recordings.factories import APart, Node, noise, silence, stereo, talk
from tests.run_once import run_once

ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """What a SIGKILL is to the code: nothing of it runs any more."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What is logged is looked at where a process of its own logs it."""
    with capture_logs():
        yield


IO_STEPS: list[tuple[Any, str]] = [
    (Path, "open"),
    (Path, "mkdir"),
    (Path, "stat"),
    (Path, "write_text"),
    (Path, "replace"),
    (os, "fsync"),
    (os, "open"),
    (soundfile.SoundFile, "write"),
    (audio, "write_flac"),
    (audio, "read_flac"),
    (sealing, "finish"),
    (sealing, "heal_incident"),
]


class Steps:
    """Counts the input and output of sealing, and fails at one of its steps, before or after it is done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.fail_at: int | None = None
        self.after = False
        self.error: type[BaseException] = Killed
        for owner, name in IO_STEPS:
            monkeypatch.setattr(owner, name, self._watched(getattr(owner, name), name))

    def _watched(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            number = len(self.done)
            self.done.append(name)
            due = number == self.fail_at
            if due:
                self.fail_at = None
            if due and not self.after:
                raise self.error(f"before {name}")
            try:
                result = real(*args, **named)
            except Exception:
                if due:
                    raise self.error(f"after {name} failed") from None
                raise
            if due:
                if name == "open":  # the kernel closes what a killed process had open
                    os.close(result) if isinstance(result, int) else result.close()
                raise self.error(f"after {name}")
            return result

        return step

    def start(self, fail_at: int | None, error: type[BaseException] = Killed, *, after: bool = False) -> None:
        self.done, self.fail_at, self.error, self.after = [], fail_at, error, after


def test_a_worker_killed_at_any_step_leaves_work_that_ends_the_same(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [APart(stereo(noise(3000), noise(3000, seed=2)), 0), APart(talk(2000), 4, n=2)]
    steps = Steps(monkeypatch)
    reference = small.ended_call(parts, line_up_s=0, answered_s=2, ended_s=6)
    steps.start(None)
    assert seal_next(small.worker)
    many, good = len(steps.done), small.flac(reference).read_bytes()
    assert {name for _, name in IO_STEPS} == set(steps.done)
    for at in range(many):
        for after in (False, True):
            steps.start(None)
            shutil.rmtree(small.paths.archive)
            call_id = small.ended_call(parts, line_up_s=0, answered_s=2, ended_s=6)
            steps.start(at, after=after)
            with pytest.raises(Killed):
                seal_next(small.worker)
            steps.start(None)
            assert seal_next(small.worker) is False, "the claim lasts"
            small.pass_s(601)
            assert seal_next(small.worker) is True
            assert _facts(small, call_id) == _facts(small, reference)
            assert small.flac(call_id).read_bytes() == good
            assert small.archived() == [f"{call_id}.flac", f"{call_id}.peaks.json"]
    assert {detail["gaps"][0]["at_ms"] for _, _, detail in small.incidents()} == {3000}
    assert len(small.incidents()) == 2 * many + 1


@pytest.mark.parametrize("error", [OSError, soundfile.LibsndfileError, MemoryError, RuntimeError])
def test_any_failure_is_an_incident_and_is_tried_again(
    small: Node, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    real = audio.write_flac

    def broken(*_: Any) -> None:
        raise error(28)

    monkeypatch.setattr(audio, "write_flac", broken)
    assert seal_next(small.worker) is True
    assert small.causes() == ["sealing_failed"]
    assert small.recording(call_id).state is RecordingState.FINAL
    assert seal_next(small.worker) is False
    monkeypatch.setattr(audio, "write_flac", real)
    small.pass_s(29)
    assert seal_next(small.worker) is False
    small.pass_s(1)
    assert seal_next(small.worker) is True
    assert small.recording(call_id).state is RecordingState.READY
    assert small.incidents() == []
    assert small.archived() == [f"{call_id}.flac", f"{call_id}.peaks.json"]


def test_a_failure_at_any_step_is_taken_up_again_and_leaves_nothing_behind(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [APart(talk(2000))]
    steps = Steps(monkeypatch)
    reference = small.ended_call(parts, answered_s=0, ended_s=2)
    steps.start(None)
    seal_next(small.worker)
    many = len(steps.done)
    for at in range(many):
        steps.start(None)
        shutil.rmtree(small.paths.archive, ignore_errors=True)
        call_id = small.ended_call(parts, answered_s=0, ended_s=2)
        steps.start(at, OSError)
        assert seal_next(small.worker) is True
        steps.start(None)
        small.pass_s(30)
        assert seal_next(small.worker) is True
        assert _facts(small, call_id) == _facts(small, reference)
        assert small.archived() == [f"{call_id}.flac", f"{call_id}.peaks.json"]
    assert small.incidents() == []


def test_after_five_failures_it_counts_as_failed_and_is_still_tried(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = node.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    real, waits, states = audio.write_flac, [], []

    def broken(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(audio, "write_flac", broken)
    for _ in range(6):
        assert seal_next(node.worker) is True
        recording = node.recording(call_id)
        assert recording.due_at is not None
        waits.append((recording.due_at - node.now).total_seconds())
        states.append(recording.state)
        node.now = recording.due_at
    assert waits == [30, 120, 480, 1920, 3600, 3600]
    assert states == [RecordingState.FINAL] * 4 + [RecordingState.FAILED] * 2
    ((cause, subject, detail),) = node.incidents()
    assert (cause, subject) == ("sealing_failed", str(call_id))
    assert detail == {"error": "OSError: [Errno 5] Input/output error"}
    monkeypatch.setattr(audio, "write_flac", real)
    assert seal_call(node.worker, call_id) is RecordingState.READY
    assert node.recording(call_id).attempts == 0
    assert node.incidents() == []


def test_a_file_that_does_not_read_back_as_it_was_written_is_not_kept(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    monkeypatch.setattr(audio, "read_flac", lambda _: iter([]))
    seal_next(small.worker)
    ((_, _, detail),) = small.incidents()
    assert "does not read back" in detail["error"]
    assert small.archived() == []
    assert small.recording(call_id).pcm_sha256 is None


def test_a_part_that_changes_while_it_is_sealed_is_sealed_another_time(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    real = audio.write_flac

    def meanwhile(*args: Any) -> None:
        real(*args)
        small.paths.parts_of(call_id)[0].write_bytes(talk(500))

    monkeypatch.setattr(audio, "write_flac", meanwhile)
    seal_next(small.worker)
    ((_, _, detail),) = small.incidents()
    assert "a part changed while" in detail["error"]
    assert small.recording(call_id).state is RecordingState.FINAL


def test_a_part_that_is_added_during_the_sealing_is_not_forgotten(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = small.ended_call([APart(talk(1000), 1)], answered_s=0, ended_s=2)
    real = encoding.encode_recording

    def meanwhile(*args: Any) -> Any:
        result = real(*args)
        monkeypatch.setattr(encoding, "encode_recording", real)
        small.closed_part(call_id, APart(talk(1000), 0, starter="d"))
        return result

    monkeypatch.setattr(encoding, "encode_recording", meanwhile)
    assert run_once(small.settings, small.database, small.clock)["seal"] == 2
    assert small.recording(call_id).duration_ms == 2000


def test_a_worker_whose_claim_ran_out_writes_nothing_down(node: Node) -> None:
    call_id = node.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    slow = node.claim(call_id)
    encoded = encoding.encode_recording(node.paths, slow)
    node.pass_s(601)
    quick = node.claim(call_id)
    with node.database.transaction() as session:
        assert sealing.finish(session, slow, encoded, node.now) is None
        assert sealing.fail(session, slow, OSError("late"), node.now) is None
    assert node.recording(call_id).state is RecordingState.FINAL
    with node.database.transaction() as session:
        assert sealing.finish(session, quick, encoded, node.now) is RecordingState.READY


def test_several_workers_never_seal_the_same_recording(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [node.ended_call([APart(talk(200))], answered_s=0, ended_s=0.2) for _ in range(12)]
    encoded: list[str] = []
    real = encoding.encode_recording

    def counted(*args: Any) -> Any:
        encoded.append(str(args[1].call_id))
        time.sleep(0.02)
        return real(*args)

    monkeypatch.setattr(encoding, "encode_recording", counted)
    threads = [
        threading.Thread(target=run_once, args=(node.settings, node.database, node.clock)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(encoded) == sorted(str(call_id) for call_id in calls)
    assert {node.recording(call_id).state for call_id in calls} == {RecordingState.READY}
    assert node.incidents() == []


@pytest.mark.postgres
def test_on_postgresql_a_recording_that_is_just_being_claimed_is_passed_over(
    tmp_path: Path, postgres_url: str
) -> None:
    node = Node(tmp_path, Database(postgres_url))
    first, second = (node.ended_call([APart(talk(200))], answered_s=0, ended_s=0.2) for _ in range(2))
    with node.database.transaction() as one, node.database.transaction() as other:
        claims = [sealing.claim_due(session, node.now, 600) for session in (one, other)]
        assert {claim.call_id for claim in claims if claim} == {first, second}
    node.database.close()


def test_the_recording_that_has_waited_longest_comes_first(node: Node) -> None:
    late = node.ended_call([APart(talk(200))], answered_s=0, ended_s=9)
    early = node.ended_call([APart(talk(200))], answered_s=0, ended_s=3)
    node.set_state(late, RecordingState.FAILED)
    not_due = node.ended_call([APart(talk(200))], answered_s=0, ended_s=7200)
    seal_next(node.worker)
    assert node.recording(early).state is RecordingState.READY
    assert node.recording(late).state is RecordingState.FAILED
    seal_next(node.worker)
    assert seal_next(node.worker) is False
    assert node.recording(not_due).state is RecordingState.FINAL


def test_a_job_that_breaks_does_not_stop_the_worker(small: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, looks = threading.Event(), []

    def breaks(_worker: Worker) -> bool:
        looks.append("broken")
        raise RuntimeError("the database is away")

    def works(_worker: Worker) -> bool:
        looks.append("works")
        if looks.count("works") == 2:
            stopping.set()
        return False

    monkeypatch.setattr(worker, "TASKS", (Task("broken", breaks), Task("works", works)))
    settings = small.settings.model_copy(update={"seal_every_s": 0.01})
    run(settings, small.database, stopping)
    assert looks == ["broken", "works", "broken", "works"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_seals_logs_json_and_stops_cleanly(small: Node, tmp_path: Path, stop: signal.Signals) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    process = _worker_process(small, tmp_path)
    wait_until = time.monotonic() + 30
    while small.recording(call_id).state is not RecordingState.READY and time.monotonic() < wait_until:
        time.sleep(0.05)
    os.kill(process.pid, stop)
    assert (process.ends(30), _errors(tmp_path)) == (0, "")
    lines = [json.loads(line) for line in process.said().splitlines()]
    assert [line["event"] for line in lines] == ["worker started", "sealed", "worker stopped"]
    assert (lines[1]["call_id"], lines[1]["state"], lines[1]["level"]) == (str(call_id), "ready", "info")


def test_the_worker_does_not_start_without_a_database(tmp_path: Path, sqlite_url: str) -> None:
    node = Node(tmp_path / "elsewhere", Database(f"sqlite:///{tmp_path}/none.db"))
    process = _worker_process(node, tmp_path)
    assert process.ends(30) == 1
    assert "run: python -m supervision.store upgrade" in json.loads(process.said())["faults"][0]


@pytest.mark.thorough
def test_a_long_call_is_never_in_memory_as_a_whole(small: Node) -> None:
    hour = stereo(silence(3_600_000), silence(3_600_000))
    call_id = small.ended_call([APart(hour)], answered_s=0, ended_s=3600)
    code = (
        "import resource, sys; from tests.run_once import run_once; from supervision.database import Database\n"
        "from supervision.settings import Settings\n"
        "s = Settings(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "run_once(s, Database(s.database()))\n"
        "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], cwd=ROOT, env=_environment(small), capture_output=True, text=True, check=True
    )
    assert small.recording(call_id).duration_ms == 3_600_000
    assert int(done.stderr) * 1024 < len(hour) / 2


def _facts(node: Node, call_id: Any) -> dict[str, Any]:
    recording = node.recording(call_id)
    varying = {"call_id", "sealed_at", "verified_at", "scrub_due_at"}
    return {
        column.name: getattr(recording, column.name)
        for column in recording.__table__.columns
        if column.name not in varying
    }


def _environment(node: Node) -> dict[str, str]:
    return os.environ | {
        "SUPERVISION_HOME": str(node.home),
        "SUPERVISION_DATABASE_URL": node.database.url,
        "SUPERVISION_SEAL_EVERY_S": "0.05",
    }


def _worker_process(node: Node, folder: Path) -> Forked:
    log, errors = folder / "worker.log", folder / "worker.errors"
    return Forked("supervision.worker:main", [], _environment(node), log, errors)


def _errors(folder: Path) -> str:
    return (folder / "worker.errors").read_text("utf-8")
