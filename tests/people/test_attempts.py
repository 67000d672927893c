"""Who tries passwords is slowed down, the owner of the account is not; all processes of a machine share that."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supervision.errors import Unavailable
from supervision.people.attempts import Attempts
from supervision.people.sign_in_rules import FORGOTTEN_AFTER, FREE_ATTEMPTS, LONGEST_DELAY

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
LOGIN, THERE, ELSEWHERE = "wang.fang", "192.0.2.66", "192.0.2.7"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run" / "attempts.db"


@pytest.fixture
def attempts(file: Path) -> Attempts:
    return Attempts(file, b"k" * 32, per_address=20)


def hammer(attempts: Attempts, number: int, at: datetime = NOON) -> list[int]:
    return [attempts.begin(LOGIN, THERE, at).wait_s for _ in range(number)]


def test_a_name_that_is_attacked_from_one_address_is_let_in_from_another(attempts: Attempts) -> None:
    assert hammer(attempts, 10) == [0] * FREE_ATTEMPTS + [5] * 7
    assert attempts.begin(LOGIN, ELSEWHERE, NOON).wait_s == 0


def test_the_delay_grows_with_each_failure_and_ends(attempts: Attempts) -> None:
    hammer(attempts, FREE_ATTEMPTS)
    at, waits = NOON, []
    for _ in range(12):
        waits.append(attempts.begin(LOGIN, THERE, at).wait_s)
        at += timedelta(seconds=waits[-1])
        assert attempts.begin(LOGIN, THERE, at).wait_s == 0
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == LONGEST_DELAY.total_seconds()


def test_of_two_who_come_at_once_neither_is_turned_away_by_the_order_in_which_they_are_counted(
    attempts: Attempts,
) -> None:
    came_first = NOON - timedelta(milliseconds=1)
    assert [attempts.begin(LOGIN, THERE, at).wait_s for at in (NOON, came_first)] == [0, 0]
    attempts.take_back(LOGIN, THERE, NOON)
    assert attempts.begin(LOGIN, THERE, came_first).wait_s == 0


def test_many_attempts_at_the_same_moment_are_not_one(attempts: Attempts, file: Path) -> None:
    waits: list[int] = []

    def try_one(process: Attempts) -> None:
        waits.append(process.begin(LOGIN, THERE, NOON).wait_s)

    processes = [attempts, Attempts(file, b"k" * 32, per_address=20)]
    threads = [threading.Thread(target=try_one, args=(processes[n % 2],)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [0] * FREE_ATTEMPTS + [5] * 21


def test_many_processes_that_open_a_file_that_is_not_there_yet_all_count(file: Path) -> None:
    found: list[int] = []

    def try_one() -> None:
        found.append(Attempts(file, b"k" * 32, per_address=20).count_unknown(THERE, NOON).number)

    threads = [threading.Thread(target=try_one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 17))


def test_who_tries_many_names_is_turned_away_by_his_address(attempts: Attempts) -> None:
    waits = [attempts.begin(f"name{n}", THERE, NOON).wait_s for n in range(30)]
    assert waits == [0] * 20 + [3] * 10
    assert attempts.begin("name99", ELSEWHERE, NOON).wait_s == 0
    assert attempts.begin("name99", THERE, NOON + timedelta(seconds=3)).wait_s == 0


def test_the_right_password_forgets_the_failures_and_weighs_nothing(attempts: Attempts) -> None:
    for n in range(200):  # a whole office behind one address signs in at half past eight
        assert attempts.begin(f"name{n}", THERE, NOON).wait_s == 0
        attempts.succeed(f"name{n}", THERE, NOON)
    hammer(attempts, FREE_ATTEMPTS - 1)
    attempts.succeed(LOGIN, THERE, NOON)
    assert hammer(attempts, FREE_ATTEMPTS + 1) == [0] * FREE_ATTEMPTS + [5]


def test_an_attempt_whose_password_was_not_looked_at_does_not_count(attempts: Attempts) -> None:
    for _ in range(100):
        assert attempts.begin(LOGIN, THERE, NOON).wait_s == 0
        attempts.take_back(LOGIN, THERE, NOON)


def test_unknown_names_are_counted_together_by_address(attempts: Attempts) -> None:
    numbers = [attempts.count_unknown(THERE, NOON).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert attempts.count_unknown(ELSEWHERE, NOON).number == 1


def test_who_is_turned_away_is_counted_for_the_log(attempts: Attempts) -> None:
    found = [attempts.begin(LOGIN, THERE, NOON) for _ in range(40)]
    assert [one.number for one in found] == list(range(1, 41))
    assert [one.number for one in found if one.worth_writing] == [1, 2, 4, 8, 16, 32]


def test_after_a_day_all_is_forgotten_and_the_file_does_not_grow(attempts: Attempts, file: Path) -> None:
    for n in range(20):
        attempts.begin(f"name{n}", THERE, NOON)
    attempts.begin(LOGIN, ELSEWHERE, NOON + FORGOTTEN_AFTER + timedelta(seconds=1))
    with sqlite3.connect(file) as counts:
        assert counts.execute("SELECT count(*) FROM counts").fetchone() == (2,)
    counts.close()


def test_a_clock_that_is_set_back_keeps_nobody_out(attempts: Attempts) -> None:
    hammer(attempts, FREE_ATTEMPTS)
    assert attempts.begin(LOGIN, THERE, NOON - timedelta(days=30)).wait_s == 0


def test_what_was_typed_as_a_name_does_not_stand_in_the_file(attempts: Attempts, file: Path) -> None:
    attempts.begin("my-secret-password", THERE, NOON)
    attempts.count_unknown(THERE, NOON)
    kept = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"my-secret-password" not in kept
    assert attempts.begin("\udc80\x00", THERE, NOON).wait_s == 0


def test_a_damaged_file_is_made_anew(attempts: Attempts, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database" * 1000)
    assert attempts.begin(LOGIN, THERE, NOON).wait_s == 0


def test_where_nothing_can_be_counted_nobody_tries_passwords(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("in the way")
    with pytest.raises(Unavailable):
        Attempts(tmp_path / "run" / "attempts.db", b"k" * 32, 20).begin(LOGIN, THERE, NOON)
