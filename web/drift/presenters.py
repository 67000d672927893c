"""The figures about reviewers, as charts: each bar opens into the evaluations that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervision.evaluations.rules import Figures
from web.design.charts import Chart, Series, Shape
from web.drift import wording
from web.language import gettext
from web.paging import address

SECONDS_A_DAY = 86400


@dataclass(frozen=True)
class Look:
    """The figures of some days by office or by reviewer, with their names; `opens`: evaluations may be seen."""

    since: date
    until: date
    by: str
    rows: Sequence[Figures]
    names: Mapping[str, str]
    opens: bool

    @property
    def days(self) -> dict[str, str]:
        """The days, as an address asks for them."""
        return {"from": self.since.isoformat(), "to": self.until.isoformat()}

    def leads(self, one: Figures, figure: str) -> str:
        """Where a figure leads: an office's are of its own draws, drift of what was judged twice."""
        of_office = {"tier": "office"} if self.by == "office" else {}
        twice = {"rescored": "yes"} if figure == "drift" else {}
        return address("evaluations.index", {self.by: one.key, **self.days, **of_office, **twice})

    @property
    def charts(self) -> list[Chart]:
        """One chart for each figure that any row has."""
        made = [_chart(self, figure) for figure in wording.FIGURES]
        return [one for one in made if not one.is_empty]

    def name(self, one: Figures) -> str:
        """The office's or the reviewer's."""
        return self.names.get(one.key, one.key)


def _chart(look: Look, figure: str) -> Chart:
    values = [(one, wording.value_of(one, figure)) for one in look.rows]
    found = [(one, value * _scale(figure)) for one, value in values if value is not None]
    links = [look.leads(one, figure) if look.opens else "" for one, _ in found]
    key = f"{look.by}-{figure}".replace("_", "-")
    days = gettext("%(first)s to %(last)s", first=look.since, last=look.until)
    return Chart(
        key=key,
        title=f"{wording.figure(figure)} · {wording.by(look.by)}",
        shape=Shape.ROWS,
        heading=wording.row(look.by),
        categories=[look.name(one) for one, _ in found],
        series=[Series(wording.figure(figure), [value for _, value in found], links)],
        unit=wording.unit(figure),
        source=f"{wording.explained(figure)} {days}",
        digits=0 if figure == "heard_share" else 1,
        signed=figure in {"drift", "severity"},
        csv_url=address("drift.figures", {**look.days, "chart": key}),
    )


def _scale(figure: str) -> float:
    """From a figure as it is worked out to its unit."""
    return {"heard_share": 100.0, "waited_s": 1 / SECONDS_A_DAY}.get(figure, 1.0)
