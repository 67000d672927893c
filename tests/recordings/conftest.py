"""A node to seal on: `node` runs a test on both databases, `small` on SQLite, where the database has no part."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervision.database import Database
from tests.recordings.factories import Node


@pytest.fixture
def node(tmp_path: Path, store: Database) -> Node:
    return Node(tmp_path, store)


@pytest.fixture
def small(tmp_path: Path, sqlite_url: str) -> Iterator[Node]:
    database = Database(sqlite_url)
    yield Node(tmp_path, database)
    database.close()
