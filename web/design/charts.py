"""A chart as plain data: the picture, the table beside it and the CSV are all made of this one record.

A page's presenter fills it in; `design/charts.html` shows it, `js/charts/` draws it, `chart_files.py` sends it.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

MOST_DRAWN = 6  # as many colours as are told apart by everybody; more lines are noodles, too


class Shape(enum.StrEnum):
    """How a chart is drawn: lines along time, bars that stand; beside long names bars that lie, or points."""

    LINES = "lines"
    BARS = "bars"
    ROWS = "rows"
    POINTS = "points"


@dataclass(frozen=True)
class Series:
    """One value for each category; None where there is none, and a gap is drawn.

    `links`: where a value opens into what it rests on, empty where nowhere. `intervals`: the least and the most
    that it may be. `beside`: it stands in the table, and is drawn only for whoever asks for it.
    """

    name: str
    values: Sequence[float | None]
    links: Sequence[str] = ()
    intervals: Sequence[tuple[float, float] | None] = ()
    beside: bool = False


@dataclass(frozen=True)
class Mark:
    """A line across the chart at a category, such as the day on which the system went live."""

    category: str
    label: str


@dataclass(frozen=True)
class Limit:
    """A line along the chart at a value, such as what the norm asks for."""

    value: float
    label: str


@dataclass(frozen=True)
class Cell:
    """One cell of the table: a value as it is written, and where it leads."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Table:
    """The chart's table: the head of each column, then each row's own head and cells."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


@dataclass(frozen=True)
class Chart:
    """One chart. `key` names it in addresses and files; `heading` says what the categories are.

    `source`: of what and of which days the figures are; it stands on the picture as well. `digits`: how many are
    written after the point; `signed`: with plus or minus. `from_zero`: lines and points begin at zero, as bars
    always do. `most`: no value can be greater. `turned`: what the series are, if the table has a row for each.

    Raises ValueError where a series is not as long as the others.
    """

    key: str
    title: str
    shape: Shape
    heading: str
    categories: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    source: str = ""
    digits: int = 0
    signed: bool = False
    from_zero: bool = True
    most: float | None = None
    turned: str = ""
    marks: Sequence[Mark] = ()
    limits: Sequence[Limit] = ()
    csv_url: str = ""

    def __post_init__(self) -> None:
        whole = len(self.categories)
        for one in self.series:
            if len(one.values) != whole or any(len(more) not in {0, whole} for more in (one.links, one.intervals)):
                raise ValueError(f"{self.key}: “{one.name}” has not one value for each of {whole} categories")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for one in self.series for value in one.values)

    @property
    def has_links(self) -> bool:
        """Whether any figure of its table opens into something."""
        return any(link for one in self.series for link in one.links)

    @property
    def table(self) -> Table:
        """The table beside the picture."""
        columns = [[self._cell(one, n) for n in range(len(self.categories))] for one in self.series]
        names = [one.name for one in self.series]
        if self.turned:
            return Table([self.turned, *self.categories], list(zip(names, columns, strict=True)))
        rows = [[column[n] for column in columns] for n in range(len(self.categories))]
        return Table([self.heading, *names], list(zip(self.categories, rows, strict=True)))

    @property
    def places(self) -> list[int]:
        """Which colour each series has. The first ones are drawn: the greatest, in their own order."""

        def rank(n: int) -> tuple[bool, float]:
            return self.series[n].beside, -sum(abs(value or 0) for value in self.series[n].values)

        by_size = sorted(range(len(self.series)), key=rank)
        order = [*sorted(by_size[:MOST_DRAWN]), *by_size[MOST_DRAWN:]]
        return [order.index(n) for n in range(len(self.series))]

    def written(self, value: float | None) -> str:
        """A value as it is written, without its unit."""
        return "–" if value is None else self.number(value, signed=self.signed).replace("-", "−")

    def number(self, value: float, *, signed: bool = False) -> str:
        """The same for a machine; never a zero below zero."""
        rounded = round(value, self.digits) + 0.0
        return f"{rounded:{'+' if signed else ''}.{self.digits}f}"

    def _cell(self, series: Series, n: int) -> Cell:
        text = self.written(series.values[n])
        interval = series.intervals[n] if series.intervals else None
        if interval:
            text += f" ({self.written(interval[0])}–{self.written(interval[1])})"
        return Cell(text, series.links[n] if series.links else "")
