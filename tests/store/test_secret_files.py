"""Secrets: made once, whole, for this user only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_bytes

import pytest

from supervision.secret_files import keep_secret


def test_many_that_make_a_secret_at_once_have_the_same_one(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: keep_secret(path, lambda: token_bytes(32)), range(64)))
    assert made == {path.read_bytes()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("left", [b"", b"short"])
def test_a_secret_that_was_emptied_is_refused_and_not_used(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(left)
    with pytest.raises(ValueError, match="damaged"):
        keep_secret(path, lambda: token_bytes(32))
