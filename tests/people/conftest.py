"""People whose passwords cost next to nothing."""

import pytest

from tests.factories import make_passwords_cheap


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing with the real parameters takes most of a test's time and changes nothing."""
    make_passwords_cheap(monkeypatch)
