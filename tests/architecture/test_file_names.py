"""A room's files are from one short list; each other name has its reason in docs/glossary.md."""

import re

from tests.architecture.source import ROOT

SHORT_LIST = {"__init__", "__main__", "models", "rules", "queries", "service", "messages", "tasks"}
LISTED_IN = "docs/glossary.md"


def explained() -> set[str]:
    """The files that the glossary gives a reason for, as `room/name.py`."""
    text = (ROOT / LISTED_IN).read_text("utf-8")
    section = text.partition("## Files with a name of their own")[2].partition("\n## ")[0]
    firsts = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {name for first in firsts for name in re.findall(r"`(\w+/\w+\.py)`", first)}


def others() -> set[str]:
    """The files of the rooms that are not in the short list."""
    found = {path for path in (ROOT / "supervision").glob("*/*.py") if path.stem not in SHORT_LIST}
    return {f"{path.parent.name}/{path.name}" for path in found}


def test_a_file_with_a_name_of_its_own_has_its_reason() -> None:
    assert others() - explained() == set(), f"merge it, or say why in {LISTED_IN}"


def test_every_file_that_has_a_reason_is_there() -> None:
    assert explained() - others() == set(), f"{LISTED_IN} explains what is not there"
