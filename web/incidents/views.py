"""The incidents page, and taking note of one."""

import uuid
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from supervision.calls.queries import office_names, rows_by_id
from supervision.clock import now
from supervision.errors import Conflict, InvalidInput
from supervision.incidents.queries import count_open, get_incident, list_incidents, names_of_seers
from supervision.incidents.service import acknowledge, is_settled
from supervision.machines.service import HEADQUARTERS
from supervision.people.rules import Act, may
from supervision.reconcile import scrub, service
from supervision.today.rules import named_already
from web.access import current_actor, current_context, current_scope, needs
from web.design.navigation import NavItem
from web.incidents import wording
from web.incidents.forms import parse_filter, parse_note
from web.incidents.numbers import found
from web.incidents.page import filter_context
from web.incidents.subjects import about
from web.language import gettext, lazy_gettext
from web.paging import parse_cursor
from web.site import chosen_scope, shows_offices
from web.today.counts import gather_todos
from web.unit import anew, session
from web.wording import refusal

bp = Blueprint("incidents", __name__, url_prefix="/incidents", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Incidents"), endpoint="incidents.index", act=Act.SEE_INCIDENTS, icon="alert")]


@bp.get("/")
@needs(Act.SEE_INCIDENTS)
def index() -> str:
    """The incidents, filtered, page by page."""
    scope, wanted = chosen_scope(request.args), parse_filter(request.args)
    if wanted.unseen:  # what the start page counts: what it names itself is not looked for here
        wanted = replace(wanted, without=named_already(gather_todos(current_actor(), now())))
    page = list_incidents(session(), scope, wanted, parse_cursor(request.args))
    return render_template(
        "incidents/index.html",
        page=page,
        wanted=wanted,
        seers=names_of_seers(session(), page.rows),
        open=count_open(session(), scope),
        comparison=wording.comparison(service.last_run(session()), now()),
        wording=wording,
        found=found,
        **filter_context(session(), page, request.args),
    )


@bp.post("/comparison")
@needs(Act.HANDLE_INCIDENTS)
def compare() -> ResponseReturnValue:
    """Have everything compared at once."""
    service.ask_for_run(session(), current_actor(), now())
    flash(gettext("The worker compares all witnesses now; what disagrees appears here."))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:incident_id>/content")
@needs(Act.HANDLE_INCIDENTS)
def content(incident_id: uuid.UUID) -> ResponseReturnValue:
    """Have the content of the recording that an incident is about looked through at once."""
    incident = get_incident(session(), current_scope(), incident_id)
    scrub.ask(session(), current_actor(), incident.call_id, now())
    flash(gettext("The worker looks through the recording now; what it finds appears among the incidents."))
    return redirect(url_for(".show", incident_id=incident_id), 303)


@bp.get("/<uuid:incident_id>")
@needs(Act.SEE_INCIDENTS)
def show(incident_id: uuid.UUID) -> str:
    """One incident, with the form to take note of it."""
    return _show(session(), incident_id)


@bp.post("/<uuid:incident_id>")
@needs(Act.HANDLE_INCIDENTS)
def note(incident_id: uuid.UUID) -> ResponseReturnValue:
    """Take note of an incident, as it was when the person looked at it."""
    text, version = parse_note(request.form)
    try:
        noted = acknowledge(current_context(), incident_id, note=text, version=version)
    except (InvalidInput, Conflict) as error:
        # What was typed is not lost; what is there now stands beside it.
        shown = _show(anew(), incident_id, typed=text, refused=refusal(error))
        return shown, 422 if isinstance(error, InvalidInput) else 409
    flash(
        gettext("The incident is marked as seen and settled.")
        if is_settled(noted)
        else gettext("The incident is marked as seen.")
    )
    return redirect(url_for(".show", incident_id=incident_id), 303)


def _show(looking: Session, incident_id: uuid.UUID, typed: str | None = None, refused: str = "") -> str:
    incident = get_incident(looking, current_scope(), incident_id)
    row = None
    if incident.call_id is not None and may(current_actor().role, Act.SEE_CALLS):
        row = rows_by_id(looking, current_scope(), [incident.call_id]).get(incident.call_id)
    return render_template(
        "incidents/show.html",
        incident=incident,
        office_name=_where(looking, incident.office_code),
        shows_offices=shows_offices(),
        found=found(incident),
        about=about(incident, row),
        seers=names_of_seers(looking, [incident]),
        wording=wording,
        typed=typed,
        refusal=refused,
    )


def _where(looking: Session, code: str) -> str:
    return gettext("Headquarters") if code == HEADQUARTERS else office_names(looking, [code]).get(code, "")
