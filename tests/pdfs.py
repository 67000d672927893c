"""Reading back a PDF that the site made: its text, and the fonts that it carries with it."""

import io

from pypdf import PdfReader

# The fonts of every document, each embedded with the glyphs that are used.
EMBEDDED = {"Noto-Sans-CJK-SC", "Noto-Serif-CJK-SC-Bold"}


def read(pdf: bytes) -> PdfReader:
    """The document."""
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    """What it says, page by page."""
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def fonts_of(pdf: bytes) -> set[str]:
    """The names of its fonts, without the tag of a subset; a font that is not embedded has `!` before its name."""
    found = set()
    for page in read(pdf).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            tag, _, name = inner["/BaseFont"].lstrip("/").partition("+")
            descriptor = inner["/FontDescriptor"].get_object()
            whole = name and len(tag) == 6 and {"/FontFile2", "/FontFile3"} & descriptor.keys()
            found.add(name if whole else f"!{tag}")
    return found
