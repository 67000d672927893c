"""Chinese by default, English for whoever asks; times are shown in the bureau's zone (Flask-Babel)."""

import enum
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from pathlib import Path
from typing import Any, cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context
from flask import session as cookie
from flask_babel import Babel, force_locale, get_translations
from flask_babel import ngettext as _ngettext
from flask_babel.speaklater import LazyString

from supervision.clock import BUREAU_ZONE
from supervision.settings import Settings

TRANSLATIONS = Path(__file__).parent / "translations"

log = logging.getLogger(__name__)


def gettext(text: str, **variables: object) -> str:
    """The text in the person's language.

    As Flask-Babel's, which looks for the request and its language anew at each call: a page of incidents asks for
    thousands of texts.
    """
    translated: str = _catalogue().gettext(text)
    return translated % variables if variables else translated


def ngettext(one: str, many: str, num: int, **variables: object) -> str:
    """The text for a number of things, in the person's language; `%(num)s` stands for the number."""
    return str(_ngettext(one, many, num, **variables))


def lazy_gettext(text: str) -> Any:
    """A text that is put into the person's language when it is shown: for forms and navigation."""
    return LazyString(gettext, text)


def _catalogue() -> NullTranslations:
    """The texts of this request's language; outside of one, each text as it is."""
    if not has_request_context():
        return NullTranslations()
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return cast(NullTranslations, g.catalogue)


class Language(enum.StrEnum):
    """The languages of the site, as Babel names them."""

    CHINESE = "zh_Hans_CN"
    ENGLISH = "en"

    @property
    def tag(self) -> str:
        """For `<html lang>`."""
        return "zh-CN" if self is Language.CHINESE else "en"


def install(app: Flask) -> None:
    """Choose the language of each request."""
    settings = cast(Settings, app.extensions["settings"])
    folders = compile_translations(TRANSLATIONS, settings.home / "translations")
    Babel(
        app,
        default_locale=Language.CHINESE,
        default_timezone=BUREAU_ZONE.key,
        default_translation_directories=";".join(str(folder) for folder in folders),
        locale_selector=current_language,
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of Jinja's extension i18n
        gettext=lambda text: _catalogue().gettext(text),
        ngettext=lambda one, many, num: _catalogue().ngettext(one, many, num),
        newstyle=True,
    )


def current_language() -> Language:
    """The language chosen in this browser."""
    try:
        return Language(cookie.get("language", Language.CHINESE))
    except ValueError:
        return Language.CHINESE


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak this language within, whatever the person has chosen: for what others will read, too."""
    before = _catalogue()
    with force_locale(language.value):
        g.catalogue = get_translations()
        try:
            yield
        finally:
            g.catalogue = before


def choose(language: Language) -> None:
    """Keep the choice in this browser."""
    cookie["language"] = language.value


def compile_translations(folder: Path, elsewhere: Path | None = None) -> list[Path]:
    """Compile what is newer than its compiled form, so that a clean checkout speaks Chinese; where to look.

    Where the code may not be written, what was compiled before does, even if it is older; a language that has
    nothing compiled is compiled `elsewhere`.
    """
    folders = [folder]
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except OSError as error:
            log.warning("%s cannot be written: %s", target, error.strerror)
            if not target.exists():
                if elsewhere is None:
                    raise
                _compile(source, elsewhere / target.relative_to(folder))
                folders = [folder, elsewhere]
    return folders


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3])
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(f".mo.{os.getpid()}")  # several workers may start at once
    with fresh.open("wb") as compiled:
        write_mo(compiled, catalogue)
    fresh.replace(target)
