"""Every colour that text may have stands out from every ground that it may lie on (WCAG 2.2, 1.4.3)."""

import re
from pathlib import Path

import pytest

import web

SHEETS = Path(web.__file__).parent / "static" / "css"
TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")

GROUNDS = ("paper", "sheet", "sunk", "hover")
ON_ANY_GROUND = ("ink", "ink-2", "ink-3", "accent", "accent-strong", "good", "warn", "bad", "info")
PAIRS = [
    *((text, ground) for text in ON_ANY_GROUND for ground in GROUNDS),
    *((tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "info")),
    *(("ink", f"{tone}-soft") for tone in ("good", "warn", "bad", "info", "accent")),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("caller", "sheet"),
    ("officer", "sheet"),
]


def themes() -> dict[str, dict[str, str]]:
    """The tokens by day, and by night with what night leaves alone."""
    light, dark = (SHEETS / "tokens.css").read_text("utf-8").split("prefers-color-scheme: dark")
    day = dict(TOKEN.findall(light))
    return {"light": day, "dark": {**day, **dict(TOKEN.findall(dark))}}


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(theme: str) -> None:
    tokens = themes()[theme]
    faint = {pair: round(ratio, 2) for pair in PAIRS if (ratio := contrast(*(tokens[n] for n in pair))) < 4.5}
    assert not faint


def test_sheets_take_their_colours_from_the_tokens() -> None:
    sheets = [sheet for sheet in SHEETS.glob("*.css") if sheet.name != "tokens.css"]
    bare = {
        sheet.name: found
        for sheet in sheets
        if (found := re.findall(r"(?<![-\w])color:\s*+(?!var\(|inherit)[^;]+", sheet.read_text("utf-8")))
    }
    assert not bare
