"""The one loop of the uplink: how long it waits after what, and what of a failure is logged."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from structlog.testing import capture_logs

from ari_app.uplink.link import LinkDown, Rejected
from ari_app.uplink.streams import Stream
from supervision.errors import InvalidInput

DOWN, UNREADABLE, WRONG = LinkDown("cut"), Rejected("no"), InvalidInput("people", "wrong")


class Over(Exception):
    """The loop has done all that the test has for it."""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the loop waited each time; nobody waits here."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return waited


def scripted(*outcomes: int | Exception) -> Callable[[], Awaitable[int]]:
    """An exchange that ends so, one time after the other."""
    left: Iterator[int | Exception] = iter((*outcomes, Over()))

    async def exchange() -> int:
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return exchange


def run(stream: Stream) -> list[str]:
    with capture_logs() as logged, pytest.raises(Over):
        asyncio.run(stream.run())
    return [line["event"] for line in logged]


def test_where_something_moved_the_next_exchange_may_be_sooner(pauses: list[float]) -> None:
    run(Stream("draws", scripted(0, 1, 0), every_s=15.0, more_s=0.5))
    run(Stream("people", scripted(0, 1, 0), every_s=5.0))
    assert pauses == [15.0, 0.5, 15.0, 5.0, 5.0, 5.0]


def test_each_kind_of_failure_is_logged_once_and_so_is_its_end(pauses: list[float]) -> None:
    said = run(Stream("facts", scripted(DOWN, DOWN, WRONG, 0, UNREADABLE), every_s=0.2, again_s=(1.0, 2.0)))
    assert said == ["facts wait", "facts wait", "facts flow again", "facts wait"]
    assert pauses == [1.0, 2.0, 2.0, 0.2, 1.0]


def test_without_pauses_of_its_own_a_stream_that_fails_asks_as_often_as_ever(pauses: list[float]) -> None:
    run(Stream("orders", scripted(DOWN, DOWN), every_s=60.0))
    assert pauses == [60.0, 60.0]
