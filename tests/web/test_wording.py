"""Every refusal has its wording: a sentence for whoever sees it, in Chinese and in English."""

from pathlib import Path

import pytest
from flask import Flask

from supervision.errors import Busy, InvalidInput, Refused
from supervision.settings import Settings
from tests.architecture.refusals import invalid_words, refusal_words
from web import language, wording
from web.language import Language
from web.regulation import wording as documents

CHINESE = range(0x4E00, 0xA000)


@pytest.fixture
def site(tmp_path: Path) -> Flask:
    """The catalogues, without a page."""
    app = Flask("wording")
    app.secret_key = "wording"
    app.extensions["settings"] = Settings(home=tmp_path)
    language.install(app)
    return app


@pytest.mark.parametrize("spoken", list(Language))
def test_every_refusal_says_why(site: Flask, spoken: Language) -> None:
    with site.test_request_context():
        language.choose(spoken)
        unknown = wording.refusal(Refused("nobody raises this"))
        bare = [word for word in refusal_words("Refused") if not says(Refused(word), unknown, spoken)]
    assert sorted(bare) == []


@pytest.mark.parametrize("spoken", list(Language))
def test_whoever_must_wait_sees_for_what(site: Flask, spoken: Language) -> None:
    with site.test_request_context():
        language.choose(spoken)
        unknown = wording.refusal(Busy("nobody raises this", 1))
        bare = [word for word in refusal_words("Busy") if not says(Busy(word, 1), unknown, spoken)]
    assert sorted(bare) == []


@pytest.mark.parametrize("spoken", list(Language))
def test_what_is_wrong_with_a_form_is_said_of_its_field(site: Flask, spoken: Language) -> None:
    with site.test_request_context():
        language.choose(spoken)
        nameless = wording.invalid(InvalidInput("nobody names this", "~")).partition("~")[0]
        bare = [
            f"{where}: {wrong}"
            for where, wrong in invalid_words()
            if where != "input"  # any field of any page
            if not is_said(InvalidInput(where, wrong or "~"), nameless, spoken)
        ]
    assert sorted(bare) == []


def says(error: Exception, unknown: str, spoken: Language) -> bool:
    """Whether an error has a sentence of its own, in that language."""
    said = wording.refusal(error)
    return said != unknown and is_in(spoken, said)


def is_said(error: InvalidInput, nameless: str, spoken: Language) -> bool:
    """Whether a field is called by its name, and no word of ours is shown as if it had been typed."""
    said = documents.fault(error)
    is_ours = error.wrong != "~" and f"“{error.wrong}”" in said
    return not said.startswith(nameless.rstrip("“")) and not is_ours and is_in(spoken, said)


def is_in(spoken: Language, said: str) -> bool:
    """Whether a sentence is of that language."""
    return any(ord(letter) in CHINESE for letter in said) is (spoken is Language.CHINESE)
