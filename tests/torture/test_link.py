"""The link cut, flapping, one-way, slow, stalled, reset, for seconds and for days: nothing is lost or doubled.

`make torture` does much more of it.
"""

import tempfile
from pathlib import Path

import pytest

from tests.torture import backlog, namespaces, veth, weather

pytestmark = [pytest.mark.thorough, pytest.mark.enable_socket, pytest.mark.timeout(300)]


def test_no_weather_on_the_link_loses_or_doubles_anything() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = weather.torture(Path(folder), episodes=8, seed=20261124, longest_s=1.0)
    assert set(run.done) == {*weather.WEATHERS, "gone for 3 days"}
    assert run.sent > 500_000, "how much was sent is the machine's speed; that much was"


@pytest.mark.skipif(bool(namespaces.missing()), reason=namespaces.missing() or "-")
def test_a_kernels_link_cut_flapping_and_one_way_loses_and_doubles_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = veth.torture(Path(folder), rounds=1, seed=20261124, longest_s=1.0)
    assert set(run.done) == {*veth.FAULTS, "cut for 3 days"}
    assert run.sent > 500_000, "how much was sent is the machine's speed; that much was"


@pytest.mark.skipif(bool(namespaces.missing()), reason=namespaces.missing() or "-")
def test_a_backlog_drains_while_calls_in_progress_are_acknowledged_beside_it() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        found = backlog.torture(Path(folder), calls=8, talk_s=60, seed=20261124)
    assert found.backlog_bytes > 15_000_000
    assert found.beside_s, "calls in progress went beside the backlog"
