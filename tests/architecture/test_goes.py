"""Each kind of test lies where `scripts/test.sh` looks for it: what lay elsewhere would never run."""

import re

import pytest

from tests.architecture.source import ROOT, Module, modules

SCRIPT = "scripts/test.sh"


def folders(name: str) -> list[str]:
    """The folders that the script gives a kind of tests."""
    (found,) = re.findall(rf"\b{name}=\((tests/[^)]*)\)", (ROOT / SCRIPT).read_text("utf-8"))
    return str(found).split()


def marked(module: Module, mark: str) -> bool:
    return f"mark.{mark}" in (ROOT / module.path).read_text("utf-8")


@pytest.mark.parametrize(
    ("mark", "name"), [("browser", "browser_in"), ("pbx", "phones_in"), ("alone", "phones_in")]
)
def test_what_has_a_go_of_its_own_lies_where_the_go_looks(mark: str, name: str) -> None:
    where = tuple(f"{folder}/" for folder in folders(name))
    found = [module.path for module in modules("tests") if marked(module, mark)]
    assert [path for path in found if path.startswith(where)], mark
    assert not [path for path in found if not path.startswith(where)], f"name its folder in {SCRIPT}"
