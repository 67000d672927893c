"""What the manuals say of incidents is what the program does: the mark † is for what only a person closes."""

import re
from pathlib import Path

import pytest

from supervision.incidents.rules import Cause, Ends

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(\w+)` \|.*?(†?) \|$", re.MULTILINE)


def documented(manual: str) -> dict[str, bool]:
    """Each cause that a manual explains, and whether it is marked."""
    return {name: bool(mark) for name, mark in ROW.findall((ROOT / manual).read_text("utf-8"))}


@pytest.mark.parametrize("manual", ["docs/operate/incidents.md", "docs/operate/incidents.zh-CN.md"])
def test_every_cause_is_explained_and_marked_where_only_a_person_closes_it(manual: str) -> None:
    assert documented(manual) == {cause.value: cause.ends is Ends.BY_HAND for cause in Cause}
