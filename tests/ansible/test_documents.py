"""The commands of the operators' pages are those that the booted machines are deployed with."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in (ROOT / "docs" / "operate").glob("*.md")
    if "ansible-playbook" in path.read_text("utf-8") and not path.name.startswith("hosts")
)
COMMAND = re.compile(r"^ *scripts/ansible\.sh ansible-playbook -i \S+/hosts\.yml (\S+\.yml)(.*)$", re.MULTILINE)


def played() -> str:
    return (ROOT / "tests" / "hosts" / "steps.py").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_playbook_that_a_page_names_is_there_and_is_run_on_booted_machines(page: Path) -> None:
    commands = COMMAND.findall(page.read_text("utf-8"))
    assert commands
    for playbook, options in commands:
        text = (ROOT / "ansible" / playbook).read_text("utf-8")
        assert f'play("{playbook}"' in played(), f"no step of tests/hosts runs {playbook}"
        for variable in re.findall(r"-e (\w+)=", options):
            assert variable in text, f"{playbook} knows no {variable}"


def test_each_language_has_the_same_commands() -> None:
    for page in PAGES:
        if page.name.endswith(".zh-CN.md"):
            english = page.with_name(page.name.replace(".zh-CN", ""))
            assert COMMAND.findall(page.read_text("utf-8")) == COMMAND.findall(english.read_text("utf-8"))


def test_each_step_is_explained() -> None:
    steps = re.findall(r"^@step\ndef (\w+)\(", played(), re.MULTILINE)
    for name in ("hosts.md", "hosts.zh-CN.md"):
        text = (ROOT / "docs" / "operate" / name).read_text("utf-8")
        assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == steps
