"""The archive at headquarters to which requests refer."""

from pathlib import Path

import pytest

from supervision.database import Database
from tests.retention.archive import Archive


@pytest.fixture
def hq(tmp_path: Path, store: Database) -> Archive:
    return Archive(tmp_path, store)
