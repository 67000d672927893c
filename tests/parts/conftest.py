"""A store of incoming parts, empty."""

from pathlib import Path

import pytest

from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    """The folders of a headquarters of the test's own."""
    return HqPaths(tmp_path)


@pytest.fixture
def incoming(paths: HqPaths) -> Incoming:
    """Its store of incoming parts."""
    return Incoming(paths)
