"""The town at work, on both databases, with a bureau leader."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervision.database import Database
from tests.discipline.factories import with_chief
from tests.evaluations.factories import Work, make_work


@pytest.fixture
def work(store: Database, tmp_path: Path) -> Iterator[Work]:
    with store.transaction() as session:
        yield with_chief(make_work(session, tmp_path))
