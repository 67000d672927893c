"""What a chart's picture is drawn from, and its figures as a file that Excel opens."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, request

from supervision.audit.service import note_figures_exported
from supervision.clock import local, now, today
from supervision.errors import NotFound
from web import arguments as given
from web.access import current_actor
from web.design.charts import MOST_DRAWN, Chart, Shape
from web.language import gettext
from web.site import site_name
from web.unit import keep_first

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else


def chart_data(chart: Chart) -> dict[str, Any]:
    """What the script draws. All words are here: it has none of its own."""
    return {
        "shape": chart.shape,
        "title": chart.title,
        "source": chart.source,
        "credit": f"{gettext('Consultation Call Supervision')} · {site_name()} · {local(now()):%Y-%m-%d %H:%M}",
        "file": f"{chart.key}-{today():%Y-%m-%d}.png",
        "unit": chart.unit,
        "digits": chart.digits,
        "signed": chart.signed,
        "from_zero": chart.from_zero or chart.shape in {Shape.BARS, Shape.ROWS},
        "most": 100 if chart.unit == "%" else chart.most,
        "categories": list(chart.categories),
        "series": [
            {
                "name": one.name,
                "values": list(one.values),
                "texts": [chart.written(value) for value in one.values],
                "links": list(one.links),
                "intervals": list(one.intervals),
                "drawn": place < MOST_DRAWN and not one.beside,
                "place": place,
            }
            for one, place in zip(chart.series, chart.places, strict=True)
        ],
        "marks": [
            {"at": list(chart.categories).index(one.category), "label": one.label}
            for one in chart.marks
            if one.category in chart.categories
        ],
        "limits": [{"value": one.value, "label": one.label} for one in chart.limits],
    }


def send_csv(charts: Iterable[Chart], filtered: Mapping[str, str]) -> Response:
    """The chart of a page that `?chart=` names, or its first; that somebody takes it away is written down before.

    For a view that `leaves_evidence`. Raises NotFound for a chart that the page does not have.
    """
    wanted = given.text(request.args, "chart")
    chart = next((one for one in charts if wanted in {"", one.key}), None)
    if chart is None:
        raise NotFound(f"chart {wanted}")
    actor, rows = current_actor(), len(chart.categories)
    keep_first(lambda fresh: note_figures_exported(fresh, actor, chart.key, filtered, rows))
    answer = Response(as_csv(chart), mimetype="text/csv")
    name = f"{chart.key}-{today():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def as_csv(chart: Chart) -> bytes:
    """All figures: a row for each category, a column for each series and for each end of its intervals."""
    file = io.StringIO(newline="")
    write = csv.writer(file)
    write.writerow(as_text(head) for head in (chart.heading, *_heads(chart)))
    for n, category in enumerate(chart.categories):
        write.writerow([as_text(category), *_row_of(chart, n)])
    return f"{BYTE_ORDER_MARK}{file.getvalue()}".encode()


def as_text(value: str) -> str:
    """A text that a spreadsheet takes for a text, and never for a formula: a name may begin like one."""
    return f"'{value}" if value.startswith(FORMULA) else value


def _heads(chart: Chart) -> Iterator[str]:
    for one in chart.series:
        name = f"{one.name} ({chart.unit})" if chart.unit else one.name
        yield name
        if one.intervals:
            yield gettext("%(name)s, at least", name=name)
            yield gettext("%(name)s, at most", name=name)


def _row_of(chart: Chart, n: int) -> Iterator[str]:
    for one in chart.series:
        value = one.values[n]
        yield "" if value is None else chart.number(value)
        if one.intervals:
            ends = one.intervals[n]
            yield from map(chart.number, ends) if ends else ("", "")
