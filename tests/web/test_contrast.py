"""Every colour that text may have stands out from every ground that it may lie on (WCAG 2.2, 1.4.3)."""

import re
from itertools import combinations
from math import dist
from operator import mul
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

SERIES = [f"chart-{n}" for n in range(1, 7)]
# What each person sees of red, green and blue light (Machado, Oliveira, Fernandes 2009).
SIGHTS = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "no green": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "no blue": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
TO_XYZ = ((0.434, 0.376, 0.190), (0.213, 0.715, 0.072), (0.018, 0.109, 0.873))  # each divided by the white's


def themes() -> dict[str, dict[str, str]]:
    """The tokens by day, and by night with what night leaves alone."""
    light, dark = (SHEETS / "tokens.css").read_text("utf-8").split("prefers-color-scheme: dark")
    day = dict(TOKEN.findall(light))
    return {"light": day, "dark": {**day, **dict(TOKEN.findall(dark))}}


def light(colour: str) -> list[float]:
    """How much red, green and blue light."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def luminance(colour: str) -> float:
    red, green, blue = light(colour)
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


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """A colour's place in CIELAB, for somebody's sight."""
    left = [min(1.0, max(0.0, sum(map(mul, row, light(colour))))) for row in SIGHTS[sight]]
    x, y, z = (sum(map(mul, row, left)) for row in TO_XYZ)
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_of_a_chart_stand_out_and_are_told_apart_by_everybody(theme: str) -> None:
    tokens = themes()[theme]
    assert [one for one in SERIES if contrast(tokens[one], tokens["sheet"]) < 3] == []
    alike = [
        (one, other, sight)
        for one, other in combinations(SERIES, 2)
        for sight in SIGHTS
        if dist(seen(tokens[one], sight), seen(tokens[other], sight)) < 20
    ]
    assert alike == []
