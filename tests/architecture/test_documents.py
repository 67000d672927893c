"""What the documents, the Makefile and the lock files promise is so."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from flask import Flask

from supervision.incidents.rules import Cause
from supervision.offices.description import LineDescription, load_description
from supervision.paths import Paths
from supervision.settings import Settings
from tests.architecture.source import ROOT
from web import language
from web.incidents import wording
from web.language import Language

READMES = ("README.md", "README.zh-CN.md")
README_BYTES = 6000
BACKUP = ("docs/operate/backup.md", "docs/operate/backup.zh-CN.md")
CONTRIBUTING = ("CONTRIBUTING.md", "CONTRIBUTING.zh-CN.md")
DOCUMENTS = sorted(path for pattern in ("*.md", "docs/**/*.md") for path in ROOT.glob(pattern))
BOTH_LANGUAGES = ("README.md", "CONTRIBUTING.md", "docs/use/*.md", "docs/operate/*.md")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
# Paths of the repository; those below a home folder begin alike.
NAMED_PATH = re.compile(r"`((?:supervision|web|ari_app|asterisk|tests|bench|demo|scripts|docs)/[\w./-]+)`")
OF_A_HOME = re.compile(r"asterisk/(?:etc|log|lib|db)/")
ANY_URL = re.compile(r"(?i)https?://|--(extra-)?index-url|--find-links|--trusted-host")


def text_of(name: str) -> str:
    """A document's text."""
    return (ROOT / name).read_text("utf-8")


def test_the_example_of_an_office_is_a_whole_office() -> None:
    office = load_description(ROOT / "docs/office.example.yaml")
    assert {line.gateway.account is None for line in office.lines} == {True, False}, "both ways to tell a port"


def test_the_example_of_an_office_shows_every_key_of_a_line_with_its_default() -> None:
    first = yaml.safe_load(text_of("docs/office.example.yaml"))["lines"][0]
    assert first.keys() == LineDescription.model_fields.keys()
    defaults = {
        name: field.default for name, field in LineDescription.model_fields.items() if not field.is_required()
    }
    assert {name: first[name] for name in defaults} == defaults


@pytest.fixture(params=list(Language))
def speaking(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Language]:
    """A request in each language."""
    app = Flask("speaking")
    app.secret_key = "only here"
    app.extensions["settings"] = Settings(home=tmp_path)
    language.install(app)
    with app.test_request_context():
        language.choose(request.param)
        yield request.param


def test_every_cause_of_an_incident_has_a_sentence_of_its_own(speaking: Language) -> None:
    sentences = [wording.cause_explained(cause) for cause in Cause]
    assert len(set(sentences)) == len(Cause)
    assert len({wording.cause(cause) for cause in Cause}) == len(Cause)
    end = "。" if speaking is Language.CHINESE else "."
    assert [sentence for sentence in sentences if not sentence.endswith(end)] == []


@pytest.mark.parametrize("name", BACKUP)
def test_every_folder_of_a_home_is_in_the_page_of_files(name: str) -> None:
    paths, text = Paths(Path("/")), text_of(name)
    for path in (
        paths.office_file,
        paths.spool,
        paths.archive,
        paths.secrets,
        paths.asterisk,
        paths.cel,
        paths.cdr,
    ):
        assert re.search(rf"`(?:[^`]*/)?{re.escape(path.name)}[/`]", text), path


@pytest.mark.parametrize("name", READMES)
def test_a_reader_meets_the_two_commands_first(name: str) -> None:
    commands = re.findall(r"^make [a-z-]+", text_of(name).partition("```sh")[2], re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]
    assert text_of(name).index("```sh") < text_of(name).index("![")


@pytest.mark.parametrize("name", READMES)
def test_the_readme_is_read_in_a_few_minutes(name: str) -> None:
    assert len(text_of(name).encode()) <= README_BYTES


def test_every_target_of_make_says_what_it_does() -> None:
    makefile = text_of("Makefile")
    targets = re.findall(r"^([a-z][a-z-]*):(?!=)(.*)$", makefile, re.MULTILINE)
    assert [name for name, rest in targets if not re.search(r"## \S", rest)] == []
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == {name for name, _ in targets}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_only_targets_that_there_are(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", path.read_text("utf-8"), re.MULTILINE)) <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    targets = [one or other for one, other in LINK.findall(path.read_text("utf-8"))]
    inside = [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]
    assert [target for target in inside if not leads_somewhere(path, target)] == []


def leads_somewhere(path: Path, target: str) -> bool:
    """Whether a relative link names a file that there is and, behind `#`, one of its headings."""
    name, _, anchor = target.partition("#")
    file = path.parent / name if name else path
    return file.exists() and (not anchor or anchor in map(anchor_of, HEADING.findall(file.read_text("utf-8"))))


def anchor_of(heading: str) -> str:
    """The anchor that a Markdown heading gets on a page."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_document_names_is_there(path: Path) -> None:
    if path.name in {"CHANGELOG.md", "bench.md"}:
        return  # they tell of what was
    named = [one for one in NAMED_PATH.findall(path.read_text("utf-8")) if not OF_A_HOME.match(one)]
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_whoever_uses_or_operates_it_reads_it_in_both_languages() -> None:
    pages = {path for pattern in BOTH_LANGUAGES for path in ROOT.glob(pattern)}
    english = {path for path in pages if not path.name.endswith(".zh-CN.md")}
    assert [path for path in english if not path.with_suffix(".zh-CN.md").exists()] == []
    assert {path.with_suffix("").with_suffix(".md") for path in pages} <= english | {ROOT / "README.md"}


@pytest.mark.parametrize("name", CONTRIBUTING)
def test_every_room_has_its_line_in_contributing(name: str) -> None:
    rooms = {path.parent.name for path in (ROOT / "supervision").glob("*/__init__.py")}
    assert [room for room in sorted(rooms) if f"`{room}/`" not in text_of(name)] == []


def test_every_decision_is_in_the_index() -> None:
    names = {path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    assert {target for target, _ in LINK.findall(text_of("docs/decisions/README.md"))} == names


def test_every_decision_is_short_and_has_its_three_parts() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1)), (
        "numbers without a gap"
    )
    for path in decisions:
        text = path.read_text("utf-8")
        headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert headings[:3] == ["Context", "Decision", "Consequences"], path.name
        assert len(text.splitlines()) <= 60, f"{path.name} is longer than a page"


def test_the_lock_of_the_scripts_names_no_registry() -> None:
    def resolved(node: object) -> Iterator[object]:
        if isinstance(node, dict):
            yield from (value for key, value in node.items() if key == "resolved")
            for value in node.values():
                yield from resolved(value)

    assert list(resolved(json.loads(text_of("package-lock.json")))) == []
    assert not ANY_URL.search(text_of("package-lock.json"))


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_the_lock_of_the_python_packages_names_no_registry_and_every_hash(name: str) -> None:
    text = text_of(name)
    assert not ANY_URL.search(text)
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages
    assert [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package] == []
