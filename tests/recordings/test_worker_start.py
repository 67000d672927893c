"""The worker at the start of its machine: the database may come later than it does."""

import json
from pathlib import Path

from demo.processes import Process, until


def test_the_worker_waits_for_a_database_that_is_away_at_its_start(tmp_path: Path, sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    away = file.rename(file.with_name("away"))
    file.mkdir()  # there is something, and it cannot be opened
    environment = {"SUPERVISION_HOME": str(tmp_path), "SUPERVISION_DATABASE_URL": sqlite_url}
    worker = Process(["supervision.worker"], environment | {"PYTHONUNBUFFERED": "1"}, tmp_path / "log").start()
    try:
        until("it waits", lambda: "the database is away" in worker.said(), 30)
        file.rmdir()
        away.rename(file)
        until("it works", lambda: "worker started" in worker.said(), 30)
        assert worker.running
    finally:
        assert worker.stop() == 0
    said = [json.loads(line) for line in worker.said().splitlines()]  # nothing else, of standard error neither
    assert said[-1]["event"] == "worker stopped"
