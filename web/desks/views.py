"""The desks, one desk with its timeline, and the form that puts somebody there."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.offices.queries import list_desks
from supervision.offices.seating import seat
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_context, current_scope, needs
from web.design.navigation import NavItem
from web.desks.forms import page_links, parse_cursor, parse_seat
from web.desks.page import gather_desk
from web.language import gettext, lazy_gettext
from web.people_copy import people_are_copied, refuse_change
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import session
from web.wording import refusal

bp = Blueprint("desks", __name__, url_prefix="/desks", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Desks"), endpoint="desks.index", act=Act.SEE_DESKS, icon="desk")]


@bp.get("/")
@needs(Act.SEE_DESKS)
def index() -> str:
    """The desks, and who sits there."""
    office = chosen_office(request.args)
    page = list_desks(session(), chosen_scope(request.args), now(), parse_cursor(request.args))
    return render_template(
        "desks/index.html",
        page=page,
        office=office,
        offices=office_names(session()) if shows_offices() else {},
        shows_offices=shows_offices(),
        copied=people_are_copied(),
        **page_links(page, {"office": office} if office else {}),
    )


@bp.get("/<uuid:desk_id>")
@needs(Act.SEE_DESKS)
def show(desk_id: uuid.UUID) -> str:
    """One desk: who sat, sits and will sit there."""
    return render_template("desks/show.html", shown=gather_desk(session(), current_scope(), desk_id), form={})


@bp.post("/<uuid:desk_id>")
@needs(Act.ASSIGN_DESKS)
def assign(desk_id: uuid.UUID) -> ResponseReturnValue:
    """Say who sits there from when on."""
    shown, status = gather_desk(session(), current_scope(), desk_id), 422
    refuse_change()
    try:
        wanted, version = parse_seat(request.form), given.count(request.form, "version") or 0
        seat(current_context(), desk_id, wanted, version=version)
        flash(gettext("The desk's people are changed."))
        return redirect(url_for(".show", desk_id=desk_id), 303)
    except InvalidInput as error:
        problem = refusal(error)
    except (Refused, Conflict) as error:
        problem, status = refusal(error), 409
    return render_template("desks/show.html", shown=shown, form=request.form, problem=problem), status
