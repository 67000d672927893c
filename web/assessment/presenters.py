"""The months of a person or an office as charts: mean score with its interval, share within three rings."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from supervision.assessment.queries import Assessed
from supervision.assessment.rules import NOTHING, Figure, Figures, Period, Span, half_width
from web.assessment import wording
from web.design.charts import Chart, Series, Shape
from web.language import gettext
from web.paging import address

SHOWN_MONTHS = 12
BEST = 100.0
LEAST_COMPARED, MOST_COMPARED = 2, 40
MEANS = "assessment-means"


def months_before(last: date) -> Period:
    """The months that are shown: a year of them, with the last one."""
    months = [last]
    while len(months) < SHOWN_MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return Period("", Span.YEAR, months[::-1])


def month_charts(
    by_month: Mapping[date, Figures], name: str, asked: Mapping[str, str], *, exports: bool
) -> list[Chart]:
    """`asked`: of whom; each value opens into its entries. `exports`: the person may take figures away."""
    months = list(by_month)
    score = Series(
        wording.figure(Figure.SCORE),
        [_mean(by_month[one], Figure.SCORE) for one in months],
        _links(Figure.SCORE, months, asked),
        [_interval(by_month[one]) for one in months],
    )
    share = [_mean(by_month[one], Figure.RINGS) for one in months]
    rings = Series(
        wording.figure(Figure.RINGS),
        [None if one is None else 100 * one for one in share],
        _links(Figure.RINGS, months, asked),
    )
    sure = gettext("in brackets: where the mean of all calls lies in 95 of 100 cases")

    def chart(key: str, series: Series, unit: str, source: str) -> Chart:
        url = address("assessment.figures", {**asked, "chart": key}) if exports else ""
        return Chart(
            key=key,
            title=f"{series.name} · {name}",
            shape=Shape.LINES,
            heading=gettext("Month"),
            categories=[f"{one:%Y-%m}" for one in months],
            series=[series],
            unit=unit,
            source=source,
            digits=1,
            from_zero=False,
            most=100,
            csv_url=url,
        )

    return [
        chart("assessment-score", score, gettext("points"), sure),
        chart("assessment-rings", rings, "%", gettext("Of the answered calls of each month")),
    ]


def means_chart(
    rows: Sequence[Assessed], names: Mapping[str, str], asked: Mapping[str, str], *, exports: bool
) -> Chart | None:
    """Mean scores of offices or people with their intervals, in their order; None where too many are compared."""
    there = [one for one in rows if one.tally(Figure.SCORE).mean is not None]
    if len(there) < LEAST_COMPARED or len(there) > MOST_COMPARED:
        return None
    return Chart(
        key=MEANS,
        title=f"{wording.figure(Figure.SCORE)} · {asked['period']}",
        shape=Shape.POINTS,
        heading=gettext("Office") if there[0].office else gettext("Person"),
        categories=[names.get(one.key, one.key) for one in there],
        series=[
            Series(
                wording.figure(Figure.SCORE),
                [one.tally(Figure.SCORE).mean for one in there],
                intervals=[_interval(one.figures) for one in there],
            )
        ],
        unit=gettext("points"),
        source=gettext("Two whose intervals overlap cannot be told apart by their mean"),
        digits=1,
        from_zero=False,
        most=100,
        csv_url=address("assessment.figures", {**asked, "chart": MEANS}) if exports else "",
    )


def _mean(figures: Figures, figure: Figure) -> float | None:
    return figures.get(figure, NOTHING).mean


def _interval(figures: Figures) -> tuple[float, float] | None:
    score, answered = figures.get(Figure.SCORE, NOTHING), figures.get(Figure.RINGS, NOTHING).n
    width, mean = half_width(score, answered), score.mean
    return None if width is None or mean is None else (max(0.0, mean - width), min(BEST, mean + width))


def _links(figure: Figure, months: Sequence[date], asked: Mapping[str, str]) -> list[str]:
    of_whom = {name: asked[name] for name in ("person", "office") if name in asked}
    asking = [{"figure": figure.value, "month": f"{one:%Y-%m}", **of_whom} for one in months]
    return [address("assessment.entries", one) for one in asking]
