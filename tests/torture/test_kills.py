"""A hundred kills at random moments lose and double nothing. `make torture` does a thousand and more."""

import tempfile
from pathlib import Path

import pytest

from tests.torture.kills import torture

pytestmark = pytest.mark.thorough


@pytest.mark.enable_socket
@pytest.mark.timeout(300)
def test_a_hundred_random_kills_lose_and_double_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = torture(Path(folder), kills=100, seed=20261124)
    assert sum(run.done.values()) == 100
    assert len(run.done) == 4, "each of them was killed"
