"""The start page: what is the person's to do today, in order of urgency, each one click from doing it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template

from supervision.actor import Actor, Role, Scope
from supervision.calls.queries import CallFilter, CallRow, list_calls, office_names, rows_by_id
from supervision.clock import day_bounds, local, now
from supervision.discipline.queries import list_own_appeals
from supervision.evaluations.messages import SentEvaluation, list_copies
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import EvaluationFilter, list_evaluations
from supervision.people.rules import Act, may
from supervision.quotas.rules import urgency_on
from supervision.scorecards.queries import find_in_force
from supervision.today.queries import list_figures, month_of, shows_figures
from web.access import current_actor, current_scope, signed_in
from web.calls import wording as call_wording
from web.contact import contact, other_sites
from web.discipline.wording import appeal_state
from web.evaluations import wording as evaluation_wording
from web.quotas import wording as quota_wording
from web.site import at_headquarters, shows_offices, waits_for_offices
from web.today import wording
from web.today.counts import gather_todos
from web.unit import session

bp = Blueprint("today", __name__, template_folder="templates")
LATEST = 5
APPEALS_OF = timedelta(days=30)


@bp.get("/")
@signed_in
def index() -> str:
    """What waits for the person, at headquarters or at his office's site."""
    return _of_headquarters(current_actor(), now()) if at_headquarters() else _of_node(current_actor(), now())


def _of_headquarters(actor: Actor, at: datetime) -> str:
    is_officer = actor.role is Role.OFFICER
    latest = _own_evaluations() if is_officer else ()
    return render_template(
        "today/index.html",
        todos=gather_todos(actor, at),
        figures=list_figures(session(), day_bounds(month_of(at))[0], at) if shows_figures(actor.role) else [],
        month=month_of(at),
        own_calls=_latest_calls() if is_officer else (),
        own_appeals=list_own_appeals(session(), actor, at - APPEALS_OF) if may(actor.role, Act.APPEAL) else (),
        appeal_state=appeal_state,
        latest=latest,
        calls=rows_by_id(session(), current_scope(), [one.call_id for one in latest]),
        grades=find_in_force(session()),
        offices=office_names(session()) if shows_offices() else {},
        waits=waits_for_offices() and current_scope() == Scope(),
        nothing=wording.nothing(actor.role),
        address=wording.address,
        **_words(at),
    )


def _of_node(actor: Actor, at: datetime) -> str:
    """The same, as far as the node received it; where headquarters' site is, for what is done only there."""
    headquarters, sites = contact(), other_sites(actor.office_code)
    site = sites[0][1] if sites else ""
    goes_there = "" if headquarters and headquarters.away else site
    calls = _latest_calls() if may(actor.role, Act.SEE_CALLS) else ()
    is_officer = actor.role is Role.OFFICER
    latest = _own_copies() if is_officer else []
    return render_template(
        "today/node.html",
        todos=gather_todos(actor, at),
        own_calls=calls if is_officer else (),
        latest=latest,
        calls=rows_by_id(session(), current_scope(), [one.call_id for one in latest]),
        nothing=wording.nothing_at_node(actor.role, any_call=bool(calls)),
        offices={},
        there=wording.done_at_headquarters(actor.role) if headquarters or site else "",
        site=site,
        address=lambda one: wording.address_at_node(one, goes_there),
        **_words(at),
    )


def _words(at: datetime) -> dict[str, Any]:
    """What both pages speak with."""
    today = local(at).date()
    return {
        "day": today,
        "urgency": lambda one: urgency_on(one.due_on, today) if one.due_on else None,
        "call_wording": call_wording,
        "evaluation_wording": evaluation_wording,
        "quota_wording": quota_wording,
        "wording": wording,
    }


def _latest_calls() -> Sequence[CallRow]:
    return list_calls(session(), current_scope(), CallFilter(), limit=LATEST).rows


def _own_evaluations() -> Sequence[Evaluation]:
    return list_evaluations(session(), current_scope(), EvaluationFilter(), limit=LATEST).rows


def _own_copies() -> list[SentEvaluation]:
    page = list_copies(session(), current_scope(), limit=LATEST)
    return [SentEvaluation.model_validate(one.received) for one in page.rows]
