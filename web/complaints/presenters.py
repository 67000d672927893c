"""A year's complaints as charts, by quarter and by month, with the day on which the system went live (rule 9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supervision.complaints.rules import MonthFigures, QuarterFigures, last_day, quarters_of
from web.complaints import wording
from web.design.charts import Chart, Mark, Series, Shape
from web.language import gettext
from web.paging import address


@dataclass(frozen=True)
class _Span:
    """The chart of quarters, or that of months."""

    key: str
    title: str
    heading: str
    names: Sequence[str]
    rows: Sequence[MonthFigures | QuarterFigures]
    links: Sequence[str] = ()


def complaint_charts(months: list[MonthFigures], kept: Mapping[str, str], *, opens: bool) -> list[Chart]:
    """The quarters and the months of a year; `kept`: what the page was asked for; `opens`: into the register."""
    quarters = quarters_of(months)
    names = [wording.quarter(one.quarter) for one in quarters], [f"{one.month:%Y-%m}" for one in months]
    links = [_register(one, kept) if opens and one.received else "" for one in months]
    spans = (
        _Span("complaints-quarters", gettext("Complaints by quarter"), gettext("Quarter"), names[0], quarters),
        _Span("complaints-months", gettext("Complaints by month"), gettext("Month"), names[1], months, links),
    )
    return [_chart(one, kept) for one in spans]


def _chart(span: _Span, kept: Mapping[str, str]) -> Chart:
    live = gettext("The system went live")
    return Chart(
        key=span.key,
        title=span.title,
        shape=Shape.BARS,
        heading=span.heading,
        categories=span.names,
        series=[
            Series(gettext("Complaints received"), [one.received for one in span.rows], span.links),
            Series(gettext("Upheld"), [one.upheld for one in span.rows]),
        ],
        source=gettext("Complaints of %(year)s, by the day on which they came in", year=kept["year"]),
        marks=[Mark(name, live) for name, one in zip(span.names, span.rows, strict=True) if one.live],
        csv_url=address("complaints.figures", {**kept, "chart": span.key}),
    )


def _register(one: MonthFigures, kept: Mapping[str, str]) -> str:
    days = {"from": one.month.isoformat(), "to": last_day(one.month).isoformat()}
    office = {"office": kept["office"]} if "office" in kept else {}
    return address("complaints.register", {**office, **days})
