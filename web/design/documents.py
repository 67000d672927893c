"""Printed documents: A4 under the bureau's heading, from a template, with the fonts embedded (decision 39).

A template extends `design/document.html` and fills its block `content`; parts that many use are in
`design/document_parts.html`. Whatever a person wrote is escaped as on any page, and nothing is fetched for it.
"""

import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from babel.dates import format_date
from flask import Response, current_app
from markupsafe import Markup

from supervision.clock import local
from supervision.documents.rules import DocumentNumber
from supervision.errors import Busy, Refused, Unavailable
from supervision.paths import CJK_FONT
from supervision.settings import Settings
from web.language import Language, current_language, gettext, speaking
from web.static_files import read_static

MOST_ROWS = 2000  # of a list on paper, which takes about five seconds; a template says what it leaves out
LONGEST_HTML = 1_500_000  # characters: no list of so many rows reaches it
LONGEST_WAIT_S = 30
RETRY_AFTER_S = 10
NAMED_FONT = "document:font"
_one_at_a_time = threading.Lock()


def make_document(
    template: str, *, title: str, number: str, at: datetime, language: Language | None = None, **data: Any
) -> bytes:
    """A document as PDF; the same arguments give the same bytes.

    `template`: a room's own, as `"discipline/decision.html"`. `title`: what it is, as `"责任追究决定书"`,
    or a lazy text. `number`: from `written_number`. `at`: the moment whose date it carries, never "now".
    `language`: Chinese for what goes into a file, else the reader's own. `data`: what the template shows.

        check_ready()
        with own_transaction() as own:  # in a view that only looks; elsewhere in the transaction of the act
            number = written_number(give_number(own, DocumentKind.ASSESSMENT, at))
        pdf = make_document("assessment/month.html", title="…", number=number, at=at, month=month)
        return send_document(pdf, f"assessment_{month:%Y%m}.pdf")

    What has a register of its own needs no number given: `written_number(DocumentNumber(DocumentKind.DISCIPLINE,
    one.year, one.n))`. Making takes from a third of a second to some seconds. Raises Unavailable where font or
    libraries are missing, Busy where others are being made, Refused where it would be too long.
    """
    settings = cast(Settings, current_app.extensions["settings"])
    font, language = _find_font(settings), language or current_language()
    with speaking(language):
        page = gettext("Page %(page)s of %(pages)s", page='" counter(page) "', pages='" counter(pages) "')
        html = current_app.jinja_env.get_template(template).render(
            title=title,
            number=number,
            at=at,
            dated=format_date(local(at), "long", locale=language.value),
            language=language,
            heading=settings.bureau_name or gettext("Consultation Call Supervision"),
            most_rows=MOST_ROWS,
            sheet=_sheet(page, named=bool(settings.pdf_font)),
            **data,
        )
    if len(html) > LONGEST_HTML:
        raise Refused("too_long_to_print")
    return _write(html, font)


def send_document(content: bytes, name: str) -> Response:
    """The answer that brings a document, never kept by the browser; `name` is made of our own codes and days."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype="application/pdf", headers=headers)


def written_number(number: DocumentNumber) -> str:
    """A number as it stands on paper, with this bureau's mark."""
    return number.written(cast(Settings, current_app.extensions["settings"]).bureau_mark)


def check_ready() -> None:
    """Raise Unavailable where font or libraries are missing: asked before a number is given and lost."""
    _find_font(cast(Settings, current_app.extensions["settings"]))
    _load()


def _find_font(settings: Settings) -> Path:
    font = Path(settings.pdf_font) if settings.pdf_font else CJK_FONT
    if not font.is_file():
        raise Unavailable("the font for PDFs is not installed (Debian: fonts-noto-cjk)")
    return font


@cache
def _sheet(page: str, *, named: bool) -> Markup:
    """What `design/document.css` rests on: the colours, a font that a setting names, the page number."""
    tokens = read_static("css/tokens.css").decode().partition("@media")[0]  # paper is light
    face = f'@font-face {{ font-family: "Named"; src: url("{NAMED_FONT}"); }}\n' if named else ""
    return Markup(f'{tokens}{face}@page {{ @bottom-right {{ content: "{page}"; }} }}\n')  # noqa: S704 - all of it ours


def _write(html: str, font: Path) -> bytes:
    """The PDF, of which a process makes one at a time: each takes a whole processor, and memory by its length."""
    weasyprint = _load()
    urls = weasyprint.urls

    refused: list[str] = []

    class OnlyOurs(urls.URLFetcher):  # type: ignore[name-defined, misc]
        """Gives the font that a setting names, and refuses everything else, whatever its scheme."""

        def fetch(self, url: str, _headers: object = None) -> object:
            """Answer."""
            if url == NAMED_FONT:
                return urls.URLFetcherResponse(url, font.read_bytes())
            refused.append(url)
            raise ValueError("a document fetches nothing")

    if not _one_at_a_time.acquire(timeout=LONGEST_WAIT_S):
        raise Busy("documents_are_made", RETRY_AFTER_S)
    try:
        content = cast(bytes, weasyprint.HTML(string=html, url_fetcher=OnlyOurs()).write_pdf())
    finally:
        _one_at_a_time.release()
    if refused:  # without it the document would not be whole
        raise RuntimeError(f"a template of a document refers to something outside of it: {refused}")
    return content


def _load() -> Any:
    """The library, loaded when it is first needed: it takes a second and 100 MB, and few processes need it."""
    try:
        import weasyprint  # noqa: PLC0415
    except OSError as error:
        raise Unavailable("the libraries for PDFs are not installed (Debian: libpangoft2-1.0-0)") from error
    return weasyprint
