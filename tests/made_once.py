"""What each test would work out anew, and what comes out the same each time, is kept for the whole process.

Compiled templates, routes and SQL say nothing of any test: they follow from the program's own text. The site, the
database and all that is in them stay a test's own.
"""

import gc
import gettext
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from babel.support import NullTranslations, Translations
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine, create_engine
from werkzeug.routing import Rule

from supervision import database


class KeptTemplates(BytecodeCache):
    """Compiled templates, as long as their source is the same."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled of this very source."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


class KeptSql:
    """Engines of one database system share the SQL that was compiled for it; their dialects hold their listeners.

    The cache asks for a dialect that is the same: all of one kind say that they are.
    """

    def __init__(self) -> None:
        self._kept: dict[type[Dialect], Any] = {}

    def create_engine(self, url: str, **options: Any) -> Engine:
        """An engine with connections and listeners of its own."""
        engine = create_engine(url, **options)
        kind = type(engine.dialect)
        if kind not in self._kept:
            self._kept[kind] = engine._compiled_cache
            kind.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
            kind.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign, assignment]
        engine._compiled_cache = self._kept[kind]
        return engine


def keep_routes(compile_builder: Callable[[Rule, bool], Any]) -> Callable[[Rule, bool], Any]:
    """Keep the functions that build a route's addresses: they follow from the route's own text."""
    kept: dict[tuple[Any, ...], Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        which = rule.rule, tuple(rule._trace), append_unknown
        if which not in kept:
            kept[which] = compile_builder(rule, append_unknown)
        return kept[which]

    return compiled


def keep_catalogues(find: Callable[..., str | None]) -> Callable[..., NullTranslations]:
    """Keep the texts of a compiled catalogue, as long as its file is the same."""
    kept: dict[tuple[str, int, str], NullTranslations] = {}

    def load(folder: Any = None, locales: Any = None, domain: str | None = None) -> NullTranslations:
        file = find(domain or Translations.DEFAULT_DOMAIN, folder, [str(one) for one in locales])
        if not file:
            return NullTranslations()
        which = file, Path(file).stat().st_mtime_ns, domain or ""
        if which not in kept:
            with Path(file).open("rb") as texts:
                kept[which] = Translations(fp=texts, domain=domain)
        return kept[which]

    return load


def pytest_collection_finish() -> None:
    """What the modules made stays: no collection of garbage has to look at it again."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Keep them from here on, and look for garbage less often: a tenth of the time goes into it otherwise."""
    gc.set_threshold(20_000, 20, 50)
    Flask.jinja_options = {"bytecode_cache": KeptTemplates()}
    Rule._compile_builder = keep_routes(Rule._compile_builder)  # type: ignore[method-assign, assignment]
    database.create_engine = KeptSql().create_engine  # type: ignore[attr-defined, assignment]
    Translations.load = keep_catalogues(gettext.find)  # type: ignore[method-assign]
