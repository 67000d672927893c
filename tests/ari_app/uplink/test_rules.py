"""What is sent next, and how much: what is live before what is late, neither in the other's way."""

from datetime import UTC, datetime, timedelta

from ari_app.uplink.rules import (
    LATE_LARGEST_BYTES,
    LATE_SMALLEST_BYTES,
    LIVE_CHUNK_BYTES,
    Pace,
    Waiting,
    choose,
    chunk_bytes,
    late_at_once,
)

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def part(name: str, *, minutes_ago: int = 0, length: int | None = None, **more: object) -> Waiting:
    known = {"offset": 0, "size": 10_000_000, "fixed": False} | more
    return Waiting(name, length=length, touched_at=NOON - timedelta(minutes=minutes_ago), **known)  # type: ignore[arg-type]


def test_a_call_in_progress_goes_before_all_that_is_over() -> None:
    over, live = part("over", length=10_000_000), part("live", minutes_ago=5)
    assert choose([over, live], late_allowed=True) == "live"


def test_of_what_is_late_the_newest_goes_first() -> None:
    old, new = part("old", minutes_ago=600, length=9), part("new", minutes_ago=2, length=9)
    assert choose([old, new], late_allowed=True) == "new"


def test_what_is_late_waits_while_enough_of_it_is_under_way() -> None:
    assert choose([part("late", length=9)], late_allowed=False) is None


def test_what_is_sent_already_or_just_being_sent_is_not_chosen() -> None:
    done = part("done", length=9, size=9, offset=9, fixed=True)
    assert choose([done, part("busy", busy=True)], late_allowed=True) is None


def test_at_most_two_connections_send_what_is_late_and_one_is_kept_for_calls() -> None:
    assert [late_at_once(connections) for connections in (2, 3, 4, 8, 64)] == [1, 1, 2, 2, 2]


def test_what_is_late_is_cut_to_a_quarter_of_a_second_of_the_link() -> None:
    late = part("late", length=10_000_000)
    assert chunk_bytes(late, Pace()) == LATE_SMALLEST_BYTES
    assert chunk_bytes(late, Pace().after(1_000_000, 0.5)) == 500_000
    assert chunk_bytes(late, Pace(1_000.0)) == LATE_SMALLEST_BYTES
    assert chunk_bytes(late, Pace(1e9)) == LATE_LARGEST_BYTES


def test_the_pace_follows_the_link_when_it_becomes_slower() -> None:
    pace = Pace(10_000_000.0)
    for _ in range(10):
        pace = pace.after(100_000, 1.0)
    assert 100_000 <= (pace.bytes_per_s or 0) < 120_000


def test_a_call_in_progress_is_sent_in_little_pieces_whatever_the_pace() -> None:
    assert chunk_bytes(part("live"), Pace(1e9)) == LIVE_CHUNK_BYTES
    assert chunk_bytes(part("live", size=100, offset=40), Pace(1e9)) == 60
