"""Bars of one figure, left and right of zero, worked out for an SVG: plain shapes, no script, no library."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, LABEL, ROW = 640, 150, 30
BAR = WIDTH - LABEL - 70


@dataclass(frozen=True)
class Bar:
    """One bar: its name, the figure as written, where it begins, how wide it is, and where it leads."""

    label: str
    text: str
    url: str
    value: float
    x: float
    width: float
    y: int

    @property
    def middle(self) -> int:
        """The base line of its text."""
        return self.y + ROW // 2 + 5


@dataclass(frozen=True)
class Chart:
    """All bars of one figure, and where zero lies."""

    bars: Sequence[Bar]
    zero: float
    height: int
    width: int = WIDTH


def chart_of(rows: Sequence[tuple[str, str, str, float]]) -> Chart:
    """A chart of label, text, address and value, in the order given."""
    lowest = min([0.0, *(value for *_, value in rows)])
    highest = max([0.0, *(value for *_, value in rows)])
    scale = BAR / ((highest - lowest) or 1.0)
    zero = LABEL - lowest * scale
    bars = [
        Bar(label, text, url, value, zero + min(0.0, value) * scale, abs(value) * scale, n * ROW)
        for n, (label, text, url, value) in enumerate(rows)
    ]
    return Chart(bars, zero, max(ROW, len(rows) * ROW))
