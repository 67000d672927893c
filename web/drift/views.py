"""The page about the reviewers."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request

from supervision.calls.queries import office_names
from supervision.clock import day_bounds, today
from supervision.evaluations.queries import gather_drift, names_of_reviewers
from supervision.evaluations.rules import Figures
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_scope, needs
from web.design.navigation import NavItem
from web.drift import wording
from web.drift.chart import Chart, chart_of
from web.language import lazy_gettext
from web.paging import address
from web.unit import session

bp = Blueprint("drift", __name__, url_prefix="/drift", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Reviewers"), endpoint="drift.index", act=Act.SEE_DRIFT, icon="scales")]
SHOWN = timedelta(days=90)


@bp.get("/")
@needs(Act.SEE_DRIFT)
def index() -> str:
    """Drift, severity, share heard and time to review, by office and by reviewer, each with its picture."""
    until = given.day(request.args, "to") or today()
    since = given.day(request.args, "from") or until - SHOWN
    drift = gather_drift(session(), current_scope(), day_bounds(since)[0], day_bounds(until)[1])
    offices = office_names(session())
    reviewers = names_of_reviewers(session(), drift.reviewers)
    kept = {"from": since.isoformat(), "to": until.isoformat()}
    return render_template(
        "drift/index.html",
        since=since,
        until=until,
        tables=[
            _table("office", drift.offices, offices, {**kept, "tier": "office"}),
            _table("reviewer", drift.reviewers, reviewers, kept),
        ],
        wording=wording,
    )


def _table(by: str, rows: Sequence[Figures], names: dict[str, str], kept: dict[str, str]) -> dict[str, Any]:
    def leads(one: Figures, figure: str) -> str:
        more = {"rescored": "yes"} if figure == "drift" else {}
        return address("evaluations.index", {by: one.key, **kept, **more})

    return {
        "by": by,
        "rows": [(one, names.get(one.key, one.key), {f: leads(one, f) for f in wording.FIGURES}) for one in rows],
        "charts": [(figure, _chart(figure, rows, names, leads)) for figure in wording.FIGURES],
    }


def _chart(
    figure: str, rows: Sequence[Figures], names: dict[str, str], leads: Callable[[Figures, str], str]
) -> Chart:
    there = [(one, wording.value_of(one, figure)) for one in rows]
    return chart_of(
        [
            (names.get(one.key, one.key), wording.written(figure, value), leads(one, figure), value)
            for one, value in there
            if value is not None
        ]
    )
