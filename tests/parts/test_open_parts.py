"""How many parts an office may have open, and that counting them costs nothing where many have come."""

import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from supervision.parts.errors import TooManyUnfinished
from supervision.parts.incoming import Incoming
from supervision.parts.open_parts import Limits, OpenParts
from supervision.paths import HqPaths, PartName
from tests.parts.test_incoming import OFFICE, OTHER, PART, begun, sha256


def test_parts_of_nothing_and_whole_ones_count_until_they_are_final(incoming: Incoming) -> None:
    """Else an office could fill the disk with them: no byte would ever be missing."""
    for n in range(3):
        incoming.create(OFFICE, PartName(uuid.UUID(int=n), "a", 1), 0, 1, 3)
    assert incoming.unfinished(OFFICE) == 0
    with pytest.raises(TooManyUnfinished):
        incoming.create(OFFICE, PART, 0, 1, 3)
    incoming.finalize(OFFICE, PartName(uuid.UUID(int=0), "a", 1), 0, sha256(b""))
    begun(incoming, b"whole", 5)
    with pytest.raises(TooManyUnfinished):
        incoming.create(OFFICE, OTHER, None, 10, 3)


def test_marks_that_a_crash_left_behind_do_not_shut_an_office_out(incoming: Incoming, paths: HqPaths) -> None:
    begun(incoming, b"first", 5)
    mark = paths.open_parts(OFFICE, "waiting") / str(PART)
    incoming.finalize(OFFICE, PART, 5, sha256(b"first"))
    mark.touch()
    (paths.open_parts(OFFICE, "waiting") / str(PartName(uuid.UUID(int=1), "a", 1))).touch()
    Incoming(paths).create(OFFICE, OTHER, None, 10, 2)
    assert not mark.exists()


def test_parts_that_end_do_not_have_all_open_ones_listed_again(
    paths: HqPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each creation beside many thousand open parts costs as much as they are."""
    parts, listed = OpenParts(paths, lambda: 0.0), list[Path]()
    real = Path.iterdir

    def iterdir(path: Path) -> Any:
        listed.append(path)
        return real(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    for n in range(20):
        name = PartName(uuid.UUID(int=n), "a", 1)
        parts.admit(OFFICE, Limits(growing=2, open=2))
        parts.note_begun(OFFICE, name)
        if n % 2:
            parts.note_complete(OFFICE, name)
        parts.note_final(OFFICE, name)
    assert len(listed) <= 2, "each of the two folders once"
    for n in (30, 31):
        parts.admit(OFFICE, Limits(growing=2, open=3))
        parts.note_begun(OFFICE, PartName(uuid.UUID(int=n), "a", 1))
    parts.note_complete(OFFICE, PartName(uuid.UUID(int=30), "a", 1))
    parts.admit(OFFICE, Limits(growing=2, open=3))
    with pytest.raises(TooManyUnfinished):
        parts.admit(OFFICE, Limits(growing=9, open=3))


def test_a_creation_looks_at_no_more_where_many_parts_have_come(
    incoming: Incoming, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []
    for name in ("open", "stat", "scandir", "listdir"):
        real = getattr(os, name)

        def seen(*facts: Any, real: Any = real, name: str = name, **more: Any) -> Any:
            touched.append(name)
            return real(*facts, **more)

        monkeypatch.setattr(os, name, seen)
    looked_at = []
    for n in range(24):
        touched.clear()
        incoming.create(OFFICE, PartName(uuid.UUID(int=n), "a", 1), 0 if n % 2 else None, 500)
        looked_at.append(len(touched))
        if n % 3 == 0:
            incoming.finalize(OFFICE, PartName(uuid.UUID(int=n), "a", 1), 0, sha256(b""))
    assert max(looked_at[12:]) <= max(looked_at[:12])
