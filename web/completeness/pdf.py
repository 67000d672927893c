"""The certificate as PDF, with its Chinese embedded, so that it opens and prints alike on any computer."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import current_app

from supervision.actor import Actor
from supervision.clock import local
from supervision.errors import Unavailable
from supervision.paths import CJK_FONT
from supervision.reconcile.certificate_rules import canonical_list
from supervision.reconcile.completeness import Completeness
from supervision.settings import Settings
from web.completeness import wording
from web.incidents import wording as incident_wording
from web.language import gettext
from web.wording import role

if TYPE_CHECKING:
    from fpdf import FPDF

SIMPLIFIED_CHINESE = 2  # the place of the simplified face in Debian's collection
INK, FAINT, GOOD, BAD = (23, 32, 42), (96, 108, 118), (20, 108, 67), (176, 42, 42)
LINE = (185, 195, 203)


def as_pdf(made: Completeness, office_name: str, actor: Actor) -> bytes:
    """The certificate: four sums, the verdict, room to sign, what is lacking and why, the hashes."""
    paper = _paper(gettext("Completeness certificate"))
    _head(paper, made, office_name, actor)
    _sums(paper, made)
    _signatures(paper)
    _lacking(paper, made)
    _hashes(paper, made)
    return bytes(paper.output())


def _paper(title: str) -> "FPDF":
    # Loading the library takes a quarter of a second, and few processes ever make a PDF.
    from fpdf import FPDF  # noqa: PLC0415

    class Paper(FPDF):
        """A4 with a number on each page."""

        def footer(self) -> None:
            """Title and page number."""
            self.set_y(-14)
            self.set_font("sans", size=8)
            self.set_text_color(*FAINT)
            text = gettext("Page %(page)s of %(pages)s", page=self.page_no(), pages="{nb}")
            self.cell(w=0, h=6, text=f"{title} · {text}", align="C")

    paper = Paper(format="A4")
    paper.set_margins(18, 16, 18)
    paper.c_margin = 0
    paper.set_auto_page_break(True, margin=18)
    paper.add_font("sans", fname=_font(), collection_font_number=SIMPLIFIED_CHINESE)
    paper.set_title(title)
    paper.set_creator("supervision")
    paper.set_draw_color(*LINE)
    paper.add_page()
    return paper


def _font() -> Path:
    named = cast(Settings, current_app.extensions["settings"]).pdf_font
    font = Path(named) if named else CJK_FONT
    if not font.is_file():
        raise Unavailable("the font for PDFs is not installed (Debian: fonts-noto-cjk)")
    return font


def _line(paper: "FPDF", text: str, size: float = 10, colour: tuple[int, int, int] = INK) -> None:
    paper.set_font("sans", size=size)
    paper.set_text_color(*colour)
    paper.multi_cell(w=0, h=size * 0.56, text=text, align="L", new_x="LMARGIN", new_y="NEXT")


def _head(paper: "FPDF", made: Completeness, office_name: str, actor: Actor) -> None:
    _line(paper, gettext("Completeness certificate of recordings"), 18)
    paper.ln(2)
    by = f"{actor.name} ({role(actor.role)})"
    for name, value in (
        (gettext("Office"), f"{office_name} ({made.office_code})"),
        (gettext("Days covered"), wording.days(made.days)),
        (gettext("Office's facts here until"), wording.received(made.received)),
        (gettext("Issued by"), by),
        (gettext("Issued at"), f"{local(made.at):%Y-%m-%d %H:%M:%S} (UTC+8)"),
    ):
        _line(paper, gettext("%(name)s: %(value)s", name=name, value=value), 10)
    paper.ln(3)


def _sums(paper: "FPDF", made: Completeness) -> None:
    width = paper.epw / 4
    top, left = paper.get_y(), paper.l_margin
    for place, (name, meaning, number) in enumerate(wording.sums(made.found)):
        paper.set_xy(left + place * width, top)
        paper.rect(left + place * width, top, width, 24)
        for text, size, height in ((name, 9, 8), (f"{number:,}", 17, 8), (meaning, 7, 6)):
            paper.set_font("sans", size=size)
            paper.set_text_color(*(FAINT if size < 10 else INK))
            paper.set_x(left + place * width)
            paper.cell(w=width, h=height, text=text, align="C", new_x="LEFT", new_y="NEXT")
    paper.set_xy(left, top + 28)
    _line(paper, wording.verdict(made), 12, GOOD if made.complete else BAD)
    for remark in wording.remarks(made):
        _line(paper, remark, 9, FAINT)
    paper.ln(3)


def _signatures(paper: "FPDF") -> None:
    """Room for a hand and a seal, on the first page however long the lists are."""
    names = gettext("Issued by (signature)"), gettext("Checked by (signature)"), gettext("Seal")
    width, top = paper.epw / len(names), paper.get_y() + 2
    paper.set_font("sans", size=9)
    paper.set_text_color(*FAINT)
    for place, name in enumerate(names):
        left = paper.l_margin + place * width
        paper.set_xy(left, top)
        paper.cell(w=width, h=5, text=name)
        paper.line(left, top + 16, left + width - 6, top + 16)
    paper.set_xy(paper.l_margin, top + 21)


def _lacking(paper: "FPDF", made: Completeness) -> None:
    if not made.found.lacking:
        return
    _line(paper, gettext("Calls that are not proved"), 13)
    for one in made.found.lacking:
        causes = made.reasons.get(one.call_id, ())
        why = "; ".join(incident_wording.cause(cause) for cause in causes) or wording.step_explained(one.step)
        _line(paper, f"{local(one.offered_at):%Y-%m-%d %H:%M:%S}  {one.call_id}", 8)
        text = gettext("%(name)s: %(value)s", name=wording.step(one.step), value=why)
        _line(paper, f"    {text}", 8, FAINT)
    paper.ln(3)


def _hashes(paper: "FPDF", made: Completeness) -> None:
    if not made.found.hashes:
        return
    _line(paper, gettext("Verified calls with the SHA-256 of their audio (PCM)"), 13)
    _line(
        paper,
        gettext(
            "SHA-256 of this list (UTF-8; a line “call hash” for each, sorted, each ended by one LF): %(digest)s",
            digest=made.digest,
        ),
        8,
        FAINT,
    )
    paper.ln(1)
    paper.set_font("sans", size=7)
    paper.set_text_color(*INK)
    for line in canonical_list(made.found).decode().splitlines():
        paper.cell(w=0, h=3.6, text=line, new_x="LMARGIN", new_y="NEXT")
