"""The start page: what is the person's to do today, in order of urgency, each one click from doing it."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from supervision.actor import Role, Scope
from supervision.calls.queries import CallFilter, list_calls, rows_by_id
from supervision.clock import day_bounds, local, now
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import EvaluationFilter, list_evaluations
from supervision.scorecards.queries import find_in_force
from supervision.today.queries import list_figures, list_todos, month_of, shows_figures
from supervision.today.rules import urgency
from web.access import current_actor, current_scope, signed_in
from web.calls import wording as call_wording
from web.design.navigation import items_for
from web.evaluations import wording as evaluation_wording
from web.home import wording
from web.site import at_headquarters, waits_for_offices
from web.unit import session

bp = Blueprint("home", __name__, template_folder="templates")
LATEST = 5


@bp.get("/")
@signed_in
def index() -> str | Response:
    """At headquarters what waits for the person; on a node the first of his pages, if he has any there."""
    actor, at = current_actor(), now()
    if not at_headquarters():
        items = items_for(actor.role)
        return redirect(url_for(items[0].endpoint), 303) if items else render_template("home/node.html")
    is_officer = actor.role is Role.OFFICER
    latest = _own_evaluations() if is_officer else ()
    return render_template(
        "home/index.html",
        todos=list_todos(session(), actor, at),
        figures=list_figures(session(), day_bounds(month_of(at))[0], at) if shows_figures(actor.role) else [],
        month=month_of(at),
        own_calls=list_calls(session(), current_scope(), CallFilter(), limit=LATEST).rows if is_officer else (),
        latest=latest,
        calls=rows_by_id(session(), current_scope(), [one.call_id for one in latest]),
        grades=find_in_force(session()),
        day=local(at).date(),
        urgency=lambda one: urgency(one.due_on, local(at).date()),
        waits=waits_for_offices() and current_scope() == Scope(),
        call_wording=call_wording,
        evaluation_wording=evaluation_wording,
        wording=wording,
    )


def _own_evaluations() -> Sequence[Evaluation]:
    return list_evaluations(session(), current_scope(), EvaluationFilter(), limit=LATEST).rows
