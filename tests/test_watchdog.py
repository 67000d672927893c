"""No item of the worker's work holds up the others for longer than it may."""

import signal
import threading
from contextlib import nullcontext

import pytest
from sqlalchemy import text

from supervision import watchdog
from supervision.database import Database
from supervision.watchdog import TooLong, Watch, deadline


def test_what_takes_too_long_is_broken_off_and_no_alarm_is_left_behind() -> None:
    before, rings = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0] > 0
    with pytest.raises(TooLong), deadline(0.05):
        threading.Event().wait(60)
    with deadline(60):
        assert signal.getsignal(signal.SIGALRM) != before
    assert signal.getsignal(signal.SIGALRM) == before
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) == rings, "pytest's own alarm, where it has one"


def test_within_another_time_the_shorter_counts_and_the_longer_goes_on() -> None:
    with pytest.raises(TooLong), deadline(1):
        with pytest.raises(TooLong), deadline(0.05):
            threading.Event().wait(60)
        with deadline(60):
            threading.Event().wait(60)


@pytest.mark.postgres
def test_a_query_that_does_not_end_is_broken_off_and_the_database_can_be_asked_again(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(TooLong), deadline(0.2), database.transaction() as session:
        session.execute(text("SELECT pg_sleep(60)"))
    with database.transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.close()


def test_who_does_not_hear_the_alarm_is_named_and_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "DEAF_S", 0.05)
    monkeypatch.setattr(watchdog, "deadline", lambda _within_s: nullcontext())  # the alarm is not heard
    said: list[object] = []
    ended = threading.Event()
    with Watch(said.append, end=lambda _what: ended.set()) as watch, watch.hold("seal", 0.05):
        assert ended.wait(60)
    assert said == ["seal"]


def test_the_process_ends_even_where_nothing_can_be_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "DEAF_S", 0.0)
    monkeypatch.setattr(watchdog, "NAMED_WITHIN_S", 0.05)
    monkeypatch.setattr(watchdog, "deadline", lambda _within_s: nullcontext())
    ended, database = threading.Event(), threading.Event()

    def never_written(_what: object) -> None:
        database.wait(60)

    with Watch(never_written, end=lambda _what: ended.set()) as watch:
        with watch.hold("seal", 0.05):
            assert ended.wait(60)
        assert not database.is_set()
    database.set()
