"""The worker's jobs take turns."""

import threading

import pytest

from supervision import jobs
from supervision.jobs import Job, Worker, run
from tests.recordings.factories import Node


def test_a_job_with_much_to_do_lets_the_others_have_their_turn(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    stopping = threading.Event()

    def endless(_worker: Worker) -> bool:
        looks.append("endless")
        return True

    def short(_worker: Worker) -> bool:
        looks.append("short")
        if looks.count("short") == 2:
            stopping.set()
        return False

    monkeypatch.setattr(jobs, "JOBS", (Job("endless", endless, every_s=60), Job("short", short)))
    monkeypatch.setattr(jobs, "TURN_S", 0.0)
    run(small.settings.model_copy(update={"seal_every_s": 60}), small.database, stopping)
    assert looks == ["endless", "short", "endless", "short"]
