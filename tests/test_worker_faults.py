"""An item from which the worker does not come back is named, and the worker that is started next passes it."""

import threading
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from sqlalchemy import select, text

from supervision import watchdog, worker_faults
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.set_aside import Item, each
from supervision.settings import Mode, Settings
from supervision.watchdog import Watch
from supervision.worker_faults import WorkerFaults

DEAF = Item("01", "try", "deaf")


class Worker:
    """One worker's life: over its items until it ends, by itself or by the watchdog."""

    def __init__(self, store: Database, home: Path) -> None:
        self.store = store
        self.names = WorkerFaults(Settings(home=home, mode=Mode.HQ), store, now, ["receive"])
        self.ended = threading.Event()
        self.done: list[str] = []

    def lives(self, *, locks: bool = False) -> list[str]:
        """What it has done when it is over. `locks`: the item holds the database when it does not come back."""
        self.done.clear()
        self.ended.clear()
        self.names.name_left_behind()
        items = [(DEAF, "deaf"), (Item("02", "try", "other"), "other")]
        with (
            Watch(self.names.name_in_hand, end=lambda _what: self.ended.set()) as watch,
            watch.hold("receive", 60),
            suppress(Gone),
        ):
            each(self.store, now, "try", items, lambda name: self.act(name, locks=locks), within_s=0.05)
        return list(self.done)

    def act(self, name: str, *, locks: bool) -> None:
        if name != "deaf":
            self.done.append(name)
        elif locks:
            with self.store.transaction() as session:
                session.execute(text("SELECT 1"))
                self.hangs()
        else:
            self.hangs()

    def hangs(self) -> None:
        """As in a library or a disk that does not return; the process's end is the end of it."""
        assert self.ended.wait(60)
        raise Gone


class Gone(BaseException):
    """The process is no more."""


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "DEAF_S", 0.1)
    monkeypatch.setattr(watchdog, "deadline", lambda _within_s: nullcontext())  # no alarm is heard
    monkeypatch.setattr(worker_faults, "STORE_WAIT_S", 0.05)


def named(store: Database) -> list[tuple[str, str, str]]:
    with store.reading() as session:
        rows = session.scalars(select(Incident).where(Incident.cause == Cause.WORK_SET_ASIDE)).all()
        return [(one.office_code, one.subject, one.detail["error"]) for one in rows]


@pytest.mark.parametrize("locks", [False, True])
def test_an_item_that_hears_no_alarm_is_named_and_the_next_worker_passes_it(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    worker = Worker(store, tmp_path / "home")
    assert worker.lives(locks=locks) == [], "it never came to the other"
    monkeypatch.setattr(watchdog, "DEAF_S", 60.0)  # it is in no hurry: it passes the item
    assert worker.lives() == ["other"]
    assert named(store) == [("01", "try: deaf", "TooLong: the worker did not come back")]


def test_a_job_without_items_that_hears_no_alarm_is_named_by_its_own_name(store: Database, tmp_path: Path) -> None:
    names = WorkerFaults(Settings(home=tmp_path, mode=Mode.HQ), store, now, [])
    names.name_in_hand("reconcile")
    assert named(store) == [("hq", "task: reconcile", "TooLong: the worker did not come back")]
    names.took_up("reconcile")
    with store.reading() as session:
        assert session.scalars(select(Incident.healed_at)).one() is not None


def test_a_job_that_itself_holds_the_database_is_named_by_the_next_worker(sqlite_url: str, tmp_path: Path) -> None:
    store = Database(sqlite_url, busy_s=600)  # as any task waits for another
    names = WorkerFaults(Settings(home=tmp_path, mode=Mode.HQ), store, now, [])
    with store.transaction() as session:
        session.execute(text("SELECT 1"))
        names.name_in_hand("reconcile")
    assert named(store) == []
    WorkerFaults(Settings(home=tmp_path, mode=Mode.HQ), store, now, []).name_left_behind()
    assert named(store) == [("hq", "task: reconcile", "TooLong: the worker did not come back")]
    store.close()


def test_what_was_left_behind_and_cannot_be_read_holds_up_no_worker(store: Database, tmp_path: Path) -> None:
    names = WorkerFaults(Settings(home=tmp_path, mode=Mode.HQ), store, now, [])
    left = tmp_path / "run" / "left-behind.json"
    left.parent.mkdir()
    left.write_text("[")
    names.name_left_behind()
    assert (named(store), left.exists()) == ([], False)
