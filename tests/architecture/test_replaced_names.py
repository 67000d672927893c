"""Names that were replaced do not come back: the list is in docs/glossary.md, *Replaced names*."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import ROOT, ours

FOLDERS = ("supervision", "ari_app", "web", "asterisk", "demo", "bench", "scripts", "tests", "docs")
SUFFIXES = (".py", ".html", ".md", ".yaml", ".j2", ".sh", ".mjs")
LISTED_IN = "docs/glossary.md"
ROW = re.compile(r"^\| ((?:`[^`]+`(?:, )?)+) \|", re.MULTILINE)


def replaced() -> list[str]:
    """The first column of the list, each name as it is written there."""
    text = (ROOT / LISTED_IN).read_text("utf-8")
    section = text.partition("## Replaced names")[2].partition("\n## ")[0]
    return [name for row in ROW.findall(section) for name in re.findall("`([^`]+)`", row)]


def spellings(name: str) -> Iterator[str]:
    """A name as it would stand in a text; of a module, its path too."""
    yield name
    if name.partition(".")[0] in FOLDERS and " " not in name:
        yield name.replace(".", "/")


def sources() -> Iterator[tuple[str, str]]:
    """Every text of ours that could use a name, but the list itself and this test."""
    files = [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile"]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    for path in files:
        name = str(path.relative_to(ROOT))
        if name not in {LISTED_IN, "CHANGELOG.md"} and "vendor" not in path.parts:
            yield name, path.read_text("utf-8")


def test_no_replaced_name_comes_back() -> None:
    names = replaced()
    assert names
    written = "|".join(re.escape(one) for name in names for one in spellings(name))
    pattern = re.compile(rf"(?<![\w./])(?:{written})(?!\w)")
    found = [f"{path}: {match[0]}" for path, text in sources() for match in pattern.finditer(text)]
    assert not found, f"each has another name now, in {LISTED_IN}"


def test_no_name_in_the_code_says_told() -> None:
    found = [
        f"{module.path}: {name}"
        for module in ours()
        for node in ast.walk(module.tree)
        for name in (
            getattr(node, "id", ""),
            getattr(node, "attr", ""),
            getattr(node, "arg", ""),
            getattr(node, "name", ""),
        )
        if "told" in re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name)).lower())
    ]
    assert not found, "say sent, received, reported or notified"
