"""PostgreSQL away and back under load. `make torture` does it more often."""

import tempfile
from pathlib import Path

import pytest

from tests.torture import databases

pytestmark = pytest.mark.thorough


@pytest.mark.enable_socket
@pytest.mark.postgres
@pytest.mark.timeout(300)
def test_audio_goes_on_while_postgresql_is_away_and_facts_wait_and_come() -> None:
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = databases.torture(Path(folder), rounds=1, seed=20261124, longest_s=1.0)
    assert set(run.done) == set(databases.HOW)
