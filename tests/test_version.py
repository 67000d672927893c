"""Which version runs: a release says it, and so does the foot of each page, to those who are signed in."""

import re
import tomllib
from pathlib import Path

from supervision.version import version, version_in
from tests.architecture.source import ROOT


def test_a_release_names_itself(tmp_path: Path) -> None:
    (tmp_path / "RELEASE").write_text("1.0.0rc1+g0a1b2c3\n")
    assert version_in(tmp_path) == "1.0.0rc1+g0a1b2c3"


def test_a_checkout_has_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert version() == project["version"]


def test_the_changelog_begins_with_this_version() -> None:
    heading = re.search(r"^## (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heading is not None
    assert version().replace("rc", "-rc").startswith(heading[1])
