"""The worker's jobs take turns."""

import threading

import pytest
from sqlalchemy import select

from supervision import jobs
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
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


def test_a_job_that_broke_is_named_and_over_once_it_goes_well_even_in_another_process(
    small: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = threading.Event()

    def breaks(_worker: Worker) -> bool:
        stopping.set()
        raise ZeroDivisionError

    def goes_well(_worker: Worker) -> bool:
        stopping.set()
        return False

    def open_ones() -> list[str]:
        query = select(Incident.subject).where(
            Incident.cause == Cause.WORK_SET_ASIDE, Incident.healed_at.is_(None)
        )
        with small.database.reading() as session:
            return list(session.scalars(query))

    for work, still_open in ((breaks, ["job: seal"]), (goes_well, [])):
        stopping.clear()
        monkeypatch.setattr(jobs, "JOBS", (Job("seal", work),))
        run(small.settings, small.database, stopping)
        assert open_ones() == still_open
