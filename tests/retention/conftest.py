"""An archive at headquarters, and one on a node, on both databases."""

from pathlib import Path

import pytest

from supervision.database import Database
from supervision.settings import Mode
from tests.retention.archive import Archive


@pytest.fixture
def hq(tmp_path: Path, store: Database) -> Archive:
    return Archive(tmp_path, store)


@pytest.fixture
def office(tmp_path: Path, store: Database) -> Archive:
    return Archive(tmp_path, store, Mode.OFFICE)
