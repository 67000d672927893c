"""Every word of the site has its Chinese; nothing is left over."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import web
from supervision.actor import Role
from supervision.audit.models import AuditEntry
from tests.web.conftest import People
from web.language import TRANSLATIONS, Language, compile_translations

SITE = Path(web.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"gettext": None, "lazy_gettext": None, "_": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")

Message = str | tuple[str, ...]


def spoken() -> set[Message]:
    found: Iterator[tuple[str, int, Message, list[str], str | None]] = extract_from_dir(
        SITE, METHODS, keywords=KEYWORDS
    )
    return {message for _file, _line, message, _comments, _context in found}


CATALOGUE = TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
ORIGINAL = re.compile(r'^msgid ((?:".*"\n)+)', re.MULTILINE)


def translated() -> dict[Any, Any]:
    with CATALOGUE.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id and not message.fuzzy}


def test_every_word_of_the_site_has_its_chinese() -> None:
    known = translated()
    assert sorted(str(message) for message in spoken() if not any(known.get(message, ""))) == []


def test_no_translation_is_left_over() -> None:
    assert sorted(str(message) for message in translated().keys() - spoken()) == []


def test_no_original_is_translated_twice() -> None:
    times = Counter("".join(one.split('"')[1::2]) for one in ORIGINAL.findall(CATALOGUE.read_text("utf-8")))
    assert [one for one, number in times.items() if number > 1] == []


def test_names_in_a_row_are_parted_as_the_language_parts_them() -> None:
    pages = (*SITE.glob("**/templates/**/*.html"), *SITE.glob("**/*.py"))
    parted = re.compile(r"""join\(["'], ["']\)|["'], ["']\.join\(names""")
    assert [str(page.relative_to(SITE)) for page in pages if parted.search(page.read_text("utf-8"))] == []


def test_each_translation_has_the_placeholders_of_its_original() -> None:
    for message, chinese in translated().items():
        wanted = set(PLACEHOLDER.findall(str(message)))
        assert set(PLACEHOLDER.findall(str(chinese))) == wanted, message


def test_a_changed_translation_is_compiled_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Call"\nmsgstr "咨询电话"\n'
    (folder / "messages.po").write_text(source, "utf-8")
    compile_translations(tmp_path)
    assert "咨询电话".encode() in (folder / "messages.mo").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["messages.mo", "messages.po"]


@pytest.mark.parametrize(("language", "tag"), [(Language.CHINESE, "zh-CN"), (Language.ENGLISH, "en")])
def test_a_page_names_its_language(people: People, language: Language, tag: str) -> None:
    browser = people.enters(Role.AUDITOR)
    browser.post("/account/language", {"language": language.value})
    assert f'<html lang="{tag}">' in browser.get("/audit/").text


def test_times_are_shown_in_the_zone_of_the_bureau(people: People) -> None:
    browser = people.enters(Role.AUDITOR)
    with people.database.reading() as session:
        at = session.get_one(AuditEntry, 1).at
    assert f"{(at.hour + 8) % 24:02}:{at:%M:%S}" in browser.get("/audit/").text
