"""Printed documents: what is on the paper, that nothing comes from outside, that they are made alike each time."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader

from supervision.documents.rules import DocumentKind, DocumentNumber
from supervision.errors import Busy, Refused
from supervision.paths import CJK_FONT
from supervision.settings import Settings
from tests.pdfs import EMBEDDED, fonts_of, read, text_of
from web.design import documents
from web.design.documents import make_document, written_number
from web.language import Language
from web.unit import Application

AT = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # the first of January in the bureau
PLAIN = """{% extends "design/document.html" %}{% import "design/document_parts.html" as paper %}
{% block content %}{{ paper.facts([("姓名", name)]) }}{{ paper.written(text) }}
{{ paper.table(["一", "二"], [["甲", text]] * rows) }}{{ paper.left_out(rows, 2) }}{{ paper.signatures(["签字"]) }}
{{ raw|safe }}{% endblock %}"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"bureau_name": "东城区税务局", "bureau_mark": "东税监"})


@pytest.fixture
def app(app: Application) -> Application:
    app.jinja_env.loader = ChoiceLoader([DictLoader({"plain.html": PLAIN}), app.jinja_env.loader])  # type: ignore[list-item]
    return app


def made(
    app: Application, *, title: str = "责任追究决定书", language: Language | None = None, **data: Any
) -> bytes:
    data = {"name": "王受理", "text": "关于直接接听", "rows": 1, "raw": "", **data}
    with app.test_request_context("/"):
        number = written_number(DocumentNumber(DocumentKind.DISCIPLINE, 2027, 3))
        return make_document("plain.html", title=title, number=number, at=AT, language=language, **data)


def test_a_document_bears_heading_number_date_and_pages(
    app: Application, caplog: pytest.LogCaptureFixture
) -> None:
    pdf = made(app, rows=50)
    text = text_of(pdf)
    for one in (
        "东城区税务局",
        "东税监责〔2027〕3号",
        "责任追究决定书",
        "王受理",
        "2027年1月1日",
        "另有 48 条未打印",
    ):
        assert one in text
    assert len(read(pdf).pages) == 3
    assert "第 1 页，共 3 页" in text
    assert "第 3 页，共 3 页" in text
    assert fonts_of(pdf) == EMBEDDED
    paper = read(pdf).pages[0].mediabox
    assert [round(float(side) / 72 * 25.4) for side in (paper.width, paper.height)] == [210, 297]
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING], "the style is understood"


def test_a_document_says_what_it_is_and_is_the_same_each_time(app: Application) -> None:
    pdf = made(app)
    known = read(pdf).metadata
    assert known is not None
    assert known.title == "责任追究决定书 东税监责〔2027〕3号"
    assert known.author == "东城区税务局"
    assert known.creation_date == AT
    assert read(pdf).trailer["/Root"]["/Lang"] == "zh-CN"  # type: ignore[index]
    assert made(app) == pdf


def test_a_document_for_a_file_is_chinese_whatever_the_reader_speaks(app: Application) -> None:
    with app.test_request_context("/"):
        ours = {"title": "x", "number": "x", "at": AT, "name": "x", "text": "x", "rows": 3, "raw": ""}
        english = text_of(make_document("plain.html", language=Language.ENGLISH, **ours))  # type: ignore[arg-type]
        chinese = text_of(make_document("plain.html", language=Language.CHINESE, **ours))  # type: ignore[arg-type]
    assert "Page 1 of 1" in english
    assert "January 1, 2027" in english
    assert "第 1 页，共 1 页" in chinese


def test_what_a_person_wrote_is_text_and_nothing_else(app: Application) -> None:
    wrote = (
        '<img src="http://127.0.0.1:9/x"></style><b>粗</b>\n{{ 7 * 7 }} "; } @import url(http://127.0.0.1:9/y);'
    )
    text = text_of(made(app, title=wrote, name=wrote, text=wrote))
    assert "<b>粗</b>" in text
    assert "{{ 7 * 7 }}" in text
    assert '<img src="http://127.0.0.1:9/x">' in text


OUTSIDE = (
    '<img src="{url}">',
    '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">',
    "<style>@import url({url});</style>",
    '<style>@font-face {{ font-family: "x"; src: url({url}); }}</style>',
    "<p style='background: url({url})'>x</p>",
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
)


def test_a_template_that_refers_to_something_outside_makes_no_document(app: Application, tmp_path: Path) -> None:
    there = tmp_path / "there.svg"
    there.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text id="a">SECRET</text></svg>')
    outside = there.as_uri(), "http://127.0.0.1:9/x", "data:image/svg+xml,x"
    asked = {f"{url}?{n}": one for n, one in enumerate(OUTSIDE) for url in outside}
    raw = "".join(one.format(url=url) for url, one in asked.items())
    with pytest.raises(RuntimeError, match="something outside") as refused:  # a socket would fail the test, too
        made(app, raw=raw)
    assert not [one for url, one in asked.items() if repr(url) not in str(refused.value)]
    unseen = f'<img src="{there}"><svg width="9" height="9"><use href="{there.as_uri()}#a"/></svg>'
    assert "SECRET" not in text_of(made(app, raw=unseen))


def test_a_font_that_a_setting_names_comes_first(app: Application, settings: Settings) -> None:
    app.extensions["settings"] = settings.model_copy(
        update={"pdf_font": str(CJK_FONT.with_name("NotoSansCJK-Bold.ttc"))}
    )
    assert fonts_of(made(app)) == {"Named-Bold"}


def test_what_is_too_long_is_refused_and_others_wait_their_turn(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="too_long_to_print"):
        made(app, text="长" * documents.LONGEST_HTML)
    monkeypatch.setattr(documents, "LONGEST_WAIT_S", 0)
    with documents._one_at_a_time, pytest.raises(Busy):
        made(app)
