"""The tables of settings and incidents that are committed are those that the code gives."""

from scripts import pages
from supervision.incidents.rules import Cause
from supervision.settings import Settings
from tests.architecture.source import ROOT


def test_the_pages_that_are_made_are_committed_as_made() -> None:
    stale = [path for path, text in pages.pages().items() if path.read_text("utf-8") != text]
    assert [str(path.relative_to(ROOT)) for path in stale] == [], "run python -m scripts.pages"


def test_every_setting_is_documented_in_both_languages_and_no_other_is() -> None:
    assert set(pages.read("settings.yaml")) == set(Settings.model_fields)
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_cause_has_one_place_in_the_manual() -> None:
    documented = [name for group in pages.read("incidents.yaml") for name in group["causes"]]
    assert sorted(documented) == sorted(cause.value for cause in Cause)


def test_only_what_is_between_the_comments_is_replaced() -> None:
    page = f"before\n{pages.BEGIN}\nold\n{pages.END}\nafter\n"
    assert pages.filled(page, ["| new |"]) == f"before\n{pages.BEGIN}\n\n| new |\n\n{pages.END}\nafter\n"
