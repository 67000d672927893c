"""The weeks of a tendency as a chart: each number opens into its findings."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from supervision.early_signs.queries import By, Trend
from web.design.charts import Chart, Series, Shape
from web.early_signs import wording
from web.language import gettext
from web.paging import address


def trend_chart(found: Trend, by: By, names: Mapping[str, str], kept: Mapping[str, str], *, opens: bool) -> Chart:
    """In how many evaluated calls of each week there was a finding; `kept`: what the page was asked for."""
    leads = _findings(by, kept) if opens else (lambda _key, _week, _number: "")
    rows = [
        Series(
            names.get(key, gettext("Nobody known")),
            numbers,
            links=[leads(key, *one) for one in zip(found.weeks, numbers, strict=True)],
        )
        for key, numbers in sorted(found.rows.items())
    ]
    return Chart(
        key="early-signs",
        title=gettext("Calls with a finding, by week"),
        shape=Shape.LINES,
        heading=gettext("Week"),
        categories=[f"{week:%m-%d}" for week in found.weeks],
        series=[*rows, Series(gettext("Evaluated calls"), found.calls, beside=True)],
        source=gettext(
            "Drawn calls evaluated from %(first)s to %(last)s; a week by its Monday",
            first=found.weeks[0],
            last=_sunday(found.weeks[-1]),
        ),
        turned=wording.by(by),
        csv_url=address("early_signs.figures", kept),
    )


def _sunday(week: date) -> date:
    return week + timedelta(days=6)


def _findings(by: By, kept: Mapping[str, str]) -> Callable[[str, date, int], str]:
    """Where a number leads: the findings of its week and row, in the office and category that were chosen."""

    def leads(key: str, week: date, number: int) -> str:
        if not number:
            return ""
        row = {
            By.OFFICE: {"office": key},
            By.CATEGORY: {"category": key},
            By.PERSON: {"person": "nobody" if key == "None" else key},
        }[by]
        chosen = {name: kept[name] for name in ("office", "category") if name in kept}
        days = {"evaluated_from": week.isoformat(), "evaluated_to": _sunday(week).isoformat()}
        return address("findings.index", {"state": "all", **chosen, **row, **days})

    return leads
