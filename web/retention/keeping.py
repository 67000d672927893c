"""Holds, and how long recordings are kept."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.people.queries import names_of
from supervision.people.rules import Act
from supervision.retention import queries
from supervision.retention.queries import list_terms, term_in_force, times_of
from supervision.retention.rules import LONGEST_DAYS, SHORTEST_DAYS, HoldReason, is_held
from supervision.retention.service import place_hold, release_hold, set_term
from web.access import current_context, needs
from web.form_actions import carry_out
from web.language import gettext
from web.paging import page_addresses, parse_cursor
from web.retention import wording
from web.retention.forms import parse_hold, parse_holds, parse_term
from web.unit import session

bp = Blueprint("keeping", __name__, url_prefix="/retention", template_folder="templates")


@bp.get("/holds")
@needs(Act.SEE_RETENTION)
def holds() -> str:
    """The holds; those that hold, unless others are asked for."""
    wanted = parse_holds(request.args, today())
    page = queries.list_holds(session(), wanted, parse_cursor(request.args))
    people = [person for hold in page.rows for person in (hold.placed_by, hold.released_by)]
    return render_template(
        "retention/holds.html",
        page=page,
        wanted=wanted,
        state=request.args.get("state", ""),
        holds=lambda hold: is_held(times_of([hold]), wanted.today),
        holding=queries.count_holding(session(), wanted.today),
        names=names_of(session(), people),
        reasons=[(one.value, wording.hold_reason(one)) for one in HoldReason],
        offices=office_names(session()),
        wording=wording,
        **page_addresses("keeping.holds", page, request.args),
    )


@bp.post("/calls/<uuid:call_id>/hold")
@needs(Act.PLACE_HOLDS)
def hold(call_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a call's recording beyond its time."""

    def act() -> None:
        place_hold(current_context(), call_id, parse_hold(request.form))

    return carry_out(act, gettext("The recording is held."), url_for("calls.show", call_id=call_id))


@bp.post("/holds/<uuid:hold_id>/release")
@needs(Act.PLACE_HOLDS)
def release(hold_id: uuid.UUID) -> ResponseReturnValue:
    """End a hold, with a reason."""
    note = request.form.get("note", "")
    return carry_out(
        lambda: release_hold(current_context(), hold_id, note),
        gettext("The hold is released."),
        url_for(".holds"),
    )


@bp.get("/term")
@needs(Act.SEE_RETENTION)
def term() -> str:
    """How long recordings are kept, and since when."""
    terms = list_terms(session())
    return render_template(
        "retention/term.html",
        terms=terms,
        days=term_in_force(session()),
        version=terms[0].n if terms else 0,
        bounds=(SHORTEST_DAYS, LONGEST_DAYS),
        names=names_of(session(), [one.set_by for one in terms]),
        wording=wording,
    )


@bp.post("/term")
@needs(Act.SET_RETENTION)
def change_term() -> ResponseReturnValue:
    """Set how long recordings are kept, with a reason."""

    def act() -> None:
        days, reason, version = parse_term(request.form)
        set_term(current_context(), days, reason, known_n=version)

    return carry_out(act, gettext("The retention time is set."), url_for(".term"))
