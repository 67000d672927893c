"""The page about the reviewers."""

from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request

from supervision.calls.queries import office_names
from supervision.clock import day_bounds, today
from supervision.evaluations.queries import gather_drift, names_of_reviewers
from supervision.people.rules import Act, may
from web import arguments as given
from web.access import current_actor, current_scope, leaves_evidence, needs
from web.design.chart_files import send_csv
from web.design.navigation import NavItem
from web.drift import wording
from web.drift.presenters import Look
from web.language import lazy_gettext
from web.unit import session

bp = Blueprint("drift", __name__, url_prefix="/drift", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Reviewers"), endpoint="drift.index", act=Act.SEE_DRIFT, icon="scales")]
SHOWN = timedelta(days=90)


@bp.get("/")
@needs(Act.SEE_DRIFT)
def index() -> str:
    """Drift, severity, share heard and time to review, by office and by reviewer, each with its picture."""
    since, until = _days()
    return render_template(
        "drift/index.html", since=since, until=until, looks=_looks(since, until), wording=wording
    )


@bp.get("/figures.csv")
@leaves_evidence
@needs(Act.SEE_DRIFT)
def figures() -> Response:
    """One of the charts as a file."""
    looks = _looks(*_days())
    return send_csv([chart for look in looks for chart in look.charts], looks[0].days)


def _days() -> tuple[date, date]:
    until = given.day(request.args, "to") or today()
    return given.day(request.args, "from") or until - SHOWN, until


def _looks(since: date, until: date) -> list[Look]:
    drift = gather_drift(session(), current_scope(), day_bounds(since)[0], day_bounds(until)[1])
    names = {"office": office_names(session()), "reviewer": names_of_reviewers(session(), drift.reviewers)}
    rows = {"office": drift.offices, "reviewer": drift.reviewers}
    opens = may(current_actor().role, Act.SEE_EVALUATIONS)
    return [Look(since, until, by, rows[by], names[by], opens) for by in rows]
